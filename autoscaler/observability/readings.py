"""What is shown of each cluster, read off its newest report when somebody asks for the metrics."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import isclose

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric

from autoscaler.core.capacity import Limits, Phase, Status
from autoscaler.core.control import Control, Mode
from autoscaler.core.decision import Decision
from autoscaler.observability.accuracy import Accuracy
from autoscaler.observability.bounds import effective_bounds
from autoscaler.observability.ticks import Tick

# How far ahead a forecast is read, and at which quantiles; each pair is one series of every cluster, so: few.
LEADS_SECONDS = (300, 900, 3600)
LEVELS = (0.5, 0.95)
CLUSTER = "autoscaler_cluster"
LOSS = "Mean pinball loss of the forecasts that lately came due, for the window that begins after the lead."
COVERAGE = "Part of the windows that lately came due whose demand was no higher than the quantile."


@dataclass(slots=True, kw_only=True)
class Shown:
    """A cluster as its latest tick left it, and what lasts longer than a tick."""

    report: Tick
    decision: Decision | None = None
    succeeded_at: datetime | None = None
    scaled_at: datetime | None = None
    accuracy: Accuracy = field(default_factory=lambda: Accuracy(LEADS_SECONDS, LEVELS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A gauge of every cluster; None is unknown and has no series: a zero, or the last value, would be believed."""

    name: str
    about: str
    read: Callable[[Shown], float | None]


def _moment(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()


def _of_status(read: Callable[[Status], float | None]) -> Callable[[Shown], float | None]:
    return lambda shown: None if shown.report.status is None else read(shown.report.status)


def _of_decision(read: Callable[[Decision], float]) -> Callable[[Shown], float | None]:
    return lambda shown: None if shown.decision is None else read(shown.decision)


def _of_limits(read: Callable[[Limits], float]) -> Callable[[Shown], float | None]:
    return lambda shown: None if shown.report.limits is None else read(shown.report.limits)


def _bound(place: int) -> Callable[[Shown], float | None]:
    return lambda shown: None if (bounds := effective_bounds(shown.report)) is None else bounds[place]


def _of_orders(read: Callable[[Control], bool]) -> Callable[[Shown], float | None]:
    return lambda shown: None if shown.report.control is None else float(read(shown.report.control))


def _scaled_at(shown: Shown) -> float | None:
    status = shown.report.status
    return _moment(shown.scaled_at or (None if status is None else status.changed_at))


_TABLE: tuple[tuple[str, str, Callable[[Shown], float | None]], ...] = (
    ("demand_acu", "Demand in the newest usable sample.", lambda shown: shown.report.demand_acu),
    ("ready_acu", "Capacity that is ready now.", _of_status(lambda status: status.ready_acu)),
    ("floor_acu", "Floor in force at the provider.", _of_status(lambda status: status.range.floor_acu)),
    ("ceiling_acu", "Ceiling in force at the provider.", _of_status(lambda status: status.range.ceiling_acu)),
    ("wanted_floor_acu", "Floor of the newest decision.", _of_decision(lambda decision: decision.after.floor_acu)),
    ("wanted_ceiling_acu", "Ceiling of the newest decision.", _of_decision(lambda one: one.after.ceiling_acu)),
    ("min_acu", "Least floor while awake that the owner allows.", _of_limits(lambda limits: limits.min_acu)),
    ("max_acu", "Highest ceiling that the owner allows.", _of_limits(lambda limits: limits.max_acu)),
    ("effective_floor_acu", "Least floor at the moment: after limits, calendar and people's orders.", _bound(0)),
    ("effective_ceiling_acu", "Highest ceiling at the moment: after limits, calendar and people's orders.", _bound(1)),
    (
        "blind_seconds",
        "Age of the newest usable sample beyond its own length.",
        lambda shown: shown.report.blind_seconds,
    ),
    ("paused", "1 while the cluster is paused.", _of_status(lambda status: float(status.phase is Phase.PAUSED))),
    (
        "frozen",
        "1 while the kill switch or a freeze stops changes, in one direction at least.",
        _of_orders(lambda control: bool(control.halted or control.freeze)),
    ),
    (
        "overridden",
        "1 while a person's order stands in place of the policy's wishes.",
        _of_orders(lambda control: control.override is not None),
    ),
    (
        "working_set_acu",
        "Least capacity that was seen to hold the pages in use, where a smaller one was too small.",
        lambda shown: None if (known := shown.report.working_set) is None else known.enough_acu,
    ),
    ("last_success_timestamp_seconds", "When a tick last went well.", lambda shown: _moment(shown.succeeded_at)),
    ("last_scale_timestamp_seconds", "When the provider last took a range.", _scaled_at),
)
GAUGES = tuple(Reading(name=name, about=about, read=read) for name, about, read in _TABLE)


def of_clusters(shown: Mapping[str, Shown]) -> Iterator[Metric]:
    """Every family that has series of each cluster."""
    for gauge in GAUGES:
        family = GaugeMetricFamily(f"{CLUSTER}_{gauge.name}", gauge.about, labels=("cluster",))
        for name, one in shown.items():
            if (value := gauge.read(one)) is not None:
                family.add_metric((name,), value)
        yield family
    yield _forecasts(shown)
    yield from _errors(shown)
    yield from _budgets(shown)
    yield _modes(shown)
    yield _policies(shown)


def _forecasts(shown: Mapping[str, Shown]) -> Metric:
    about = "Quantile of the largest demand from now to the lead."
    family = GaugeMetricFamily(f"{CLUSTER}_forecast_acu", about, labels=("cluster", "lead_seconds", "level"))
    for name, one in shown.items():
        forecast = one.report.forecast
        if forecast is None:
            continue
        for level in (level for level in LEVELS if any(isclose(level, known) for known in forecast.levels)):
            for lead in LEADS_SECONDS:
                peak = forecast.peak_acu(level, one.report.at, lead)
                if peak is not None:
                    family.add_metric((name, str(lead), str(level)), peak)
    return family


def _errors(shown: Mapping[str, Shown]) -> Iterator[Metric]:
    labels = ("cluster", "lead_seconds", "level")
    loss = GaugeMetricFamily(f"{CLUSTER}_forecast_pinball_loss_acu", LOSS, labels=labels)
    coverage = GaugeMetricFamily(f"{CLUSTER}_forecast_coverage_ratio", COVERAGE, labels=labels)
    for name, one in shown.items():
        for (lead, level), error in dict(one.accuracy.errors).items():
            key = name, str(lead), str(level)
            loss.add_metric(key, error.pinball_acu)
            coverage.add_metric(key, error.coverage_fraction)
    yield loss
    yield coverage


def _budgets(shown: Mapping[str, Shown]) -> Iterator[Metric]:
    labels = ("cluster", "period")
    used = GaugeMetricFamily(f"{CLUSTER}_budget_used_ratio", "Part of the budget that is used.", labels=labels)
    about = "Part of the budget that will be used by the end of the period."
    projected = GaugeMetricFamily(f"{CLUSTER}_budget_projected_ratio", about, labels=labels)
    for name, one in shown.items():
        for spent in one.report.spent:
            used.add_metric((name, spent.period), spent.part)
            projected.add_metric((name, spent.period), spent.projected_part)
    yield used
    yield projected


def _modes(shown: Mapping[str, Shown]) -> Metric:
    about = "1 for the mode in force, 0 for the others."
    family = GaugeMetricFamily(f"{CLUSTER}_mode", about, labels=("cluster", "mode"))
    for name, one in shown.items():
        in_force = one.report.control and one.report.control.mode
        for mode in () if in_force is None else Mode:
            family.add_metric((name, mode.value), float(mode is in_force))
    return family


def _policies(shown: Mapping[str, Shown]) -> Metric:
    about = "Which policy decides, its version where it is a stored one, and the number of the cluster's document."
    family = InfoMetricFamily(f"{CLUSTER}_policy", about, labels=("cluster",))
    for name, one in shown.items():
        report = one.report
        if report.policy_name:
            version = "" if report.policy_version is None else str(report.policy_version)
            told = {"policy": report.policy_name, "version": version, "document": str(report.document_id)}
            family.add_metric((name,), told)
    return family
