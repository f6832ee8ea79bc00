"""The kinds of serverless clusters there are.

Confidence of each number: [D] documented by the provider, [M] measured by somebody, [I] inferred, so a
parameter to check on a real cluster.
"""

from collections.abc import Mapping
from dataclasses import replace

from autoscaler.errors import UnknownName
from autoscaler.simulator.traits import (
    UNBOUNDED,
    Caching,
    Changing,
    Climbing,
    Connecting,
    Failing,
    Measuring,
    Profile,
    Resizing,
    Sleeping,
)

__all__ = [
    "PROFILES",
    "UNBOUNDED",
    "Caching",
    "Changing",
    "Climbing",
    "Connecting",
    "Failing",
    "Measuring",
    "Profile",
    "Resizing",
    "Sleeping",
    "find_profile",
]

AURORA_V2 = Profile(name="aurora-v2", title="Aurora Serverless v2, platform version 2")
AURORA_V2_PLATFORM_4 = replace(
    AURORA_V2,
    name="aurora-v2-platform-4",
    title="Aurora Serverless v2, platform version 4",
    # [M, weak] "up to 12 ACU within a second"; twice the refill: "45 % faster" than platform 3 [D]
    dynamics=Climbing(bucket_acu=12.0, refill_acu_per_second=0.096),
)
AURORA_V1 = Profile(
    name="aurora-v1",
    title="Aurora Serverless v1 (ended in 2025): doubling steps, cooldowns, scaling points",
    step_acu=1.0,  # [D] 1, 2, 4 … for MySQL; a bound off that ladder is taken as one more rung
    largest_acu=384.0,  # [D] PostgreSQL; MySQL 256
    dynamics=Resizing(
        target_utilization=0.7,  # [D] up above 70 % CPU; above 90 % of the connections, too, which is left out here
        resize_seconds=45.0,  # [M] 30-60 s
        shrink_after_seconds=310.0,  # [D]
        shrink_spacing_seconds=900.0,  # [D] 15 minutes after the last scaling
        shrink_below_utilization=0.3,  # [D] down below 30 % CPU
        doubling=True,
        missed_scaling_points_fraction=0.1,  # [I]
    ),
    sleeping=Sleeping(
        resume_median_seconds=25.0,  # [M] 10 s to 1 minute
        deep_after_seconds=604_800.0,  # [D] after 7 days it may have to be restored from a snapshot
        deep_resume_median_seconds=60.0,  # [I]
        resume_acu=None,  # [D] at the same capacity
        awake_after_admin_seconds=0.0,  # [I] no such rule is documented for v1
    ),
)
NEON_LIKE = Profile(
    name="neon-like",
    title="Fast autoscaling on an existing host, half-second resumes (1 ACU stands for 1 compute unit)",
    step_acu=0.25,  # [D]
    least_ceiling_acu=0.25,
    largest_acu=UNBOUNDED,
    dynamics=Climbing(
        target_utilization=0.9,  # [D] load target of the open-source rule
        bucket_acu=64.0,  # [I] any size at once while the host has room
        refill_acu_per_second=8.0,  # [I]
        descent_delay_per_acu_seconds=0.0,
        shortest_descent_delay_seconds=60.0,  # [I] the five-minute load average holds it up
        longest_descent_delay_seconds=60.0,
        halving_spacing_seconds=0.0,  # [I]
    ),
    sleeping=Sleeping(
        pausing_seconds=1.0,  # [I]
        resume_median_seconds=0.5,  # [D] "median < 500 ms"
        deep_after_seconds=UNBOUNDED,
        resume_acu=1.0,  # [I]
        awake_after_admin_seconds=300.0,  # [I] no such rule; it suspends after five idle minutes [D]
    ),
    changing=Changing(busy_seconds=0.0),  # [I]
)
# Set from outside: no provider's bounds, and a restart does not change the size.
SIZED_15S = Profile(
    name="sized-15s",
    title="A sized cluster: each resize takes 15 seconds",
    least_ceiling_acu=0.5,
    largest_acu=UNBOUNDED,
    dynamics=Resizing(),
    sleeping=Sleeping(resume_acu=None),
)
SIZED_15MIN = replace(
    SIZED_15S,
    name="sized-15min",
    title="A sized cluster: each resize takes 15 minutes",
    dynamics=Resizing(resize_seconds=900.0, shrink_after_seconds=900.0, shrink_spacing_seconds=900.0),
)
LOCAL_POSTGRES = Profile(
    name="local-postgres",
    title="The PostgreSQL on this machine, sized by a cgroup (`autoscaler local up`)",
    least_ceiling_acu=0.5,
    largest_acu=UNBOUNDED,
    # [M] by `python -m benchmarks.local_postgres`, whose figures are in docs/local.md.
    dynamics=Resizing(
        resize_seconds=0.1,  # [M] a quota is written in 0.5 ms, and throughput has followed within 100 ms
        shrink_after_seconds=15.0,  # ours to choose: nothing but the page cache is lost
        shrink_spacing_seconds=10.0,  # ours
    ),
    sleeping=Sleeping(
        shortest_pause_seconds=1,
        pausing_seconds=0.2,  # [M] of which a client would wait; the checkpoint comes before
        resume_median_seconds=0.18,  # [M] 60 cold starts, from the client's call to its first row
        resume_sigma=0.3,  # [M] 0.18 to 0.47, on a busy machine
        deep_after_seconds=UNBOUNDED,
        resume_acu=None,
        awake_after_admin_seconds=0.0,
    ),
    caching=Caching(
        refill_gib_per_second=0.04,  # [M] 103 to 129 MiB in 3 s after a shrink, with some 25 range scans a second
        cold_penalty=0.0,  # [M] of processor time; reads that wait for the disk cost none
    ),
    changing=Changing(busy_seconds=0.0),
    measuring=Measuring(period_seconds=15.0, delay_seconds=0.0),
)

PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (AURORA_V2, AURORA_V2_PLATFORM_4, AURORA_V1, NEON_LIKE, SIZED_15S, SIZED_15MIN, LOCAL_POSTGRES)
}


def find_profile(name: str) -> Profile:
    """The profile of that name.

    Raises:
        UnknownName: there is none; the message lists those that exist.
    """
    try:
        return PROFILES[name]
    except KeyError:
        raise UnknownName("cluster profile", name, PROFILES) from None
