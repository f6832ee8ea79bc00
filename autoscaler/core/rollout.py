"""A policy's new version reaches its clusters ring by ring; what throttling allows the next ring, and what stops it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from math import ceil

# Less than this of a ring's soak measured, and nobody knows how it went: the next ring waits.
LEAST_KNOWN_FRACTION = 0.5
# Throttling is judged early, but not on a minute or two.
LEAST_JUDGED_SECONDS = 300.0


class RolloutState(StrEnum):
    """How a rollout stands; a ``stopped`` or ``aborted`` one has given its clusters the old version back."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    ABORTED = "aborted"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """How many clusters have the new version, ``fraction`` of them but at least ``clusters``, and for how long."""

    clusters: int = 1
    fraction: float = 0.0
    soak_seconds: float

    def size(self, of: int) -> int:
        """How many clusters of so many."""
        return min(of, max(self.clusters, ceil(self.fraction * of)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """A new version on its way; ``order`` is who gets it when, and ``reached`` how many of them have it.

    ``ring_at`` is when the ring in force began, ``started_at`` when the first one did, both in cluster time.
    ``revision`` grows with every write. ``returned`` is whether its clusters have back what it took from them.
    """

    id: int = 0
    revision: int = 0
    policy: str
    from_version: int
    to_version: int
    rings: tuple[Ring, ...]
    most_rise_fraction: float
    order: tuple[str, ...]
    started_at: datetime
    ring_at: datetime
    ring: int = 0
    reached: int = 0
    state: RolloutState = RolloutState.RUNNING
    reason: str = ""
    returned: bool = False

    @property
    def owes(self) -> bool:
        """Whether it was taken back, and its clusters may still lack what they had."""
        return self.state in (RolloutState.STOPPED, RolloutState.ABORTED) and not self.returned

    @property
    def active(self) -> bool:
        """Whether some clusters have another version than the others."""
        return self.state in (RolloutState.RUNNING, RolloutState.PAUSED)

    @property
    def touched(self) -> tuple[str, ...]:
        """The clusters with the new version."""
        return self.order[: self.reached] if self.active else ()

    @property
    def untouched(self) -> tuple[str, ...]:
        """The clusters that still have the old one."""
        return self.order[self.reached :] if self.active else self.order


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttling:
    """For how long clusters were measured, and for how long of it they were saturated."""

    known_seconds: float = 0.0
    throttled_seconds: float = 0.0

    @property
    def fraction(self) -> float | None:
        """How much of the time; None: nothing was measured."""
        return self.throttled_seconds / self.known_seconds if self.known_seconds > 0 else None


UNMEASURED = Throttling()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The clusters with the new version and those without, since the ring began and before the rollout."""

    touched: Throttling
    touched_before: Throttling = UNMEASURED
    untouched: Throttling = UNMEASURED
    untouched_before: Throttling = UNMEASURED


def begin(rollout: Rollout) -> Rollout:
    """The first ring gets the new version."""
    return replace(rollout, reached=rollout.rings[0].size(len(rollout.order)), reason=_told(rollout, 0))


def advance(rollout: Rollout, evidence: Evidence, at: datetime) -> Rollout:
    """The rollout after a look at the evidence; the same one when there is nothing to do yet.

    Worse throttling stops it, before the soak is over, too. Without enough samples nothing goes on: what nobody
    measured did not go well.
    """
    if rollout.state is not RolloutState.RUNNING:
        return rollout
    worse = worse_throttling(evidence, rollout.most_rise_fraction)
    if worse:
        return replace(rollout, state=RolloutState.STOPPED, reason=worse)
    soak_seconds = rollout.rings[rollout.ring].soak_seconds
    needed_seconds = LEAST_KNOWN_FRACTION * soak_seconds * len(rollout.touched)
    if (at - rollout.ring_at).total_seconds() < soak_seconds:
        return rollout
    if evidence.touched.known_seconds < needed_seconds:
        told = f"ring {rollout.ring + 1} has soaked, but too little was measured; waiting for samples"
        return rollout if rollout.reason == told else replace(rollout, reason=told)
    return next_ring(rollout, at)


def next_ring(rollout: Rollout, at: datetime) -> Rollout:
    """The next ring gets the new version; after the last one it is everybody's."""
    following, count = rollout.ring + 1, len(rollout.order)
    while following < len(rollout.rings) and rollout.rings[following].size(count) == rollout.reached:
        following += 1  # a ring that reaches nobody new would only wait
    if following == len(rollout.rings):
        return replace(rollout, state=RolloutState.DONE, reason="every ring went well")
    reached = rollout.rings[following].size(count)
    return replace(rollout, ring=following, ring_at=at, reached=reached, reason=_told(rollout, following))


def worse_throttling(evidence: Evidence, most_rise_fraction: float) -> str:
    """Why the new version is to blame for throttling; empty: it is not, or nobody can tell yet.

    The touched clusters must be worse off than before, and have got worse than those that have the old version:
    a load that hits all of them alike is no fault of the policy.
    """
    now, before = evidence.touched.fraction, evidence.touched_before.fraction or 0.0
    if now is None or evidence.touched.known_seconds < LEAST_JUDGED_SECONDS or now - before <= most_rise_fraction:
        return ""
    told = f"throttled {now:.1%} of the time with the new version, {before:.1%} before"
    others, others_before = evidence.untouched.fraction, evidence.untouched_before.fraction
    if others is None or others_before is None:
        return told
    if (now - before) - (others - others_before) <= most_rise_fraction:
        return ""
    return f"{told}; with the old version {others:.1%}, and {others_before:.1%} before"


def rollout_order(policy: str, cluster_ids: Iterable[str]) -> tuple[str, ...]:
    """Who gets a new version when: by chance, but by the same one on every replica and for every version."""
    return tuple(sorted(cluster_ids, key=lambda one: sha256(f"{policy}/{one}".encode()).digest()))


def _told(rollout: Rollout, ring: int) -> str:
    size = rollout.rings[ring].size(len(rollout.order))
    return f"ring {ring + 1} of {len(rollout.rings)}: {size} of {len(rollout.order)} clusters"
