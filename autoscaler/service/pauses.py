"""What sleep saves a cluster, what it costs those who wait, and why a cluster is awake."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields

from autoscaler.core.capacity import SECONDS_PER_HOUR, Phase
from autoscaler.core.cost import Prices
from autoscaler.core.tally import Tally
from autoscaler.service.views import ClusterView
from autoscaler.storage.scores import ACTING, LEFT_ALONE, NEVER_PAUSED

NOTHING = Tally()


@dataclass(frozen=True, slots=True, kw_only=True)
class Slept:
    """What sleep did in a stretch of time, all of it by twins under the same measured load; sums add up.

    ``left_alone``: the owner's lowest floor with the provider's own time-out. The clairvoyant would have slept through
    every idle moment and kept nobody waiting; no cluster can reach what it saves.
    """

    awake_idle_hours: float = 0.0
    paused_hours: float = 0.0
    cold_hits: int = 0
    waited_seconds: float = 0.0
    cost_usd: float = 0.0
    never_paused_usd: float = 0.0
    left_alone_usd: float = 0.0
    left_alone_awake_idle_hours: float = 0.0
    left_alone_cold_hits: int = 0
    left_alone_waited_seconds: float = 0.0
    clairvoyant_usd: float = 0.0

    def __add__(self, other: "Slept") -> "Slept":
        return Slept(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(Slept)})

    @property
    def saved_usd(self) -> float:
        """Against never pausing."""
        return self.never_paused_usd - self.cost_usd

    @property
    def saved_against_left_alone_usd(self) -> float:
        """Against the provider's own time-out; negative where sleeping less was chosen, to keep fewer waiting."""
        return self.left_alone_usd - self.cost_usd

    @property
    def clairvoyant_saved_usd(self) -> float:
        """What the clairvoyant would have saved against never pausing."""
        return self.never_paused_usd - self.clairvoyant_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class SleptCluster:
    """One cluster's."""

    cluster_id: str
    slept: Slept


@dataclass(frozen=True, slots=True, kw_only=True)
class SleptFleet:
    """All of those that may pause, over so many days, and together; the largest saving first."""

    days: int
    slept: Slept
    clusters: tuple[SleptCluster, ...]


def slept_of(scores: Mapping[str, Tally], prices: Prices) -> Slept | None:
    """What sleep did to a cluster, from its scores by name; None where it may not pause, or was never scored so."""
    never = scores.get(NEVER_PAUSED)
    if never is None:
        return None
    acting, alone, usd = scores.get(ACTING, NOTHING), scores.get(LEFT_ALONE, NOTHING), prices.usd_per_acu_hour
    return Slept(
        awake_idle_hours=acting.awake_idle_seconds / SECONDS_PER_HOUR,
        paused_hours=acting.paused_seconds / SECONDS_PER_HOUR,
        cold_hits=acting.cold_hits,
        waited_seconds=acting.waited_seconds,
        cost_usd=acting.acu_hours * usd,
        never_paused_usd=never.acu_hours * usd,
        left_alone_usd=alone.acu_hours * usd,
        left_alone_awake_idle_hours=alone.awake_idle_seconds / SECONDS_PER_HOUR,
        left_alone_cold_hits=alone.cold_hits,
        left_alone_waited_seconds=alone.waited_seconds,
        clairvoyant_usd=(acting.acu_hours - acting.idle_acu_hours) * usd,
    )


def slept_fleet(found: Iterable[SleptCluster], *, days: int) -> SleptFleet:
    """All of them together."""
    clusters = tuple(sorted(found, key=lambda one: (-one.slept.saved_usd, one.cluster_id)))
    return SleptFleet(days=days, slept=sum((one.slept for one in clusters), Slept()), clusters=clusters)


def why_awake(view: ClusterView) -> tuple[str, ...]:
    """What keeps a cluster from sleeping now, the strongest first; empty while it sleeps."""
    return tuple(_reasons(view))


def _reasons(view: ClusterView) -> Iterator[str]:
    status = view.status
    if status is None:
        yield "it has not answered yet"
        return
    if status.phase is Phase.PAUSED:
        return
    if not view.limits.may_pause:
        yield "its owner does not let it pause (consent: pause)"
        return
    yield from (f"the provider keeps it awake: {blocker}" for blocker in status.blockers)
    yield from (f"a pause would meet: {hold}" for hold in status.holds)
    if status.range.pause_after_seconds is None:
        decided = view.last_decision
        yield "its range has no time-out" + ("" if decided is None else f": {decided.reason}")
    else:
        yield f"it has not been idle for {status.range.pause_after_seconds} s yet"
