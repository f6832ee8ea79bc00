"""What is to be said of a kind of serverless cluster, as data.

Confidence of each number: [D] documented by the provider, [M] measured by somebody, [I] inferred, so a
parameter to check on a real cluster.
"""

from dataclasses import dataclass

from autoscaler.errors import InvalidInput, UnknownName
from autoscaler.simulator.checks import refuse_nonsense
from autoscaler.simulator.engines import ENGINES

UNBOUNDED = float("inf")


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

    def __post_init__(self) -> None:
        refuse_nonsense(self, above_zero=("target_utilization", "refill_acu_per_second"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Resizing:
    """An instance whose size is set from outside, on the grain or, ``doubling``, on a ladder of doublings.

    The defaults are nobody's in particular [I]: the sized profiles stand for "a resize takes so long".
    """

    target_utilization: float = 0.75
    resize_seconds: float = 15.0
    shrink_after_seconds: float = 300.0  # it must have been too large for so long
    shrink_spacing_seconds: float = 300.0  # since the last resize
    shrink_below_utilization: float = 1.0  # at more than this it stays, even if the smaller size would do
    doubling: bool = False
    missed_scaling_points_fraction: float = 0.0  # share of resizes that find no quiet moment and are rolled back
    scaling_point_timeout_seconds: float = 300.0  # [D] default of Aurora v1

    def __post_init__(self) -> None:
        refuse_nonsense(self, above_zero=("target_utilization",), fractions=("missed_scaling_points_fraction",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sleeping:
    """Pause and resume."""

    may_pause: bool = True
    shortest_pause_seconds: int = 300  # [D] of idleness, before it pauses
    pausing_seconds: float = 5.0  # [I] "may wait briefly to flush" [D]
    resume_median_seconds: float = 15.0  # [D] "approximately 15 seconds"
    resume_sigma: float = 0.31  # [I] lognormal with a 95th percentile of 25 s
    deep_after_seconds: float = 86_400.0  # [D] 24 hours
    deep_resume_median_seconds: float = 35.0  # [I]
    deep_resume_least_seconds: float = 30.0  # [D] "30 seconds or longer"
    resume_acu: float | None = 2.0  # [D] seen in a documented sample; may be less than before. None: as before
    awake_after_admin_seconds: float = 1200.0  # [D] at least 20 minutes

    def __post_init__(self) -> None:
        refuse_nonsense(self, above_zero=("resume_median_seconds", "deep_resume_median_seconds", "resume_acu"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Caching:
    """The buffer cache, as large as the engine makes it; without a working set it plays no part."""

    working_set_gib: float = 0.0  # the workload's
    refill_gib_per_second: float = 0.2  # [I] bound by storage reads; only a database at work reads
    cold_penalty: float = 1.0  # [I] extra demand when nothing is cached, as a share of the warm demand
    pages_per_acu_second: float = 1000.0  # [I] that an ACU at work looks at beyond the few that everybody wants

    def __post_init__(self) -> None:
        refuse_nonsense(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connecting:
    """Clients: how many connections a demand brings, and how many are kept open idle."""

    engine: str = "postgresql"
    per_acu: float = 10.0  # [I]
    idle: int = 0  # kept open by poolers at each endpoint in use; one is enough to keep a cluster awake

    def __post_init__(self) -> None:
        refuse_nonsense(self)
        if self.engine not in ENGINES:
            raise UnknownName("engine", self.engine, ENGINES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changing:
    """What a change of the range does to the control plane."""

    floor_jumps: bool = True  # [D] "immediately"; whether it follows the bucket instead is unknown
    busy_seconds: float = 30.0  # [I] 0-300 s in which another change may be refused
    lowering_gives_up_seconds: float = 7200.0  # [D] "a couple of hours", then the old range comes back

    def __post_init__(self) -> None:
        refuse_nonsense(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measuring:
    """What reaches the outside as metrics, and when."""

    period_seconds: float = 60.0  # [D]
    delay_seconds: float = 60.0  # [M] 60-180 s
    delay_jitter_seconds: float = 0.0  # evenly spread on top; a late sample may come after its successor [I]
    missing_fraction: float = 0.0  # [M] points go missing; how many is unknown
    sees_waiting_work: bool = True  # [I] sessions that wait and statements that time out are counted (DB load)

    def __post_init__(self) -> None:
        refuse_nonsense(self, above_zero=("period_seconds",), fractions=("missing_fraction",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """How long a failover takes; drawn evenly between the bounds."""

    with_reader_seconds: tuple[float, float] = (30.0, 60.0)  # [D] "typically < 60 s, often < 30 s"
    alone_seconds: tuple[float, float] = (300.0, 600.0)  # [D] "< 10 minutes"

    def __post_init__(self) -> None:
        for shortest, longest in (self.with_reader_seconds, self.alone_seconds):
            if not 0 <= shortest <= longest < UNBOUNDED:
                raise InvalidInput(f"no failover takes {shortest} to {longest} s; give bounds, the shorter one first")


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
    least_ceiling_acu: float = 1.0  # [D] "the maximum capacity must be at least 1.0"
    largest_acu: float = 256.0  # [D] platform 2 and later, with a current engine
    client_timeout_seconds: float = 60.0  # the workload's
    volume_gib: float = 10.0  # the workload's, as is its growth
    volume_gib_per_acu_hour: float = 0.0

    def __post_init__(self) -> None:
        refuse_nonsense(self, above_zero=("step_acu", "largest_acu"))
