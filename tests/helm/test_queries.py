"""Alerts and dashboards ask for metrics that a running service really has."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from autoscaler.core.capacity import Phase
from autoscaler.observability.events import ENDS
from autoscaler.observability.ticks import Trouble
from tests.helm.conftest import ALERTS, GOLDEN, ROOT, SETS, objects, queries

RULE_TESTS = sorted(Path(__file__).resolve().parent.glob("alerts*_test.yaml"))
METRICS = ROOT / "tests" / "golden" / "metrics.txt"
# What Prometheus itself puts on the series of a pod.
OF_TARGETS = {"pod", "namespace", "job"}
# Values of labels that come from a closed list.
CHOICES = {
    "condition": {kind.value for kind in ENDS},
    "trouble": {trouble.value for trouble in Trouble},
    "phase": {phase.value for phase in Phase},
    "call": {"status", "metrics", "change"},
}
NAME = re.compile(r"\bautoscaler_[a-z0-9_]+")

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is missing; apt install prometheus"
)


def stories() -> Iterator[dict[str, Any]]:
    """The tests that promtool runs."""
    for path in RULE_TESTS:
        yield from yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]


def exported() -> dict[str, set[str]]:
    """The labels of all series of the service, by name."""
    lines = METRICS.read_text(encoding="utf-8").splitlines()
    return {line.split()[0]: {*re.findall(r"\w+", line.partition("{")[2])} for line in lines}


def rule_objects() -> Iterator[tuple[str, dict[str, Any]]]:
    """The PrometheusRules of all sets of values that have one."""
    for name in SETS:
        for one in objects((GOLDEN / f"{name}.yaml").read_text(encoding="utf-8")):
            if one["kind"] == "PrometheusRule":
                yield name, one["spec"]


@pytest.mark.parametrize(("who", "query"), list(queries()))
def test_every_query_can_be_parsed_and_asks_for_exported_metrics(who: str, query: str) -> None:
    promql_parser.parse(query)
    names = set(NAME.findall(query))
    assert names, who
    assert names - exported().keys() == set()


@needs_promtool
def test_the_alerts_are_good_rules() -> None:
    done = subprocess.run(["promtool", "check", "rules", ALERTS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_the_alerts_fire_when_they_should() -> None:
    done = subprocess.run(["promtool", "test", "rules", *RULE_TESTS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_tested_and_has_a_page_to_turn_to() -> None:
    alerts = {who for who, _ in queries() if ":" not in who}
    fired = {case["alertname"] for one in stories() for case in one["alert_rule_test"] if case["exp_alerts"]}
    silent = {case["alertname"] for one in stories() for case in one["alert_rule_test"] if not case["exp_alerts"]}
    pages = set(
        re.findall(r"^## (\w+)", (ROOT / "docs" / "runbooks.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    assert fired == alerts
    assert silent == alerts
    assert pages == alerts


def test_the_series_of_the_alert_tests_are_those_of_the_service() -> None:
    """Otherwise an alert could be proved on series that nobody exports."""
    known = exported()
    for series in (one["series"] for story in stories() for one in story["input_series"]):
        labels = dict(re.findall(r'(\w+)="(.*?)"', series))
        name = series.partition("{")[0]
        assert set(labels) - OF_TARGETS <= known[name] | {"le"}, series
        for label in CHOICES.keys() & labels.keys():
            assert labels[label] in CHOICES[label], series


@needs_promtool
def test_the_rendered_alerts_are_good_rules_about_their_own_release(tmp_path: Path) -> None:
    """Two releases may be watched by one Prometheus: one that is well must not hide the other."""
    told = dict(rule_objects())
    matchers = {
        "observed": 'namespace="databases",job="main-autoscaler-metrics"',
        "everything": 'namespace="databases",job="monitoring/main-autoscaler"',
    }
    assert told.keys() == matchers.keys()
    for name, spec in told.items():
        file = tmp_path / f"{name}.yaml"
        file.write_text(yaml.safe_dump(spec), encoding="utf-8")
        done = subprocess.run(["promtool", "check", "rules", file], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        for rule in (rule for group in spec["groups"] for rule in group["rules"]):
            asked = NAME.findall(rule["expr"].replace(matchers[name], "@"))
            assert asked
            assert rule["expr"].replace(matchers[name], "@").count("{@") == len(asked), rule["alert"]


def test_only_alerts_that_can_fire_and_are_wanted_are_made() -> None:
    """Without series of clusters there is nothing to ask about one."""
    made = {
        name: {rule["alert"] for group in spec["groups"] for rule in group["rules"]} for name, spec in rule_objects()
    }
    all_of_them = {who for who, _ in queries() if ":" not in who}

    assert all_of_them - made["everything"] == {"AutoscalerFlapping"}
    assert {name for name in made["observed"] if name.startswith("AutoscalerF")} == set()
    assert "AutoscalerManyClusters" in made["observed"]
