"""Snapshots as a policy sees them, in as few words as a story needs."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from autoscaler.core.capacity import Limits, Phase
from autoscaler.core.cost import Prices
from autoscaler.core.forecast import Forecast
from autoscaler.core.samples import Sample
from autoscaler.core.snapshot import Snapshot
from tests.fakes import MONDAY, WIDE_LIMITS, make_range, make_samples, make_snapshot


def seen(
    *demand_acu: float | None,
    seconds: float = 60.0,
    censored: bool = False,
    floor_acu: float = 0.5,
    ceiling_acu: float = 64.0,
    pause_after_seconds: int | None = None,
    at: datetime = MONDAY,
    limits: Limits = WIDE_LIMITS,
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
