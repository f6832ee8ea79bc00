"""A cluster to simulate, as data; and which ranges its kind takes."""

from dataclasses import dataclass, replace

from autoscaler.core.capacity import Range
from autoscaler.errors import InvalidInput
from autoscaler.simulator.blockers import PauseBlocker
from autoscaler.simulator.profiles import Profile

MOST_READERS = 15  # [D]
LAST_TIER = 15  # [D]
DEFAULT_TIER = 1  # [D]
LAST_FOLLOWING_TIER = 1  # [D] readers of tiers 0 and 1 scale with the writer and sleep with it
ON_GRAIN = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSpec:
    """A cluster to simulate. ``readers`` holds a promotion tier (0 to 15) for each reader.

    ``reader_share`` of the demand goes to the reader endpoint, spread evenly; without readers the writer
    serves everything. ``blockers`` are switched on from the start.
    """

    cluster_id: str
    profile: Profile
    range: Range
    readers: tuple[int, ...] = ()
    reader_share: float = 0.0
    writer_tier: int = DEFAULT_TIER
    blockers: tuple[PauseBlocker, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        if len(self.readers) > MOST_READERS:
            raise InvalidInput(f"{len(self.readers)} readers are more than the {MOST_READERS} a cluster can have")
        if any(not 0 <= tier <= LAST_TIER for tier in (self.writer_tier, *self.readers)):
            raise InvalidInput(
                f"promotion tiers lie between 0 and {LAST_TIER}, not {self.writer_tier} and {self.readers}"
            )
        if not 0 <= self.reader_share <= 1:
            raise InvalidInput(f"a reader share of {self.reader_share} is not between 0 and 1")
        problem = problem_with(self.range, self.profile)
        if problem:
            raise InvalidInput(f"{self.cluster_id} cannot have a range of {self.range}: {problem}")

    @property
    def instances(self) -> int:
        """The writer and its readers; each has the whole range."""
        return 1 + len(self.readers)

    @property
    def busiest_share(self) -> float:
        """Of the demand, what the busiest instance serves."""
        return max(1.0 - self.reader_share, self.reader_share / len(self.readers)) if self.readers else 1.0

    @property
    def throttling_share(self) -> float:
        """What a throttling price is worth on the busiest instance alone: a floor is paid for by all of them.

        Work is throttled where it arrives, and in all they serve so many times what the busiest one does.
        """
        return 1.0 / (self.busiest_share * self.instances)

    def alone(self) -> "ClusterSpec":
        """Its busiest instance as a cluster of its own."""
        return replace(self, readers=(), reader_share=0.0)

    def publishing_no_finer(self, seconds: float) -> "ClusterSpec":
        """The same cluster under a workload known only every ``seconds``: its metrics tell no more than that."""
        measuring = self.profile.measuring
        if measuring.period_seconds >= seconds:
            return self
        return replace(self, profile=replace(self.profile, measuring=replace(measuring, period_seconds=seconds)))


def problem_with(wanted: Range, profile: Profile) -> str | None:
    """Why this kind of cluster does not take a range; None when it does."""
    for name, acu in (("floor", wanted.floor_acu), ("ceiling", wanted.ceiling_acu)):
        if abs(acu / profile.step_acu - round(acu / profile.step_acu)) > ON_GRAIN:
            return f"{profile.name} takes steps of {profile.step_acu:g} ACU; a {name} of {acu:g} is none"
    if wanted.ceiling_acu < profile.least_ceiling_acu:
        return f"the ceiling of {profile.name} must be at least {profile.least_ceiling_acu:g} ACU"
    if wanted.ceiling_acu > profile.largest_acu:
        return f"{profile.name} ends at {profile.largest_acu:g} ACU"
    return None
