"""The same case at another time, or counted in units of another size."""

from dataclasses import replace
from datetime import timedelta

from autoscaler.core.capacity import Limits, Range, Status
from autoscaler.core.control import Control
from autoscaler.core.decision import Memory
from autoscaler.core.samples import Sample
from autoscaler.core.snapshot import Snapshot


def moved(snapshot: Snapshot, by: timedelta) -> Snapshot:
    """The same snapshot so much later."""
    status, control = snapshot.status, snapshot.control
    return replace(
        snapshot,
        at=snapshot.at + by,
        status=replace(status, changed_at=None if status.changed_at is None else status.changed_at + by),
        recent=tuple(replace(sample, at=sample.at + by) for sample in snapshot.recent),
        drift=snapshot.drift and replace(snapshot.drift, at=snapshot.drift.at + by),
        control=Control(
            override=control.override and replace(control.override, until=control.override.until + by),
            freeze=control.freeze and replace(control.freeze, until=control.freeze.until + by),
        ),
    )


def moved_memory(memory: Memory, by: timedelta) -> Memory:
    """The same memory so much later."""
    return replace(
        memory,
        watching_since=None if memory.watching_since is None else memory.watching_since + by,
        changed_at=None if memory.changed_at is None else memory.changed_at + by,
        shrink_since=None if memory.shrink_since is None else memory.shrink_since + by,
        refused_at=None if memory.refused_at is None else memory.refused_at + by,
    )


def scaled(held: Range, unit: float) -> Range:
    """The same range, counted in units of another size."""
    return replace(held, floor_acu=held.floor_acu * unit, ceiling_acu=held.ceiling_acu * unit)


def _scaled_limits(limits: Limits, unit: float) -> Limits:
    return replace(
        limits,
        min_acu=limits.min_acu * unit,
        max_acu=limits.max_acu * unit,
        step_acu=limits.step_acu * unit,
        low_floor_acu=limits.low_floor_acu * unit,
    )


def _scaled_status(status: Status, unit: float) -> Status:
    return replace(
        status,
        ready_acu=status.ready_acu * unit,
        range=scaled(status.range, unit),
        requested=status.requested and scaled(status.requested, unit),
    )


def _scaled_sample(sample: Sample, unit: float) -> Sample:
    return replace(sample, demand_acu=None if sample.demand_acu is None else sample.demand_acu * unit)


def scaled_memory(memory: Memory, unit: float) -> Memory:
    """The same memory, counted in units of another size."""
    return replace(memory, shrink_wish=memory.shrink_wish and scaled(memory.shrink_wish, unit))


def scaled_snapshot(snapshot: Snapshot, unit: float) -> Snapshot:
    """The same snapshot, counted in units of another size."""
    override = snapshot.control.override
    return replace(
        snapshot,
        limits=_scaled_limits(snapshot.limits, unit),
        status=_scaled_status(snapshot.status, unit),
        recent=tuple(_scaled_sample(sample, unit) for sample in snapshot.recent),
        fleet=snapshot.fleet and replace(snapshot.fleet, blind_growth_acu=snapshot.fleet.blind_growth_acu * unit),
        spending=snapshot.spending
        and replace(
            snapshot.spending,
            highest_demand_acu=None
            if snapshot.spending.highest_demand_acu is None
            else snapshot.spending.highest_demand_acu * unit,
        ),
        drift=snapshot.drift
        and replace(
            snapshot.drift, before=scaled(snapshot.drift.before, unit), after=scaled(snapshot.drift.after, unit)
        ),
        control=replace(snapshot.control, override=override and replace(override, range=scaled(override.range, unit))),
    )
