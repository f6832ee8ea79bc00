"""What a story of a rule is made of, and how it is played."""

from dataclasses import dataclass, replace

from autoscaler.core.budget import Spending
from autoscaler.core.capacity import Limits, Phase, Range
from autoscaler.core.control import NO_CONTROL, Control, Drift
from autoscaler.core.cost import Prices
from autoscaler.core.decide import after_a_refusal, decide
from autoscaler.core.decision import Decision, Grounds, Memory, RuleSettings
from autoscaler.core.fleet import FleetAllowance
from autoscaler.core.samples import Sample
from autoscaler.core.snapshot import Snapshot
from autoscaler.core.working_set import WorkingSet
from tests.fakes import AURORA_PRICES, WIDE_LIMITS, AlwaysWishes, later, make_range, make_samples, make_snapshot

YESTERDAY = later(-86_400)
WATCHED = Memory(watching_since=YESTERDAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What is seen, wished and asked for at one moment, and what comes of it."""

    at_seconds: float
    wish: Range
    after: Range
    said: str
    steps: tuple[str, ...] = ()
    in_force: Range | None = None
    phase: Phase = Phase.AVAILABLE
    requested: Range | None = None
    blind_seconds: float = 0.0
    recent_acu: tuple[float | None, ...] = ()
    connections: int | None = None
    standbys: int = 0
    awaits_restart: bool = False
    limits: Limits = WIDE_LIMITS
    control: Control = NO_CONTROL
    grounds: Grounds = Grounds.MEASURED
    saturated: bool = False
    drift: Drift | None = None
    refused: bool = False
    fleet: FleetAllowance | None = None
    prices: Prices = AURORA_PRICES
    spending: Spending | None = None
    holds: tuple[str, ...] = ()
    working_set: WorkingSet | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A cluster, what the rules remember of it, and how it went on."""

    in_force: Range
    moments: tuple[Moment, ...]
    memory: Memory = WATCHED


def acu(floor_acu: float, ceiling_acu: float = 32) -> Range:
    """A range that never pauses, up to 32 ACU unless told."""
    return make_range(floor_acu, ceiling_acu)


def decided(snapshot: Snapshot, wish: Range, memory: Memory = WATCHED) -> Decision:
    """What comes of one wish under the default rules."""
    return decide(snapshot, AlwaysWishes(range=wish, reason="wished"), RuleSettings(), memory)[0]


def waited_for(wish: Range) -> Memory:
    """As if ``wish`` had been wanted for long enough."""
    return replace(WATCHED, shrink_since=later(-300), shrink_wish=wish)


def play(story: Story) -> tuple[Moment, ...]:
    """The story's moments with what was decided at each."""
    memory, in_force, told = story.memory, story.in_force, []
    for moment in story.moments:
        at = later(moment.at_seconds)
        snapshot = make_snapshot(
            at=at,
            in_force=moment.in_force or in_force,
            phase=moment.phase,
            requested=moment.requested,
            recent=_samples(moment),
            blind_seconds=moment.blind_seconds,
            limits=moment.limits,
            control=moment.control,
            drift=moment.drift,
            fleet=moment.fleet,
            prices=moment.prices,
            spending=moment.spending,
        )
        status = replace(
            snapshot.status,
            standbys=moment.standbys,
            awaits_restart=moment.awaits_restart,
            holds=moment.holds,
        )
        snapshot = replace(snapshot, status=status, working_set=moment.working_set)
        policy = AlwaysWishes(range=moment.wish, reason="wished", grounds=moment.grounds)
        before = memory
        decision, memory = decide(snapshot, policy, RuleSettings(), before)
        if moment.refused:
            memory = after_a_refusal(memory, before=before, at=at, settings=RuleSettings())
        in_force = snapshot.status.range if moment.refused else decision.after
        told.append(_as_decided(moment, decision))
    return tuple(told)


def _samples(moment: Moment) -> tuple[Sample, ...]:
    """Up to the moment; the newest is of a saturated cluster, when that is told."""
    samples = make_samples(moment.recent_acu, until=later(moment.at_seconds))
    if moment.connections is not None:
        samples = tuple(replace(one, connections=moment.connections) for one in samples)
    return (*samples[:-1], replace(samples[-1], censored=True)) if moment.saturated else samples


def _as_decided(moment: Moment, decision: Decision) -> Moment:
    return replace(
        moment,
        after=decision.after,
        said=decision.reason,
        steps=tuple(step.rule for step in decision.steps),
    )
