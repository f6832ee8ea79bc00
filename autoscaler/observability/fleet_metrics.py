"""The metrics of all clusters as one collector: a tick only leaves its report, and counts."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from math import isfinite

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from autoscaler.core.decision import Decision
from autoscaler.observability.accuracy import Place
from autoscaler.observability.events import Kind
from autoscaler.observability.readings import CLUSTER, COVERAGE, GAUGES, LOSS, Shown, of_clusters
from autoscaler.observability.ticks import Tick, troubles

FLEET = "autoscaler_fleet"
ONE_LASTS = "1 while the condition lasts; one that does not has no series."
# Of the gauges of clusters, those whose sum over the fleet means something.
SUMMED = ("demand_acu", "ready_acu", "floor_acu", "ceiling_acu", "frozen", "overridden")
COUNTERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "ticks": ("Ticks, good and bad.", ()),
    "tick_troubles": ("Ticks that failed, or had no metrics or no fitted forecaster.", ("trouble",)),
    "decisions": ("Decisions, those that change nothing included.", ("direction", "driver", "outcome")),
    "skipped": ("Changes that were wished and not made: by the rule, or the outcome, that stopped them.", ("reason",)),
    "clamped": ("Wishes that a rule changed.", ("reason",)),
}

Lasting = Callable[[], Collection[tuple[str, Kind]]]


class FleetMetrics:
    """A collector of what ticks leave. Counts are kept here, gauges are read off the newest reports."""

    def __init__(self, *, per_cluster: bool = True) -> None:
        """Without ``per_cluster`` there are the sums over the fleet only, whatever the number of clusters."""
        self.lasting: Lasting = frozenset
        self._per_cluster = per_cluster
        self._shown: dict[str, Shown] = {}
        self._counts: dict[str, Counter[tuple[str, ...]]] = {name: Counter() for name in COUNTERS}

    def ticked(self, report: Tick) -> None:
        """Take in a tick that has just ended."""
        name, decision = report.cluster_id, report.decision
        shown = self._shown.get(name)
        if shown is None:
            shown = self._shown[name] = Shown(report=report)
        shown.report = report
        self._counts["ticks"][self._labels(name)] += 1
        for trouble, reason in troubles(report).items():
            self._counts["tick_troubles"][self._labels(name, trouble.value)] += reason is not None
        if report.failed is None:
            shown.succeeded_at = report.at
        shown.accuracy.observe(report.forecast, report.fresh)
        if decision is None:
            return
        shown.decision = decision
        if report.outcome == "applied":
            shown.scaled_at = report.at
        self._count(name, decision, report.outcome or "none")

    def retain(self, cluster_ids: Collection[str]) -> None:
        """Drop every series of a cluster that is none of these: a gone cluster must not look like a calm one."""
        gone = set(self._shown).difference(cluster_ids)
        for name in gone:
            del self._shown[name]
        if gone and self._per_cluster:
            for name, counts in self._counts.items():
                self._counts[name] = Counter({key: count for key, count in counts.items() if key[0] not in gone})

    def collect(self) -> Iterator[Metric]:
        """All families, as the newest ticks left them; may run beside the event loop."""
        shown = dict(self._shown)
        if self._per_cluster:
            yield from of_clusters(shown)
        yield from _of_fleet(shown.values())
        held = {(name, kind.value) for name, kind in self.lasting() if name in shown}
        if self._per_cluster:
            yield _gauge(CLUSTER, "condition", ONE_LASTS, ("cluster", "condition"), ((key, 1) for key in held))
        counted = Counter((condition,) for _, condition in held)
        yield _gauge(FLEET, "conditions", "Clusters by condition.", ("condition",), counted.items())
        for name, (about, labels) in COUNTERS.items():
            family = CounterMetricFamily(f"autoscaler_{name}", about, labels=self._labels("cluster", *labels))
            for key, count in dict(self._counts[name]).items():
                family.add_metric(key, count)
            yield family

    def _count(self, name: str, decision: Decision, outcome: str) -> None:
        self._counts["decisions"][self._labels(name, direction(decision), decision.driver, outcome)] += 1
        for step in decision.steps:
            self._counts["clamped"][self._labels(name, step.rule)] += 1
        reason = skip_reason(decision, outcome)
        if reason is not None:
            self._counts["skipped"][self._labels(name, reason)] += 1

    def _labels(self, cluster_id: str, *others: str) -> tuple[str, ...]:
        return (cluster_id, *others) if self._per_cluster else others


def direction(decision: Decision) -> str:
    """Which way a decision changes a range: grow, shrink, both or none."""
    grows, shrinks = decision.after.grows(decision.before), decision.after.shrinks(decision.before)
    if grows and shrinks:
        return "both"
    return "grow" if grows else "shrink" if shrinks else "none"


def skip_reason(decision: Decision, outcome: str) -> str | None:
    """Why a change that was wished was not made: a rule's name, or what became of the decision; None: it was."""
    if decision.changes:
        return None if outcome == "applied" else outcome
    return decision.driver if decision.wish != decision.before else None


def _of_fleet(shown: Iterable[Shown]) -> Iterator[Metric]:
    """Sums, so that a large fleet can be watched without series of each cluster."""
    shown = tuple(shown)
    for gauge in (gauge for gauge in GAUGES if gauge.name in SUMMED):
        values = [value for one in shown if (value := gauge.read(one)) is not None and isfinite(value)]
        yield GaugeMetricFamily(f"{FLEET}_{gauge.name}", f"{gauge.about[:-1]}, over all clusters.", value=sum(values))
    phases = Counter((one.report.status.phase.value if one.report.status else "unknown",) for one in shown)
    modes = Counter((one.report.control.mode.value,) for one in shown if one.report.control)
    yield _gauge(FLEET, "clusters", "Clusters by phase.", ("phase",), phases.items())
    yield _gauge(FLEET, "clusters_by_mode", "Clusters by mode.", ("mode",), modes.items())
    yield from _mean_errors(shown)


def _mean_errors(shown: Iterable[Shown]) -> Iterator[Metric]:
    found: dict[Place, list[tuple[float, float]]] = {}
    for one in shown:
        for place, error in dict(one.accuracy.errors).items():
            found.setdefault(place, []).append((error.pinball_acu, error.coverage_fraction))
    for number, (name, about) in enumerate((("pinball_loss_acu", LOSS), ("coverage_ratio", COVERAGE))):
        means = [
            ((str(lead), str(level)), sum(error[number] for error in errors) / len(errors))
            for (lead, level), errors in found.items()
        ]
        told = f"{about[:-1]}; mean over the clusters."
        yield _gauge(FLEET, f"forecast_{name}", told, ("lead_seconds", "level"), means)


def _gauge(
    of: str, name: str, about: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"{of}_{name}", about, labels=labels)
    for key, value in values:
        family.add_metric(key, value)
    return family
