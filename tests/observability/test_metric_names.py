"""The names, types and labels of all metrics are pinned: alerts and dashboards of others are built on them."""

import os
from dataclasses import replace
from pathlib import Path

from autoscaler.core.control import NO_CONTROL
from autoscaler.core.cost import Prices
from autoscaler.core.tally import Tally
from autoscaler.observability.events import Kind
from autoscaler.observability.metrics import Metrics
from autoscaler.service.feed import Feed
from autoscaler.service.savings import saving_of
from autoscaler.storage.scores import LEFT_ALONE
from policies.reactive import Reactive
from tests.api.fleet import HIGH, make_decision, make_report
from tests.fakes import WIDE_LIMITS, later, make_samples

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "metrics.txt"
HOW = """The metrics are not as tests/golden/metrics.txt says. Others build on them: a removed or renamed one breaks
their alerts. When the change is meant, look at the difference, refresh the file, and commit both together:

    REFRESH_GOLDEN=1 .venv/bin/pytest tests/observability/test_metric_names.py && git diff tests/golden/metrics.txt
"""
# What the client library adds depends on the system.
FOREIGN = "process_"


def full_metrics(*, per_cluster: bool = True) -> Metrics:
    """With something to show in every family."""
    metrics = Metrics(version="test", per_cluster=per_cluster)
    metrics.configured({"digest": "abc"})
    metrics.calls.called("status", "ok", 0.1)
    feed = Feed()
    metrics.follow_events(feed)
    feed.follow(Kind.BLIND, True, "no metrics", cluster_id="orders")
    metrics.notes.notifications = lambda: {("on-call", "sent"): 1}
    full = make_report(
        control=NO_CONTROL,
        limits=WIDE_LIMITS,
        policy=Reactive(),
        policy_name="reactive",
        decision=make_decision(after=HIGH),
        outcome="refused",
    )
    metrics.saved.take([saving_of("orders", {LEFT_ALONE: Tally(acu_hours=3.0)}, Prices())])
    metrics.ticked(full)
    metrics.ticked(replace(full, fresh=make_samples([4.0] * 120, until=later(7200))))
    return metrics


def described(metrics: Metrics) -> str:
    lines = set()
    for family in metrics.registry.collect():
        for sample in family.samples if not family.name.startswith(FOREIGN) else ():
            labels = ", ".join(sorted(set(sample.labels) - {"le"}))
            lines.add(f"{sample.name} ({family.type}) {{{labels}}}")
    return "\n".join(sorted(lines)) + "\n"


def test_the_metrics_are_the_pinned_ones() -> None:
    text = described(full_metrics())
    if os.environ.get("REFRESH_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert GOLDEN.read_text(encoding="utf-8") == text, HOW


def test_without_series_of_clusters_the_sums_are_left() -> None:
    text = described(full_metrics(per_cluster=False))

    assert "cluster" not in {
        label for line in text.splitlines() for label in line.partition("{")[2].strip("}").split(", ")
    }
    assert "autoscaler_fleet_demand_acu (gauge) {}" in text
    assert "autoscaler_decisions_total (counter) {direction, driver, outcome}" in text
    assert "autoscaler_fleet_conditions (gauge) {condition}" in text
    assert "autoscaler_cluster_" not in text
