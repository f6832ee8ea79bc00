"""A cluster's profile as the flat numbers that compiled code takes."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autoscaler.simulator.engines import (
    BUFFER_GIB,
    LARGE_BUFFER_GIB_PER_ACU,
    LOW_FLOOR_ACU,
    max_connections,
    pages_per_gib,
)
from autoscaler.simulator.profiles import Climbing, Profile, Resizing, Sleeping

Numbers = NDArray[np.float64]


class Physics(NamedTuple):
    """What moves an instance; names and units are the profile's. Of the two dynamics one plays no part."""

    climbs: bool
    target_utilization: float
    bucket_acu: float
    refill_acu_per_second: float
    refill_per_acu: float
    descent_delay_per_acu_seconds: float
    shortest_descent_delay_seconds: float
    longest_descent_delay_seconds: float
    halving_spacing_seconds: float
    resize_seconds: float
    shrink_after_seconds: float
    shrink_spacing_seconds: float
    shrink_below_utilization: float
    doubling: bool
    missed_scaling_points_fraction: float
    scaling_point_timeout_seconds: float
    step_acu: float
    floor_jumps: bool
    client_timeout_seconds: float
    idle_connections: float
    connections_per_acu: float
    working_set_gib: float
    refill_gib_per_second: float
    cold_penalty: float
    pages_per_acu_second: float
    pages_per_gib: float
    busy_seconds: float
    lowering_gives_up_seconds: float


class Sleep(NamedTuple):
    """How it pauses and resumes; ``resume_acu`` is NaN where it comes back at the size it had."""

    may_pause: bool
    pausing_seconds: float
    resume_median_seconds: float
    resume_sigma: float
    deep_after_seconds: float
    deep_resume_median_seconds: float
    deep_resume_least_seconds: float
    resume_acu: float
    awake_after_admin_seconds: float


def physics_of(profile: Profile) -> Physics:
    """The numbers of a profile."""
    climbing = profile.dynamics if isinstance(profile.dynamics, Climbing) else Climbing()
    resizing = profile.dynamics if isinstance(profile.dynamics, Resizing) else Resizing()
    return Physics(
        climbs=isinstance(profile.dynamics, Climbing),
        target_utilization=profile.dynamics.target_utilization,
        bucket_acu=climbing.bucket_acu,
        refill_acu_per_second=climbing.refill_acu_per_second,
        refill_per_acu=climbing.refill_per_acu,
        descent_delay_per_acu_seconds=climbing.descent_delay_per_acu_seconds,
        shortest_descent_delay_seconds=climbing.shortest_descent_delay_seconds,
        longest_descent_delay_seconds=climbing.longest_descent_delay_seconds,
        halving_spacing_seconds=climbing.halving_spacing_seconds,
        resize_seconds=resizing.resize_seconds,
        shrink_after_seconds=resizing.shrink_after_seconds,
        shrink_spacing_seconds=resizing.shrink_spacing_seconds,
        shrink_below_utilization=resizing.shrink_below_utilization,
        doubling=resizing.doubling,
        missed_scaling_points_fraction=resizing.missed_scaling_points_fraction,
        scaling_point_timeout_seconds=resizing.scaling_point_timeout_seconds,
        step_acu=profile.step_acu,
        floor_jumps=profile.changing.floor_jumps,
        client_timeout_seconds=profile.client_timeout_seconds,
        idle_connections=float(profile.connecting.idle),
        connections_per_acu=profile.connecting.per_acu,
        working_set_gib=profile.caching.working_set_gib,
        refill_gib_per_second=profile.caching.refill_gib_per_second,
        cold_penalty=profile.caching.cold_penalty,
        pages_per_acu_second=profile.caching.pages_per_acu_second,
        pages_per_gib=pages_per_gib(profile.connecting.engine),
        busy_seconds=profile.changing.busy_seconds,
        lowering_gives_up_seconds=profile.changing.lowering_gives_up_seconds,
    )


def sleep_of(sleeping: Sleeping, *, blocked: bool) -> Sleep:
    """The numbers of a sleep; ``blocked`` where something switched on keeps the cluster awake."""
    return Sleep(
        may_pause=sleeping.may_pause and not blocked,
        pausing_seconds=sleeping.pausing_seconds,
        resume_median_seconds=sleeping.resume_median_seconds,
        resume_sigma=sleeping.resume_sigma,
        deep_after_seconds=sleeping.deep_after_seconds,
        deep_resume_median_seconds=sleeping.deep_resume_median_seconds,
        deep_resume_least_seconds=sleeping.deep_resume_least_seconds,
        resume_acu=np.nan if sleeping.resume_acu is None else sleeping.resume_acu,
        awake_after_admin_seconds=sleeping.awake_after_admin_seconds,
    )


def cache_table(profile: Profile) -> Numbers:
    """Capacity in ACU and cache in GiB, one row a corner, the last one far above every capacity; shape (corners, 2)."""
    rows = BUFFER_GIB[profile.connecting.engine]
    acu, gib = rows[-1]
    far = 1e6
    return np.array([*rows, (acu + far, gib + LARGE_BUFFER_GIB_PER_ACU * far)])


def most_connections(profile: Profile, floor_acu: Numbers, ceiling_acu: Numbers) -> Numbers:
    """How many connections an instance takes that starts under each of these ranges."""
    engine = profile.connecting.engine
    # All that counts of a floor is whether it is a low one.
    pairs = list(zip(np.where(floor_acu <= LOW_FLOOR_ACU, 0.0, 1.0).tolist(), ceiling_acu.tolist(), strict=True))
    known = {pair: float(max_connections(engine, max_acu=pair[1], floor_acu=pair[0])) for pair in set(pairs)}
    return np.array([known[pair] for pair in pairs])
