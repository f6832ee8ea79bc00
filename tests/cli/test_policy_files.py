"""The commands about policy documents."""

import json
from pathlib import Path

import pytest

from autoscaler.config import PolicyDocument
from autoscaler.documents.schema import policy_schema
from tests.cli.conftest import Cli, write

SHOP = (
    "policy: scheduled",
    "settings:",
    "  time_zone: Europe/Berlin",
    "  windows: [{days: daily, floor_acu: 8}]",
    "  freezes: [{direction: shrink, days: sun}]",
)


def test_the_schema_is_printed(cli: Cli) -> None:
    done = cli("policies", "schema")

    assert (json.loads(done.out), done.code, done.err) == (policy_schema(PolicyDocument), 0, "")


def test_every_mistake_of_every_file_is_one_line(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "good.yaml", *SHOP)
    write(tmp_path / "bad.yaml", "policy: reactive", "setings: {}", "limits: {min: 3}")
    done = cli("policies", "validate", "good.yaml", "bad.yaml", "gone.yaml", "preset:dev-test")

    assert done.out.splitlines() == [
        "good.yaml: valid",
        "bad.yaml:2:1: there is no setting 'setings'; did you mean 'settings'?",
        "bad.yaml:3:10: there is no setting 'min'; did you mean 'min_acu'?",
        "no file gone.yaml",
        "preset:dev-test: valid",
    ]
    assert done.code == 2
    assert cli("policies", "validate", "good.yaml").code == 0
    assert [one["valid"] for one in json.loads(cli("policies", "validate", "good.yaml", "-o", "json").out)] == [True]


def test_a_preview_marks_clock_changes_and_freezes(cli: Cli, tmp_path: Path) -> None:
    shop = write(tmp_path / "shop.yaml", *SHOP)
    shown = cli("policies", "preview", shop, "--start", "2026-03-28", "--days", "2")

    assert (shown.code, shown.err) == (0, "")
    assert "shop, Europe/Berlin" in shown.out
    assert shown.out.count("clock goes forward by 1 h") == 2
    saturday, sunday, frozen = shown.out.splitlines()[-3:]
    assert [len(line.split()[3]) for line in (saturday, sunday)] == [48, 46]
    assert frozen.strip() == 46 * "f"


def test_a_preview_is_json_for_programs(cli: Cli, tmp_path: Path) -> None:
    shop = write(tmp_path / "shop.yaml", *SHOP)
    words = ("policies", "preview", shop, "--start", "2026-10-24", "--days", "2", "--time-zone", "UTC", "-o", "json")
    told = json.loads(cli(*words).out)

    assert (told["time_zone"], told["clock_changes"]) == ("UTC", [])
    assert [(one["start"], one["floor_acu"], one["freeze"]) for one in told["bounds"]] == [
        ("2026-10-24T00:00:00+00:00", 0.5, None),
        ("2026-10-24T04:50:00+00:00", 8.0, None),
        ("2026-10-24T17:00:00+00:00", 0.5, None),
        ("2026-10-24T22:00:00+00:00", 0.5, "shrink"),
        ("2026-10-25T05:50:00+00:00", 8.0, "shrink"),
        ("2026-10-25T18:00:00+00:00", 0.5, "shrink"),
        ("2026-10-25T23:00:00+00:00", 0.5, None),
    ]


def test_a_preview_begins_today(cli: Cli) -> None:
    assert len(json.loads(cli("policies", "preview", "native", "-o", "json").out)["bounds"]) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("native", "--time-zone", "Mars"), "time_zone is 'Mars'; give an IANA name"),
        (("native", "--start", "soon"), "--start is 'soon'; give a day such as"),
        (("natve",), "no policy named 'natve'"),
        (("native", "--days", "0"), "Invalid value for '--days'"),
    ],
)
def test_a_preview_of_what_does_not_exist_is_refused(cli: Cli, words: tuple[str, ...], told: str) -> None:
    done = cli("policies", "preview", *words)

    assert (done.code, done.out) == (2, "")
    assert told in done.err


def test_a_preset_is_backtested_by_its_name(cli: Cli, load: Path) -> None:
    told = json.loads(cli("backtest", load, "--policy", "preset:web-application", "-o", "json").out)

    assert told["policy"] == "preset:web-application"
