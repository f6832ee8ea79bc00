"""Snapshots as a policy sees them, in as few words as a story needs."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from autoscaler.core.capacity import Limits, Phase
from autoscaler.core.cost import Prices
from autoscaler.core.forecast import Forecast
from autoscaler.core.samples import Sample
from autoscaler.core.snapshot import Snapshot
from policies.scheduled import Scheduled
from policies.timetable import DatedWindow
from tests.fakes import MONDAY, WIDE_LIMITS, make_range, make_samples, make_snapshot

ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/Dublin",
    "America/New_York",
    "America/St_Johns",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
)
# An owner who lets nothing pause.
AWAKE_LIMITS = replace(WIDE_LIMITS, may_pause=False)
# The floor of a schedule outside its windows, as told by floor_at.
BASE = "0.5"


def seen(
    *demand_acu: float | None,
    seconds: float = 60.0,
    censored: bool = False,
    floor_acu: float = 0.5,
    ceiling_acu: float = 64.0,
    pause_after_seconds: int | None = None,
    at: datetime = MONDAY,
    limits: Limits = AWAKE_LIMITS,
    phase: Phase = Phase.AVAILABLE,
    forecast: Forecast | None = None,
    throttling_price: float = 20.0,
) -> Snapshot:
    """A cluster with these demands behind it, the newest last; ``censored`` is about the newest one."""
    recent = make_samples(demand_acu, until=at, seconds=seconds)
    if censored:
        recent = (*recent[:-1], replace(recent[-1], censored=True))
    return make_snapshot(
        in_force=make_range(floor_acu, ceiling_acu, pause_after_seconds),
        at=at,
        limits=limits,
        phase=phase,
        recent=recent,
        blind_seconds=0.0 if any(value is not None for value in demand_acu) else float("inf"),
        forecast=forecast,
        prices=Prices(throttling_price=throttling_price),
    )


def forecast_of(
    demand_acu: Mapping[float, tuple[float, ...]],
    *,
    step_seconds: float = 300.0,
    start: datetime = MONDAY,
    model: str = "seasonal-naive",
) -> Forecast:
    """A forecast with these quantile levels; the first window starts now unless told."""
    return Forecast(
        made_at=start,
        start=start,
        step_seconds=step_seconds,
        levels=tuple(demand_acu),
        demand_acu=tuple(demand_acu.values()),
        model=model,
    )


def scaled(snapshot: Snapshot, factor: float) -> Snapshot:
    """The same cluster with every amount of ACU multiplied."""
    limits, in_force, forecast = snapshot.limits, snapshot.status.range, snapshot.forecast
    return replace(
        snapshot,
        limits=replace(
            limits,
            min_acu=limits.min_acu * factor,
            max_acu=limits.max_acu * factor,
            step_acu=limits.step_acu * factor,
        ),
        status=replace(
            snapshot.status,
            ready_acu=snapshot.status.ready_acu * factor,
            range=make_range(in_force.floor_acu * factor, in_force.ceiling_acu * factor, in_force.pause_after_seconds),
        ),
        recent=tuple(_scaled_sample(sample, factor) for sample in snapshot.recent),
        forecast=forecast
        and replace(forecast, demand_acu=tuple(tuple(acu * factor for acu in row) for row in forecast.demand_acu)),
    )


def _scaled_sample(sample: Sample, factor: float) -> Sample:
    return sample if sample.demand_acu is None else replace(sample, demand_acu=sample.demand_acu * factor)


def floor_at(policy: Scheduled, at: datetime) -> str:
    """The floor, or - where the policy knows nothing."""
    advice = policy.advise(seen(at=at))
    return f"{advice.range.floor_acu:g}" if advice.known else "-"


def floors(policy: Scheduled, first: str, last: str) -> list[tuple[str, str]]:
    """Each floor and the UTC minute from which it is asked for; the first one from before the first day."""
    at, end = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (first, last))
    found = [("before", floor_at(policy, at - timedelta(seconds=1)))]
    while at < end + timedelta(days=1):
        floor = floor_at(policy, at)
        if floor != found[-1][1]:
            second_before = at - timedelta(seconds=1)
            assert floor_at(policy, second_before) == found[-1][1]
            found.append((f"{at:%m-%d %H:%M}", floor))
        at += timedelta(minutes=1)
    return found


def on(day: str, start: str, end: str, floor_acu: float = 8.0) -> DatedWindow:
    """A window on one day."""
    return DatedWindow(
        first_day=date.fromisoformat(day),
        last_day=date.fromisoformat(day),
        start=start,
        end=end,
        floor_acu=floor_acu,
    )
