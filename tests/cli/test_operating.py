"""Operators' commands against a service on a real socket."""

import asyncio
import json
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from logging import ERROR
from pathlib import Path

import pytest
import structlog
import yaml

from autoscaler.api.access import Access
from autoscaler.api.app import make_app, serve_app
from autoscaler.observability.metrics import Metrics
from autoscaler.service.access import TokenBook
from autoscaler.service.clock import SystemClock
from autoscaler.storage.access import Tokens
from tests.api.desk import opened_desk
from tests.api.fleet import FakeFleet, make_unread_view, make_view
from tests.cli.conftest import Cli, write
from tests.storage.builders import url_in


async def serve(folder: Path, address: "Future[str]", stop: asyncio.Event) -> None:
    fleet = FakeFleet([make_view("orders"), make_unread_view("bills")])
    async with opened_desk(folder) as desk:
        access = Access(book=TokenBook(Tokens(desk.database), now=SystemClock().now, known_seconds=0))
        app = make_app(fleet, metrics=Metrics(version="test"), desk=desk, access=access)
        async with serve_app(app, port=0) as bound:
            address.set_result(bound.url)
            await stop.wait()


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A locked service in a thread of its own, with its store in the folder."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(ERROR))  # it shares our standard output
    address: Future[str] = Future()
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(tmp_path, address, stop),))
    thread.start()
    yield address.result(timeout=30)
    loop.call_soon_threadsafe(stop.set)
    thread.join(timeout=30)
    loop.close()
    structlog.reset_defaults()


@pytest.fixture
def store(tmp_path: Path) -> str:
    return url_in(tmp_path)


@pytest.fixture
def operator(cli: Cli, url: str, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line with a context and an admin's token."""
    made = cli("tokens", "create", "ada", "--scope", "admin", "--database", store)
    token = write(tmp_path / "token", made.out.strip())
    document = {"current": "here", "contexts": {"here": {"url": url, "token_file": str(token)}}}
    monkeypatch.setenv("AUTOSCALER_CONTEXTS", str(write(tmp_path / "contexts.yaml", yaml.safe_dump(document))))
    for name in ("AUTOSCALER_URL", "AUTOSCALER_TOKEN", "AUTOSCALER_TOKEN_FILE", "AUTOSCALER_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    return cli


def test_clusters_are_listed_and_described(operator: Cli) -> None:
    listed, one = operator("clusters", "get"), operator("clusters", "get", "orders", "-o", "json")
    described = operator("clusters", "describe", "orders")

    assert (listed.code, listed.err) == (0, "")
    assert "orders    predictive   available" in listed.out
    assert "bills     predictive   unknown" in listed.out
    assert json.loads(one.out)["cluster_id"] == "orders"
    assert "mode             recommend" in described.out
    assert "Newest decisions:" in described.out


def test_all_formats_tell_the_same(operator: Cli) -> None:
    as_json, as_yaml = (operator("clusters", "describe", "orders", "-o", kind).out for kind in ("json", "yaml"))

    assert json.loads(as_json)["control"]["mode"] == "recommend"
    assert yaml.safe_load(as_yaml) == json.loads(as_json)


def test_a_cluster_is_steered_and_let_go_again(operator: Cli) -> None:
    given = operator("override", "orders", "--floor", "4", "--ceiling", "32", "--for", "2h")
    frozen = operator("freeze", "orders", "--direction", "shrink", "--until", "2026-03-02T09:00:00Z", "-o", "json")
    ended = operator("override", "orders", "--end", "-o", "yaml")
    mode = operator("mode", "orders", "enforce")

    assert "override     4 to 32 ACU, until 2026-03-02T10:00:00Z, by ada (" in given.out
    assert json.loads(frozen.out)["freeze"]["direction"] == "shrink"
    assert yaml.safe_load(ended.out)["override"] is None
    assert "mode         enforce" in mode.out
    assert {given.code, frozen.code, ended.code, mode.code} == {0}


def test_a_cluster_is_paused_and_woken(operator: Cli) -> None:
    paused = operator("pause", "orders", "--for", "1h", "-o", "json")
    awake = operator("resume", "orders", "--for", "1h", "-o", "json")

    pauses = [json.loads(done.out)["override"]["range"]["pause_after_seconds"] for done in (paused, awake)]
    assert pauses == [300, None]


def test_a_decision_is_explained_and_replayed(operator: Cli) -> None:
    explained, replayed = operator("explain", "orders"), operator("replay", "orders", "1")

    assert "shrink_gently" in explained.out
    assert "policy      reactive (document 1)" in explained.out
    assert "grounds     measured" in explained.out
    assert "fleet       may not shrink, may grow by 12.5 ACU unseen" in explained.out
    assert (replayed.code, replayed.err) == (4, "")
    assert "otherwise: " in replayed.out


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("clusters", "get", "nobody"), 2, "no cluster named 'nobody'; there are: bills, orders (HTTP 404, request "),
        (("override", "orders", "--floor", "4"), 2, "an override needs both --floor and --ceiling, or --end"),
        (("freeze", "orders"), 2, "say when it ends"),
        (("freeze", "orders", "--for", "8d"), 2, "less than or equal to 604800"),
        (("freeze", "orders", "--for", "soon"), 2, "'soon' is no length of time"),
        (("freeze", "orders", "--until", "2026-03-02T09:00"), 2, "has no time zone"),
        (("pause", "bills", "--for", "1h"), 2, "has not told its range yet"),
        (("clusters", "get", "--context", "there"), 2, "no context named 'there'; there are: here"),
        (("clusters", "get", "--url", "http://127.0.0.1:1"), 1, "no answer from http://127.0.0.1:1"),
        (("clusters", "get", "--url", "http://db.example"), 2, "over http everybody could read the token; use https"),
        (("clusters", "get", "--url", "https://me:secret@db.example"), 2, "the URL holds a user or a password"),
        (("clusters", "get", "--url", "nonsense"), 2, "'nonsense' is no address of a service"),
        (("clusters", "get", "--token-file", "/nowhere"), 2, "no token can be read from /nowhere"),
    ],
)
def test_what_goes_wrong_is_one_line_and_an_exit_code(
    operator: Cli, words: tuple[str, ...], code: int, told: str
) -> None:
    done = operator(*words)

    assert (done.code, done.out) == (code, "")
    assert told in done.err
    assert done.err.count("\n") == 1


def test_a_token_that_is_not_good_for_it_is_exit_code_3(
    operator: Cli, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = operator("tokens", "create", "grace", "--database", store).out.strip()
    monkeypatch.setenv("AUTOSCALER_TOKEN", reader)
    refused = operator("mode", "orders", "enforce")
    monkeypatch.setenv("AUTOSCALER_TOKEN", "wrong")
    unknown = operator("clusters", "get")

    assert (refused.code, unknown.code) == (3, 3)
    assert "this needs a token of scope 'admin'; yours is 'read'" in refused.err
    assert reader not in refused.err


def test_tokens_are_listed_rotated_and_revoked(operator: Cli, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (ada,) = json.loads(operator("tokens", "list", "--database", store, "-o", "json").out)
    new = operator("tokens", "rotate", ada["id"], "--keep-old", "1h", "--database", store).out.strip()
    known = json.loads(operator("tokens", "list", "--database", store, "-o", "json").out)
    assert [(one["name"], one["scope"], one["opens"]) for one in known] == [("ada", "admin", True)] * 2
    monkeypatch.setenv("AUTOSCALER_TOKEN", new)
    assert operator("clusters", "get").code == 0

    assert operator("tokens", "revoke", new.split("_")[1], "--database", store).code == 0

    assert operator("clusters", "get").code == 3
    assert "no" in operator("tokens", "list", "--database", store).out
    again = operator("tokens", "rotate", new.split("_")[1], "--database", store)
    assert (again.code, "no token in force named" in again.err) == (2, True)


def test_a_token_is_made_for_the_database_of_a_fleet(cli: Cli, tmp_path: Path) -> None:
    fleet = write(tmp_path / "fleet.yaml", f"database: {url_in(tmp_path / 'new')}", "clusters: []")
    made = cli("tokens", "create", "ada", "--config", fleet)

    assert made.out.startswith("autoscaler_")
    assert made.out.strip() not in made.err
    assert "ada" in cli("tokens", "list", "--config", fleet).out
    assert cli("tokens", "list", "--config", fleet, "--database", "x").code == 2
    assert cli("tokens", "create", "a\nb", "--config", fleet).code == 2


def test_backtests_are_ordered_followed_and_read(operator: Cli, tmp_path: Path) -> None:
    policy = write(tmp_path / "mine.yaml", "name: mine", "policy: reactive")
    ordered = operator("backtests", "run", "--scenario", "e-commerce", "--days", "1", "--policy", policy, "-o", "json")
    listed, got = operator("backtests", "list"), operator("backtests", "get", "1")
    page = operator("backtests", "report", "1", "--out", tmp_path / "report.html")
    late = operator("backtests", "cancel", "1")

    assert (json.loads(ordered.out)["policy"], json.loads(ordered.out)["workload"]) == ("mine", "scenario:e-commerce")
    assert listed.out.splitlines()[-1].split()[:5] == ["1", "done", "scenario:e-commerce", "native", "12.5"]
    assert "acu_hours               12.5" in got.out
    assert (page.code, (tmp_path / "report.html").read_text(encoding="utf-8")) == (0, "<!doctype html><p>done</p>")
    assert (late.code, "has ended already" in late.err) == (2, True)
