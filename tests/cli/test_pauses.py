"""What sleep saved, on the command line."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from autoscaler.api.app import make_app
from autoscaler.observability.metrics import Metrics
from tests.api.desk import opened_desk
from tests.api.fleet import FakeFleet, make_unread_view, make_view
from tests.api.test_pauses import fill
from tests.cli.conftest import Cli


@asynccontextmanager
async def sleepy_service(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """One on a socket, whose cluster orders slept on Monday; bills was never seen."""
    monkeypatch.setenv("AUTOSCALER_CONTEXTS", str(folder / "none.yaml"))
    fleet = FakeFleet([make_view("orders"), make_unread_view("bills")])
    async with opened_desk(folder) as desk:
        await fill(desk)
        async with TestServer(make_app(fleet, metrics=Metrics(version="test"), desk=desk)) as server:
            monkeypatch.setenv("AUTOSCALER_URL", str(server.make_url("")).rstrip("/"))
            yield


async def test_the_fleet_is_a_table_with_its_sum(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with sleepy_service(tmp_path, monkeypatch):
        done = await asyncio.to_thread(cli, "pauses")

    told = {line.split()[0]: line.split()[1:] for line in done.out.splitlines() if line.startswith(("orders", "all"))}
    numbers = ["2.0", "13.9", "1", "15", "0.96", "-0.06", "1.08"]
    assert (done.code, told) == (0, {"orders": numbers, "all": numbers})


async def test_a_cluster_is_told_of_in_words_and_in_json(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sleepy_service(tmp_path, monkeypatch):
        words = await asyncio.to_thread(cli, "pauses", "orders", "--days", "1")
        as_json = await asyncio.to_thread(cli, "pauses", "orders", "--days", "1", "-o", "json")
        unseen = await asyncio.to_thread(cli, "pauses", "bills")

    told = json.loads("\n".join(line for line in as_json.out.splitlines() if "[debug" not in line))
    assert (words.code, as_json.code, unseen.code) == (0, 0, 0)
    assert words.out.splitlines()[-3:] == [
        "In 1 d: 2.0 h awake and idle, 13.9 h paused, cold hits: 1, 15 s waited.",
        "Left alone with the provider's time-out: 1.0 h awake and idle, cold hits: 4, 61 s waited.",
        "Saved 0.96 USD against never pausing (the clairvoyant 1.08), -0.06 USD against that time-out.",
    ]
    assert (told["cluster_id"], told["days"], told["slept"]["cold_hits"]) == ("orders", 1, 1)
    assert (
        "it has not answered yet\nNothing is known of its sleep: it may not pause, or was not scored yet." in unseen.out
    )


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["nobody"], "autoscaler: no cluster named 'nobody'; there are: bills, orders"),
        (["--days", "0"], "autoscaler: Invalid value for '--days': Input should be greater than or equal to 1."),
    ],
)
async def test_a_mistake_is_one_clear_error(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], problem: str
) -> None:
    async with sleepy_service(tmp_path, monkeypatch):
        done = await asyncio.to_thread(cli, "pauses", *words)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(problem)
