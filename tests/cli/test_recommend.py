"""`autoscaler recommend`: what it refuses, and what it prints of a finding."""

import json
from pathlib import Path

import pytest

from autoscaler.cli import recommend as command
from tests.backtest.advice import ADVICE
from tests.cli.conftest import Cli


def test_a_trace_that_is_too_short_is_told_with_what_is_there(cli: Cli, load: Path) -> None:
    done = cli("recommend", load)
    assert (done.code, done.out) == (2, "")
    assert "load.csv has 0.1 days of history; at least 4 whole days are needed" in done.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "nothing to advise about"),
        (("scenario:e-commerce", "--region", "mars-1"), "no region with known prices named 'mars-1'"),
        (("shop", "--today-acu", "4", "--region", "eu-west-1"), "--today-acu, --region: a cluster of the service has"),
        (("--all", "--min-acu", "4"), "--min-acu: a cluster of the service has"),
    ],
)
def test_what_cannot_be_asked_is_refused(cli: Cli, words: tuple[str, ...], told: str) -> None:
    done = cli("recommend", *words)
    assert (done.code, done.out) == (2, "")
    assert told in done.err


def test_a_folder_without_traces_is_refused(cli: Cli, tmp_path: Path) -> None:
    assert f"the folder {tmp_path} holds no trace" in cli("recommend", tmp_path).err


def test_one_is_told_in_full_and_a_fleet_as_a_ranking(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    command._show([ADVICE], [], "<p>page</p>", page, "table")
    alone = capsys.readouterr().out
    command._show([ADVICE, ADVICE], [], "", None, "table")
    fleet = capsys.readouterr().out
    command._show([ADVICE], [], "", None, "json")
    document = json.loads(capsys.readouterr().out)

    assert "auto (best)" in alone
    assert "As a static range: 1 to 8 ACU." in alone
    assert page.read_text() == "<p>page</p>"
    assert fleet.count("orders") == 2
    assert (document["clusters"][0]["best"], document["left_out"]) == ("auto", [])
