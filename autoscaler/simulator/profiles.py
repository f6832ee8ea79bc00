"""How each kind of serverless cluster behaves, as data.

Confidence of each number: [D] documented by the provider, [M] measured by somebody, [I] inferred, so a
parameter to check on a real cluster.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from autoscaler.errors import UnknownName

GIB_PER_ACU = 2.0  # [D] "approximately 2 GiB"


@dataclass(frozen=True, slots=True, kw_only=True)
class Climbing:
    """An instance that moves its own capacity: token bucket up, lazy halving down.

    The defaults are Aurora platform 2: [M] 1 to 4 ACU in 2 s, then about 2.9 ACU a minute; the growth of the
    refill with size is [I], as is all above 12.5 ACU, where nobody has published a measurement.
    """

    target_utilization: float = 0.75  # [I] the thresholds are not public
    bucket_acu: float = 3.2  # [I] fit of six measured points, error below 0.31 ACU
    refill_acu_per_second: float = 0.048  # [I] same fit
    refill_per_acu: float = 0.1  # [I] "the larger the capacity, the larger the increment" [D]
    descent_delay_per_acu_seconds: float = 30.0  # [M] 90-120 s from 4 ACU, 300 s from 10
    shortest_descent_delay_seconds: float = 90.0  # [M]
    longest_descent_delay_seconds: float = 300.0  # [M]
    halving_spacing_seconds: float = 180.0  # [M] steps of about a half, three minutes apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Resizing:
    """An instance whose size is set from outside; ``ladder`` is ``grain`` or ``doubling``."""

    target_utilization: float = 0.75
    resize_seconds: float = 15.0
    shrink_after_seconds: float = 300.0
    shrink_spacing_seconds: float = 300.0
    doubling: bool = False
    missed_scaling_points_fraction: float = 0.0  # share of resizes that find no quiet moment and are rolled back
    scaling_point_timeout_seconds: float = 300.0  # [D] default of Aurora v1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sleeping:
    """Pause and resume."""

    may_pause: bool = True
    pausing_seconds: float = 5.0  # [I] "may wait briefly to flush" [D]
    resume_median_seconds: float = 15.0  # [D] "approximately 15 seconds"
    resume_sigma: float = 0.31  # [I] lognormal with a 95th percentile of 25 s
    deep_after_seconds: float = 86_400.0  # [D] 24 hours
    deep_resume_median_seconds: float = 35.0  # [D] "30 seconds or longer"
    resume_acu: float = 2.0  # [D] seen in a documented sample; may be lower than before the pause
    awake_after_admin_seconds: float = 1200.0  # [D] at least 20 minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Caching:
    """The buffer cache; without a working set it plays no part."""

    working_set_gib: float = 0.0
    buffer_share: float = 0.67  # [M] of memory, above 4 ACU
    refill_gib_per_second: float = 0.2  # [I] bound by storage reads
    cold_penalty: float = 1.0  # [I] extra demand when nothing is cached, as a share of the warm demand


@dataclass(frozen=True, slots=True, kw_only=True)
class Connecting:
    """Clients: how many connections a demand brings, and how many are kept open idle."""

    engine: str = "postgresql"
    per_acu: float = 10.0  # [I]
    idle: int = 0  # kept open by poolers; one is enough to keep a cluster awake


@dataclass(frozen=True, slots=True, kw_only=True)
class Changing:
    """What a change of the range does to the control plane."""

    floor_jumps: bool = True  # [D] "immediately"; whether it follows the bucket instead is unknown
    busy_seconds: float = 30.0  # [I] 0-300 s in which another change may be refused
    lowering_gives_up_seconds: float = 7200.0  # [D] "a couple of hours", then the old range comes back


@dataclass(frozen=True, slots=True, kw_only=True)
class Measuring:
    """What reaches the outside as metrics, and when."""

    period_seconds: float = 60.0  # [D]
    delay_seconds: float = 60.0  # [M] 60-180 s
    delay_jitter_seconds: float = 0.0
    missing_fraction: float = 0.0
    sees_waiting_work: bool = True  # [I] sessions that wait and statements that time out are counted (DB load)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """How long a failover takes; drawn evenly between the bounds."""

    with_reader_seconds: tuple[float, float] = (30.0, 60.0)  # [D] "typically < 60 s, often < 30 s"
    alone_seconds: tuple[float, float] = (300.0, 600.0)  # [D] "< 10 minutes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A kind of cluster."""

    name: str
    title: str
    dynamics: Climbing | Resizing = Climbing()
    sleeping: Sleeping = Sleeping()
    caching: Caching = Caching()
    connecting: Connecting = Connecting()
    changing: Changing = Changing()
    measuring: Measuring = Measuring()
    failing: Failing = Failing()
    step_acu: float = 0.5  # [D]
    client_timeout_seconds: float = 60.0
    volume_gib: float = 10.0
    volume_gib_per_acu_hour: float = 0.0


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
    step_acu=1.0,
    dynamics=Resizing(
        target_utilization=0.7,  # [D] up above 70 % CPU
        resize_seconds=45.0,  # [M] 30-60 s
        shrink_after_seconds=310.0,  # [D]
        shrink_spacing_seconds=900.0,  # [D] 15 minutes after the last scaling
        doubling=True,
        missed_scaling_points_fraction=0.1,  # [I]
    ),
    sleeping=Sleeping(resume_median_seconds=25.0, deep_after_seconds=604_800.0, deep_resume_median_seconds=60.0),
)
NEON_LIKE = Profile(
    name="neon-like",
    title="Fast autoscaling on an existing host, half-second resumes (1 ACU stands for 1 compute unit)",
    step_acu=0.25,
    dynamics=Climbing(
        target_utilization=0.9,  # [D] load target of the open-source rule
        bucket_acu=64.0,
        refill_acu_per_second=8.0,
        descent_delay_per_acu_seconds=0.0,
        shortest_descent_delay_seconds=60.0,  # [I] the five-minute load average holds it up
        longest_descent_delay_seconds=60.0,
        halving_spacing_seconds=0.0,
    ),
    sleeping=Sleeping(
        pausing_seconds=1.0,
        resume_median_seconds=0.5,  # [D] "median < 500 ms"
        deep_after_seconds=float("inf"),
        resume_acu=1.0,
        awake_after_admin_seconds=300.0,
    ),
    changing=Changing(busy_seconds=0.0),
)
SIZED_15S = Profile(name="sized-15s", title="A sized cluster: each resize takes 15 seconds", dynamics=Resizing())
SIZED_15MIN = Profile(
    name="sized-15min",
    title="A sized cluster: each resize takes 15 minutes",
    dynamics=Resizing(resize_seconds=900.0, shrink_after_seconds=900.0, shrink_spacing_seconds=900.0),
)

PROFILES: Mapping[str, Profile] = {
    profile.name: profile for profile in (AURORA_V2, AURORA_V2_PLATFORM_4, AURORA_V1, NEON_LIKE, SIZED_15S, SIZED_15MIN)
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


# Default max_connections by maximum ACU [D]; PostgreSQL is held to 2,000 while the floor is 0 or 0.5.
MAX_CONNECTIONS: Mapping[str, tuple[tuple[float, int], ...]] = {
    "mysql": ((1, 90), (4, 135), (8, 1000), (16, 2000), (32, 3000), (64, 4000), (128, 5000), (192, 6000)),
    "postgresql": ((1, 189), (4, 823), (8, 1669), (16, 3360), (32, 5000)),
}
POSTGRESQL_LOW_FLOOR_CONNECTIONS = 2000
LOW_FLOOR_ACU = 0.5


def max_connections(engine: str, *, max_acu: float, floor_acu: float) -> int:
    """How many connections an engine takes, from the table row at or below ``max_acu``."""
    rows = MAX_CONNECTIONS.get(engine)
    if rows is None:
        raise UnknownName("engine", engine, MAX_CONNECTIONS)
    allowed = max((count for acu, count in rows if acu <= max_acu), default=rows[0][1])
    if engine == "postgresql" and floor_acu <= LOW_FLOOR_ACU:
        return min(allowed, POSTGRESQL_LOW_FLOOR_CONNECTIONS)
    return allowed
