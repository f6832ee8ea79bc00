"""Whole runs of a simulated cluster with a single writer, compiled: a path of ranges as it is, or of wishes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoscaler.core.capacity import Limits, first_above
from autoscaler.core.decision import RuleSettings
from autoscaler.core.floors import FloorRules
from autoscaler.errors import InvalidInput
from autoscaler.simulator.engines import LOW_FLOOR_ACU
from autoscaler.simulator.instance import steady_acu
from autoscaler.simulator.kernel import step
from autoscaler.simulator.kernel.awake import only_capacity_moves
from autoscaler.simulator.kernel.compiling import compiled
from autoscaler.simulator.kernel.loops import RECORDED, TOTALS, Load
from autoscaler.simulator.kernel.physics import Numbers, cache_table, most_connections, physics_of, sleep_of
from autoscaler.simulator.spec import ClusterSpec

# How a compiled function is found by its name; tests pass one that finds the plain ones.
Find = Callable[[str], Callable[..., Any]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RangePath:
    """A range for each turn: floor, ceiling in ACU and pause in seconds (inf: never), each of shape (turns,)."""

    floor_acu: Numbers
    ceiling_acu: Numbers
    pause_after_seconds: Numbers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recording:
    """What happened, each of shape (steps,); wakes, cold hits and what was waited for them are cumulated."""

    floor_acu: Numbers
    ceiling_acu: Numbers
    phase: Numbers
    backlog_acu_seconds: Numbers
    served_acu_seconds: Numbers
    throttled_acu_seconds: Numbers
    capacity_acu: Numbers
    wakes: Numbers
    cold_hits: Numbers
    cold_wait_seconds: Numbers
    pages_read: Numbers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Totals:
    """Sums over the steps of each segment of time, each of shape (segments,)."""

    acu_seconds: Numbers
    throttled_acu_seconds: Numbers
    arrived_acu_seconds: Numbers
    cold_hits: Numbers
    awake_idle_seconds: Numbers
    range_changes: Numbers
    pages_read: Numbers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """A load to run floors against, again and again.

    Args:
        spec: the cluster, without readers; it starts under its own range, settled at the first demand.
        limits: what its owner allows.
        rules: how careful the rules are.
        demand_acu: the demand in each step, (steps,).
        segment: in which row of the totals a step counts, (steps,); below 0 in none.
        blind: whether there is no fresh sample at a turn, (turns,).
        step_seconds: length of a step.
        steps_per_turn: how many steps pass between two decisions.
        segments: how many rows the totals have; left out, as many as ``segment`` names.
    """

    spec: ClusterSpec
    limits: Limits
    rules: RuleSettings
    demand_acu: Numbers
    segment: NDArray[np.int64]
    blind: NDArray[np.bool_]
    step_seconds: float
    steps_per_turn: int
    segments: int | None = None
    find: Find = field(default=compiled)

    def run(self, low_acu: Numbers, high_acu: Numbers, *, floors: Numbers | None = None) -> Totals:
        """What comes of wishing ``max(low, min(floor in force, high))`` at each turn, both of shape (turns,).

        ``floors`` (turns,), where given, is filled with the floor in force after each turn.
        """
        rows = int(self.segment.max()) + 1 if self.segments is None else self.segments
        totals = np.zeros((rows, TOTALS))
        s, queue, cache = _begin(self.spec, float(self.demand_acu[0]), self.step_seconds)
        physics, sleep, rng = _nature(self.spec)
        load = Load(
            demand_acu=self.demand_acu,
            segment=self.segment,
            low_acu=low_acu,
            high_acu=high_acu,
            blind=self.blind,
            steps_per_turn=self.steps_per_turn,
            seconds=self.step_seconds,
        )
        rules, followed = floor_rules(self.rules, self.limits), np.zeros(0) if floors is None else floors
        if only_capacity_moves(s, float(self.demand_acu.max()), physics, sleep):
            self.find("steer_awake")(s, queue, load, rules, physics, totals, followed)
        else:
            ceilings = np.full(2, self.spec.range.ceiling_acu)
            most = most_connections(self.spec.profile, np.array([0.0, self.limits.max_acu]), ceilings)
            self.find("steer")(s, queue, cache, load, most, rules, physics, sleep, rng, totals, followed)
        acu_steps, throttled, arrived, cold, idle_steps, changes, pages_read = totals.T
        return Totals(
            acu_seconds=acu_steps * self.step_seconds,
            throttled_acu_seconds=throttled,
            arrived_acu_seconds=arrived,
            cold_hits=cold,
            awake_idle_seconds=idle_steps * self.step_seconds,
            range_changes=changes,
            pages_read=pages_read,
        )


def follow(
    spec: ClusterSpec,
    path: RangePath,
    demand_acu: Numbers,
    *,
    step_seconds: float,
    steps_per_turn: int,
    find: Find = compiled,
) -> Recording:
    """Let a cluster live through ``demand_acu`` (steps,) while every turn asks for the path's range, as it is.

    A turn's change that the provider is too busy for comes to nothing; the next turn asks again.

    Raises:
        InvalidInput: the cluster has readers.
    """
    recording = np.zeros((len(demand_acu), len(RECORDED)))
    most = most_connections(spec.profile, path.floor_acu, path.ceiling_acu)
    find("follow")(
        *_begin(spec, float(demand_acu[0]), step_seconds),
        demand_acu,
        np.column_stack((path.floor_acu, path.ceiling_acu, path.pause_after_seconds, most)),
        steps_per_turn,
        step_seconds,
        *_nature(spec),
        recording,
    )
    return Recording(**dict(zip(Recording.__slots__, recording.T, strict=True)))


def floor_rules(rules: RuleSettings, limits: Limits) -> FloorRules:
    """The rules' settings and the owner's limits as compiled code takes them."""
    return FloorRules(
        watch_seconds=rules.watch_seconds,
        shrink_wait_seconds=rules.shrink_wait_seconds,
        max_shrink_fraction=rules.max_shrink_fraction,
        change_spacing_seconds=rules.change_spacing_seconds,
        min_acu=limits.min_acu,
        max_acu=limits.max_acu,
        step_acu=limits.step_acu,
        low_floor_acu=LOW_FLOOR_ACU,
        least_lowered_acu=0.0 if limits.consent.low_floor else first_above(limits.low_floor_acu, limits.step_acu),
    )


def _begin(spec: ClusterSpec, demand_acu: float, step_seconds: float) -> tuple[Numbers, Numbers, Numbers]:
    """The cluster's array at its start, its empty queue and the table of its cache."""
    if spec.readers:
        raise InvalidInput(f"{spec.cluster_id} has readers; only a single writer can be run compiled")
    profile, wanted = spec.profile, spec.range
    s = np.zeros(step.PLACES)
    s[step.FLOOR], s[step.CEILING] = wanted.floor_acu, wanted.ceiling_acu
    s[step.PAUSE] = np.inf if wanted.pause_after_seconds is None else wanted.pause_after_seconds
    bounds = np.array([wanted.floor_acu]), np.array([wanted.ceiling_acu])
    s[step.MOST] = s[step.MOST_AT_START] = most_connections(profile, *bounds)[0]
    s[step.BUSY_UNTIL] = s[step.CHANGED_AT] = s[step.LOWERING_UNTIL] = step.NEVER
    steady = steady_acu(
        profile.dynamics,
        demand_acu,
        step_acu=profile.step_acu,
        floor_acu=max(wanted.floor_acu, profile.step_acu),
        ceiling_acu=wanted.ceiling_acu,
    )
    physics, cache = physics_of(profile), cache_table(profile)
    s[step.CAPACITY] = s[step.MEAN] = s[step.PENDING] = s[step.SIZE_BEFORE] = steady
    s[step.TOKENS] = physics.bucket_acu if physics.climbs else 0.0
    s[step.SINCE] = step.LONG_AGO_SECONDS
    s[step.WARM] = min(step.cached_gib(cache, steady), physics.working_set_gib)
    places = int(physics.client_timeout_seconds / step_seconds) + 3
    return s, np.zeros((places, 2)), cache


def _nature(spec: ClusterSpec) -> tuple[Any, Any, np.random.Generator]:
    """The cluster's numbers, and the same chance the simulator draws."""
    profile = spec.profile
    world, _ = np.random.default_rng(spec.seed).spawn(2)
    return physics_of(profile), sleep_of(profile.sleeping, blocked=bool(spec.blockers)), world
