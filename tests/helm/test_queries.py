"""Alerts and dashboards ask for metrics that a running service really has."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import promql_parser
import pytest
import yaml

from autoscaler.observability.metrics import Metrics
from tests.api.fleet import make_report
from tests.helm.conftest import CHART, ROOT

ALERTS = CHART / "files" / "alerts.yaml"
DASHBOARDS = sorted((CHART / "files" / "dashboards").glob("*.json"))
RULE_TESTS = Path(__file__).resolve().parent / "alerts_test.yaml"
NAME = re.compile(r"\bautoscaler_[a-z0-9_]+")

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is missing; apt install prometheus"
)


def queries() -> Iterator[tuple[str, str]]:
    """Every query with the name of whoever asks it."""
    for group in yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]
    for path in DASHBOARDS:
        for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]:
            for target in panel.get("targets", ()):
                yield f"{path.stem}: {panel['title']}", target["expr"].replace("$cluster", "shop")


def exported() -> set[str]:
    """The names of all series: of a service that is running, and those that the vocabulary says come with trouble."""
    metrics = Metrics(version="test")
    metrics.ticked(make_report())
    running = set(re.findall(r"^([a-z_]+)", metrics.expose()[0].decode(), flags=re.MULTILINE))
    families = set(re.findall(r"^# TYPE ([a-z_]+)", metrics.expose()[0].decode(), flags=re.MULTILINE))
    return running | families


@pytest.mark.parametrize(("who", "query"), list(queries()))
def test_every_query_can_be_parsed_and_asks_for_exported_metrics(who: str, query: str) -> None:
    promql_parser.parse(query)
    names = set(NAME.findall(query))
    assert names, who
    assert names - exported() == set()


@needs_promtool
def test_the_alerts_are_good_rules() -> None:
    done = subprocess.run(["promtool", "check", "rules", ALERTS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_the_alerts_fire_when_they_should(tmp_path: Path) -> None:
    done = subprocess.run(["promtool", "test", "rules", RULE_TESTS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_tested_and_has_a_page_to_turn_to() -> None:
    alerts = {who for who, _ in queries() if ":" not in who}
    tested = {
        case["alertname"] for one in yaml.safe_load(RULE_TESTS.read_text())["tests"] for case in one["alert_rule_test"]
    }
    pages = set(
        re.findall(r"^## (\w+)", (ROOT / "docs" / "runbooks.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    assert tested == alerts
    assert pages == alerts
