"""When a change may come sooner than usual, and when later."""

from dataclasses import replace

import pytest

from autoscaler.core.capacity import Range
from autoscaler.core.decide import after_a_refusal, as_if_undecided, decide
from autoscaler.core.decision import Decision, Grounds, Memory, RuleSettings
from autoscaler.core.forecast import Forecast
from autoscaler.core.samples import Sample
from tests.core.story import WATCHED, acu, waited_for
from tests.fakes import MONDAY, AlwaysWishes, later, make_range, make_samples, make_snapshot

CAREFUL = RuleSettings()


def saturated(*demand_acu: float | None, until: float = 0.0) -> tuple[Sample, ...]:
    """Samples of a minute; every known one is of a saturated cluster."""
    samples = make_samples(demand_acu, until=later(until))
    return tuple(replace(sample, censored=sample.demand_acu is not None) for sample in samples)


def wished(wish: Range, *, changed: float, recent: tuple[Sample, ...], settings: RuleSettings = CAREFUL) -> Range:
    """What comes of a wish so many seconds after the last change."""
    memory = replace(WATCHED, changed_at=later(-changed))
    snapshot = make_snapshot(in_force=acu(8), recent=recent)
    return decide(snapshot, AlwaysWishes(range=wish), settings, memory)[0].after


def test_a_saturated_cluster_grows_after_a_minute() -> None:
    assert wished(acu(16), changed=60, recent=saturated(8)) == acu(16)
    assert wished(acu(16), changed=59, recent=saturated(8)) == acu(8)
    assert wished(acu(16), changed=100, recent=make_samples([8])) == acu(8)


def test_what_was_measured_before_the_last_change_is_no_emergency() -> None:
    assert wished(acu(16), changed=100, recent=saturated(8, until=-40)) == acu(16)
    assert wished(acu(16), changed=100, recent=saturated(8, until=-41)) == acu(8)


def test_the_newest_known_sample_counts() -> None:
    assert wished(acu(16), changed=200, recent=saturated(8, None)) == acu(16)
    assert wished(acu(16), changed=200, recent=(*saturated(8, until=-60), *make_samples([7]))) == acu(8)
    assert wished(acu(16), changed=200, recent=saturated(None)) == acu(8)


def test_an_emergency_takes_nothing_away() -> None:
    memory = replace(waited_for(acu(4, 64)), changed_at=later(-60))
    snapshot = make_snapshot(in_force=acu(8), recent=saturated(8))
    assert decide(snapshot, AlwaysWishes(range=acu(4, 64)), CAREFUL, memory)[0].after == acu(8, 64)


def test_a_blind_cluster_has_no_emergencies() -> None:
    memory = replace(WATCHED, changed_at=later(-60))
    snapshot = make_snapshot(in_force=acu(8), recent=saturated(8), blind_seconds=301)
    assert not decide(snapshot, AlwaysWishes(range=acu(16)), CAREFUL, memory)[0].changes


def test_emergencies_are_switched_off_by_the_usual_spacing() -> None:
    never = RuleSettings(emergency_spacing_seconds=300)
    assert wished(acu(16), changed=299, recent=saturated(8), settings=never) == acu(8)


def refused(memory: Memory, seconds: float) -> Memory:
    """A grow at that moment, which the cluster refuses."""
    snapshot = make_snapshot(in_force=acu(8), at=later(seconds))
    decision, decided = decide(snapshot, AlwaysWishes(range=acu(16)), CAREFUL, memory)
    assert decision.changes
    return after_a_refusal(decided, before=memory, at=later(seconds), settings=CAREFUL)


def test_each_refusal_in_a_row_doubles_the_wait_up_to_a_quarter_of_an_hour() -> None:
    memory, seconds, waits = WATCHED, 0.0, []
    for _ in range(7):
        memory = refused(memory, seconds)
        wait = next(wait for wait in range(10, 2000, 10) if grows(memory, seconds + wait))
        waits.append(wait)
        seconds += wait
    assert waits == [30, 60, 120, 240, 480, 900, 900]
    assert memory == replace(WATCHED, refused_at=later(seconds - 900), refusals=7)


def test_the_doubling_ends_after_twenty_refusals() -> None:
    patient = RuleSettings(backoff_seconds=1.0, longest_backoff_seconds=float("inf"))
    memory = replace(WATCHED, refused_at=MONDAY, refusals=40)
    for seconds, grown in ((2.0**20 - 1, False), (2.0**20, True)):
        snapshot = make_snapshot(in_force=acu(8), at=later(seconds))
        assert decide(snapshot, AlwaysWishes(range=acu(16)), patient, memory)[0].changes is grown


def grows(memory: Memory, seconds: float) -> bool:
    snapshot = make_snapshot(in_force=acu(8), at=later(seconds))
    return decide(snapshot, AlwaysWishes(range=acu(16)), CAREFUL, memory)[0].changes


@pytest.mark.parametrize(("seconds", "refusals"), [(1800, 5), (1801, 1)])
def test_after_a_long_peace_the_waits_begin_anew(seconds: float, refusals: int) -> None:
    memory = replace(WATCHED, refused_at=MONDAY, refusals=4)
    assert refused(memory, seconds).refusals == refusals


def test_a_change_that_is_taken_ends_the_refusals() -> None:
    memory = replace(WATCHED, refused_at=later(-900), refusals=4)
    snapshot = make_snapshot(in_force=acu(8))
    assert decide(snapshot, AlwaysWishes(range=acu(16)), CAREFUL, memory)[1] == replace(WATCHED, changed_at=MONDAY)


def test_a_refused_change_is_no_change_and_what_was_waited_for_is_still_waited_for() -> None:
    before = replace(waited_for(acu(4)), changed_at=later(-400), watching_since=None)
    decided = Memory(watching_since=MONDAY, changed_at=MONDAY)
    remembered = replace(before, watching_since=MONDAY)
    assert as_if_undecided(decided, before=before) == remembered
    told = after_a_refusal(decided, before=before, at=MONDAY, settings=CAREFUL)
    assert told == replace(remembered, refused_at=MONDAY, refusals=1)


def forecast(*, trusted: bool) -> Forecast:
    return Forecast(
        made_at=MONDAY, start=MONDAY, step_seconds=300.0, levels=(0.5,), demand_acu=((16.0,),), trusted=trusted
    )


def blind(grounds: Grounds, foreseen: Forecast | None = None) -> Decision:
    """A wish for more on these grounds, a thousand seconds after the newest sample."""
    snapshot = make_snapshot(in_force=acu(8), blind_seconds=1000, forecast=foreseen)
    return decide(snapshot, AlwaysWishes(range=acu(16, 64), grounds=grounds), CAREFUL, WATCHED)[0]


def test_only_a_trusted_forecast_a_schedule_or_a_fixed_range_grows_a_blind_cluster() -> None:
    assert blind(Grounds.SCHEDULE).after == acu(16, 64)
    assert blind(Grounds.FIXED).after == acu(16, 64)
    assert blind(Grounds.FORECAST, forecast(trusted=True)).after == acu(16, 64)
    for doubtful in (
        blind(Grounds.FORECAST, forecast(trusted=False)),
        blind(Grounds.FORECAST),
        blind(Grounds.MEASURED),
    ):
        assert not doubtful.changes
        assert doubtful.driver == "grow_blind_only_on_sure_grounds"


def test_a_blind_cluster_grows_by_what_does_not_rest_on_samples() -> None:
    snapshot = make_snapshot(in_force=make_range(8, 32, 300), blind_seconds=301)
    for sure, after in ((acu(12, 32), acu(12, 32)), (make_range(4, 40, 600), make_range(8, 40, 600))):
        policy = AlwaysWishes(range=acu(16, 64), grounds=Grounds.MEASURED, unmeasured=sure)
        assert decide(snapshot, policy, CAREFUL, WATCHED)[0].after == after
