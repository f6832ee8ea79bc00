"""What Hypothesis draws: every kind of value that goes into a decision.

Capacities are multiples of a quarter ACU or any finite float: policies are not asked to know the grain.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from math import inf

from hypothesis import strategies as st

from autoscaler.core.budget import Budget, Spending
from autoscaler.core.capacity import Consent, Limits, Phase, Range, Status
from autoscaler.core.control import NO_CONTROL, Control, Direction, Drift, Freeze, Override
from autoscaler.core.cost import Prices
from autoscaler.core.decision import Grounds, Memory, RuleSettings
from autoscaler.core.fleet import FleetAllowance
from autoscaler.core.ports import Policy
from autoscaler.core.samples import Sample
from autoscaler.core.snapshot import Snapshot
from autoscaler.core.working_set import Size, WorkingSet, acu_of
from tests.fakes import MONDAY, AlwaysWishes, FollowsAList, KnowsNothing

LARGEST_ACU = 256.0
DAY_SECONDS = 86_400
YESTERDAY = MONDAY - timedelta(days=1)

STEPS_ACU = (0.25, 0.5, 1.0, 2.0)
PAUSES = st.none() | st.integers(0, 2 * DAY_SECONDS)


def acus(most: float = LARGEST_ACU) -> st.SearchStrategy[float]:
    """Capacities: on a quarter of an ACU, or anywhere."""
    quarters = st.integers(0, int(most * 4)).map(lambda quarter: quarter / 4)
    return quarters | st.floats(0.0, most, allow_subnormal=False)


def moments(around: datetime = MONDAY, seconds: int = DAY_SECONDS) -> st.SearchStrategy[datetime]:
    """Whole seconds, before and after ``around``; near ones more often."""
    near = st.sampled_from((-900, -300, -299, -60, 0, 60, 300))
    return (near | st.integers(-seconds, seconds)).map(lambda offset: around + timedelta(seconds=offset))


@st.composite
def ranges(draw: st.DrawFn) -> Range:
    """Often such as people set, so that two of them share a bound more than once in a blue moon."""
    usual = st.sampled_from((0.5, 1.0, 2.0, 7.9, 16.0))
    floor, ceiling = sorted((draw(usual | acus()), draw(st.just(16.0) | acus())))
    return Range(floor_acu=floor, ceiling_acu=ceiling, pause_after_seconds=draw(PAUSES))


@st.composite
def limits(draw: st.DrawFn) -> Limits:
    """Bounds on the grain."""
    step = draw(st.sampled_from(STEPS_ACU))
    most = draw(st.just(int(64 / step)) | st.integers(1, int(LARGEST_ACU / step)))
    return Limits(
        min_acu=draw(st.just(0) | st.integers(0, most)) * step,
        max_acu=most * step,
        step_acu=step,
        may_pause=draw(st.booleans()),
        low_floor_acu=draw(st.sampled_from((0.25, 0.5, 2.0))),
        consent=draw(st.builds(Consent, ceiling=st.booleans(), low_floor=st.booleans(), interrupting=st.booleans())),
    )


@st.composite
def ranges_within(draw: st.DrawFn, bounds: Limits) -> Range:
    """What a provider reports of a cluster that keeps to its limits."""
    return bounds.clip(draw(ranges()))


@st.composite
def samples(draw: st.DrawFn, ends: datetime = MONDAY) -> Sample:
    seconds = draw(st.sampled_from((15.0, 60.0, 300.0)))
    return Sample(
        at=ends - timedelta(seconds=seconds),
        seconds=seconds,
        demand_acu=draw(st.none() | acus()),
        censored=draw(st.booleans()),
        capacity_acu=draw(st.none() | acus()),
        connections=draw(st.none() | st.integers(0, 5000)),
        queries_per_second=draw(st.none() | st.floats(0.0, 1e6)),
    )


@st.composite
def recent_samples(draw: st.DrawFn, at: datetime = MONDAY) -> tuple[Sample, ...]:
    """Up to five minutes of samples, oldest first; unknowns among them."""
    count = draw(st.integers(0, 5))
    return tuple(draw(samples(at - timedelta(seconds=60 * left))) for left in range(count, 0, -1))


@st.composite
def statuses(draw: st.DrawFn, bounds: Limits | None = None) -> Status:
    """Any phase; the range keeps to ``bounds`` where they are given."""
    reported = ranges() if bounds is None else ranges_within(bounds)
    phase = draw(st.just(Phase.AVAILABLE) | st.sampled_from(Phase))
    return Status(
        phase=phase,
        ready_acu=0.0 if phase is Phase.PAUSED else draw(acus()),
        range=draw(reported),
        requested=draw(st.none() | reported),
        changed_at=draw(st.none() | moments()),
    )


def calm_statuses(bounds: Limits) -> st.SearchStrategy[Status]:
    """Awake, nothing in flight, within ``bounds``, not changed for a day."""
    return ranges_within(bounds).map(lambda held: Status(phase=Phase.AVAILABLE, ready_acu=held.floor_acu, range=held))


def overrides() -> st.SearchStrategy[Override]:
    return st.builds(Override, range=ranges(), until=moments(), by=st.sampled_from(("", "ada")))


def freezes() -> st.SearchStrategy[Freeze]:
    return st.builds(Freeze, direction=st.sampled_from(Direction), until=moments(), by=st.sampled_from(("", "ada")))


def drifts() -> st.SearchStrategy[Drift]:
    return st.builds(Drift, at=moments(), before=ranges(), after=ranges(), acknowledged=st.booleans())


def allowances() -> st.SearchStrategy[FleetAllowance]:
    return st.builds(FleetAllowance, may_shrink=st.booleans(), blind_growth_acu=acus())


def prices_with_budgets() -> st.SearchStrategy[Prices]:
    return st.builds(
        Budget, acu_hours_per_day=st.floats(1, 100), acu_hours_per_month=st.floats(1, 3000), clamp=st.booleans()
    ).map(lambda budget: Prices(budget=budget))


def spendings() -> st.SearchStrategy[Spending]:
    hours = st.floats(0, 100)
    return st.builds(
        Spending,
        day_acu_hours=hours,
        month_acu_hours=hours,
        projected_day_acu_hours=hours,
        projected_month_acu_hours=hours,
        highest_demand_acu=st.none() | acus(),
    )


def controls() -> st.SearchStrategy[Control]:
    return st.builds(Control, override=st.none() | overrides(), freeze=st.none() | freezes())


def rule_settings() -> st.SearchStrategy[RuleSettings]:
    """Careful enough to keep the promises: no wait is zero."""
    waits = st.sampled_from((1.0, 60.0, 300.0, 900.0)) | st.integers(1, 3600).map(float)
    return st.builds(
        RuleSettings,
        max_blind_seconds=st.just(300.0) | st.integers(0, 3600).map(float),
        watch_seconds=waits,
        shrink_wait_seconds=waits,
        max_shrink_fraction=st.sampled_from((0.1, 0.25, 0.5, 0.9, 1.0)),
        change_spacing_seconds=waits,
        emergency_spacing_seconds=waits,
        backoff_seconds=waits,
        longest_backoff_seconds=waits,
    )


@st.composite
def memories(draw: st.DrawFn) -> Memory:
    """Such as a run may leave behind; most have watched for long."""
    waiting = draw(st.booleans())
    past = st.just(YESTERDAY) | moments().map(lambda moment: min(moment, MONDAY))
    return Memory(
        watching_since=draw(st.just(YESTERDAY) | st.none() | past),
        changed_at=draw(st.none() | past),
        shrink_since=draw(past) if waiting else None,
        shrink_wish=draw(ranges()) if waiting else None,
        refused_at=draw(st.none() | past),
        refusals=draw(st.integers(0, 40)),
    )


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Any moment of any cluster, its range within its limits or not."""
    bounds = draw(limits())
    return draw(_snapshots_of(bounds, statuses(bounds) | statuses(), controls()))


@st.composite
def tame_snapshots(draw: st.DrawFn) -> Snapshot:
    """A cluster within its limits whom nobody gives orders; the phase is any."""
    bounds = draw(limits())
    return draw(_snapshots_of(bounds, statuses(bounds), st.just(NO_CONTROL)))


@st.composite
def calm_snapshots(draw: st.DrawFn) -> Snapshot:
    """A tame cluster that is awake and well seen, with nothing in flight and no change for long."""
    bounds = draw(limits())
    moment = draw(_snapshots_of(bounds, calm_statuses(bounds), st.just(NO_CONTROL)))
    return replace(moment, blind_seconds=0.0)


def _snapshots_of(
    bounds: Limits, status: st.SearchStrategy[Status], control: st.SearchStrategy[Control]
) -> st.SearchStrategy[Snapshot]:
    return st.builds(
        Snapshot,
        cluster_id=st.sampled_from(("orders", "bills")),
        at=st.just(MONDAY),
        limits=st.just(bounds),
        status=status,
        recent=recent_samples(),
        blind_seconds=st.just(0.0) | st.sampled_from((0.0, inf)) | st.floats(0.0, DAY_SECONDS),
        prices=st.just(Prices()) | prices_with_budgets(),
        control=control,
        drift=st.none() | drifts(),
        fleet=st.none() | allowances(),
        spending=st.none() | spendings(),
    )


@st.composite
def working_sets(draw: st.DrawFn) -> WorkingSet:
    """Any sizes, used lately or not."""
    rungs = sorted(draw(st.sets(st.integers(0, 16), max_size=4)))
    seconds = st.floats(1.0, DAY_SECONDS)
    sizes = []
    for rung in rungs:
        total, short, missed = draw(seconds), draw(st.floats(0.0, 1.0)), draw(st.floats(0.0, 1.0))
        acu = acu_of(rung) * 1.1
        sizes.append(
            Size(
                rung=rung,
                seconds=total,
                short_seconds=total * short,
                missed_seconds=total * missed,
                acu_seconds=total * acu,
            )
        )
    return WorkingSet(
        sizes=tuple(sizes), pages=draw(st.floats(0.0, 1e9)), acu_seconds=draw(seconds), used_at=draw(moments())
    )


def policies() -> st.SearchStrategy[Policy]:
    """Policies that wish anything at all."""
    return st.one_of(
        st.builds(AlwaysWishes, range=ranges(), grounds=st.sampled_from(Grounds)),
        st.lists(ranges(), min_size=1, max_size=4).map(lambda wishes: FollowsAList(ranges=tuple(wishes))),
        st.just(KnowsNothing()),
    )
