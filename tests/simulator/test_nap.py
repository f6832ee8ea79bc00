"""Pause and resume: every way from one phase to another, and that there are no others."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.core.capacity import Phase
from autoscaler.simulator.nap import Nap
from autoscaler.simulator.profiles import Sleeping

PUNCTUAL = Sleeping(resume_sigma=0.0)
PAUSE_AFTER = 300
DAY = 86_400.0

WAYS = {
    Phase.AVAILABLE: {Phase.PAUSING},
    Phase.PAUSING: {Phase.AVAILABLE, Phase.PAUSED},
    Phase.PAUSED: {Phase.RESUMING, Phase.AVAILABLE},  # the latter where a step is longer than the resume
    Phase.RESUMING: {Phase.AVAILABLE},
}


def make_nap(settings: Sleeping = PUNCTUAL, seed: int = 0) -> Nap:
    return Nap(settings, np.random.default_rng(seed))


def phase_of(nap: Nap) -> Phase:
    """Asked through a function, since mypy believes that an attribute stays what it was."""
    return nap.phase


def idle(nap: Nap, seconds: float, *, pause_after: int | None = PAUSE_AFTER, may_pause: bool = True) -> float:
    return nap.step(seconds=seconds, active=False, pause_after_seconds=pause_after, may_pause=may_pause)


def use(nap: Nap, seconds: float) -> float:
    return nap.step(seconds=seconds, active=True, pause_after_seconds=PAUSE_AFTER, may_pause=True)


def nap_in(phase: Phase) -> Nap:
    nap = make_nap()
    if phase is Phase.AVAILABLE:
        return nap
    idle(nap, 300.0)
    if phase is not Phase.PAUSING:
        idle(nap, 5.0)
    if phase is Phase.RESUMING:
        nap.wake()
    assert nap.phase is phase
    return nap


@pytest.mark.parametrize(
    ("before", "event", "after", "up"),
    [
        (Phase.AVAILABLE, "a client for 10 s", Phase.AVAILABLE, 1.0),
        (Phase.AVAILABLE, "nobody for 10 s", Phase.AVAILABLE, 1.0),
        (Phase.AVAILABLE, "nobody for 300 s", Phase.PAUSING, 1.0),
        (Phase.PAUSING, "a client for 10 s", Phase.AVAILABLE, 1.0),
        (Phase.PAUSING, "nobody for 4 s", Phase.PAUSING, 1.0),
        (Phase.PAUSING, "nobody for 10 s", Phase.PAUSED, 0.5),
        (Phase.PAUSED, "nobody for 300 s", Phase.PAUSED, 0.0),
        (Phase.PAUSED, "a client for 10 s", Phase.RESUMING, 0.0),
        (Phase.PAUSED, "a client for 60 s", Phase.AVAILABLE, 0.75),
        (Phase.RESUMING, "a client for 10 s", Phase.RESUMING, 0.0),
        (Phase.RESUMING, "nobody for 10 s", Phase.RESUMING, 0.0),
        (Phase.RESUMING, "nobody for 20 s", Phase.AVAILABLE, 0.25),
        (Phase.RESUMING, "a client for 20 s", Phase.AVAILABLE, 0.25),
    ],
)
def test_each_phase_answers_each_event(before: Phase, event: str, after: Phase, up: float) -> None:
    nap = nap_in(before)
    who, seconds = event.removesuffix(" s").split(" for ")
    assert (use if who == "a client" else idle)(nap, float(seconds)) == pytest.approx(up)
    assert nap.phase is after


@pytest.mark.parametrize(
    ("before", "after", "wakes"),
    [
        (Phase.AVAILABLE, Phase.AVAILABLE, 0),
        (Phase.PAUSING, Phase.AVAILABLE, 0),
        (Phase.PAUSED, Phase.RESUMING, 1),
        (Phase.RESUMING, Phase.RESUMING, 1),
    ],
)
def test_a_wake_cancels_a_pause_and_starts_one_resume_only(before: Phase, after: Phase, wakes: int) -> None:
    for wake in (Nap.wake, Nap.wake_by_an_administrator):
        nap = nap_in(before)
        wake(nap)
        assert (nap.phase, nap.wakes) == (after, wakes)


def test_it_pauses_when_it_has_been_idle_without_a_break_for_the_whole_time() -> None:
    nap = make_nap()
    idle(nap, 299.0)
    use(nap, 1.0)
    idle(nap, 299.0)
    assert phase_of(nap) is Phase.AVAILABLE
    idle(nap, 1.0)
    assert phase_of(nap) is Phase.PAUSING


def test_it_never_pauses_when_its_range_or_a_blocker_forbids_it() -> None:
    for pause_after, may_pause in ((None, True), (PAUSE_AFTER, False)):
        nap = make_nap()
        assert idle(nap, DAY, pause_after=pause_after, may_pause=may_pause) == 1.0
        assert phase_of(nap) is Phase.AVAILABLE


def test_after_a_cancelled_pause_it_waits_the_whole_time_again() -> None:
    nap = nap_in(Phase.PAUSING)
    use(nap, 1.0)
    idle(nap, 299.0)
    assert phase_of(nap) is Phase.AVAILABLE
    idle(nap, 1.0)
    assert phase_of(nap) is Phase.PAUSING


def test_after_a_resume_it_waits_the_whole_time_again() -> None:
    nap = nap_in(Phase.RESUMING)
    idle(nap, 15.0)
    idle(nap, 299.0)
    assert phase_of(nap) is Phase.AVAILABLE
    idle(nap, 1.0)
    assert phase_of(nap) is Phase.PAUSING


def test_a_client_that_meets_a_sleeping_cluster_is_one_cold_hit_and_waits_for_the_resume() -> None:
    nap = nap_in(Phase.PAUSED)
    for _ in range(5):
        use(nap, 5.0)
    assert (nap.cold_hits, nap.cold_wait_seconds, nap.wakes) == (1, 15.0, 1)


def test_each_sleep_that_a_client_ends_is_a_cold_hit_of_its_own() -> None:
    nap = nap_in(Phase.PAUSED)
    use(nap, 60.0)
    idle(nap, 300.0)
    idle(nap, 5.0)
    use(nap, 60.0)
    assert (nap.cold_hits, nap.cold_wait_seconds, nap.wakes) == (2, 30.0, 2)


def test_a_client_that_comes_while_an_administrator_resumes_it_waits_for_the_rest_only() -> None:
    nap = nap_in(Phase.PAUSED)
    nap.wake_by_an_administrator()
    idle(nap, 10.0)
    assert (nap.cold_hits, nap.resumes_in_seconds) == (0, 5.0)
    use(nap, 1.0)
    use(nap, 10.0)
    assert (nap.cold_hits, nap.cold_wait_seconds, nap.wakes) == (1, 5.0, 1)
    assert (nap.phase, nap.resumes_in_seconds) == (Phase.AVAILABLE, 0.0)


def test_a_client_that_comes_after_a_timely_resume_meets_an_awake_cluster() -> None:
    nap = nap_in(Phase.PAUSED)
    nap.wake_by_an_administrator()
    idle(nap, 15.0)
    use(nap, 5.0)
    assert (nap.cold_hits, nap.cold_wait_seconds) == (0, 0.0)


def test_after_an_administrative_wake_it_stays_awake_for_twenty_minutes_more() -> None:
    nap = nap_in(Phase.PAUSED)
    nap.wake_by_an_administrator()
    idle(nap, 15.0)
    for _ in range(1199):
        idle(nap, 1.0)
        assert phase_of(nap) is Phase.AVAILABLE
    idle(nap, 1.0)
    assert phase_of(nap) is Phase.PAUSING


def test_a_client_that_wakes_it_does_not_hold_it_awake() -> None:
    nap = nap_in(Phase.PAUSED)
    use(nap, 20.0)
    idle(nap, 300.0)
    assert phase_of(nap) is Phase.PAUSING


def test_an_administrator_does_not_hold_an_awake_cluster_awake() -> None:
    nap = make_nap()
    nap.wake_by_an_administrator()
    assert nap.held_awake_seconds == 0.0


def resume_seconds(slept: float, settings: Sleeping, seed: int = 0) -> float:
    nap = make_nap(settings, seed)
    idle(nap, 300.0)
    idle(nap, 5.0)
    idle(nap, slept)
    nap.wake()
    return nap.resumes_in_seconds


def test_after_more_than_a_day_the_sleep_is_deeper() -> None:
    assert resume_seconds(DAY, PUNCTUAL) == 15.0
    assert resume_seconds(DAY + 1.0, PUNCTUAL) == 35.0


def test_resume_times_are_lognormal_about_their_median() -> None:
    drawn = sorted(resume_seconds(60.0, Sleeping(), seed) for seed in range(1500))
    assert np.quantile(drawn, (0.05, 0.5, 0.95)) == pytest.approx((9.0, 15.0, 25.0), rel=0.06)
    logs = (np.log(drawn) - np.log(15.0)) / 0.31
    assert np.std(logs) == pytest.approx(1.0, abs=0.05)
    assert abs(np.mean(logs**3)) < 0.25


def test_out_of_deep_sleep_nothing_takes_less_than_half_a_minute() -> None:
    drawn = [resume_seconds(2 * DAY, Sleeping(), seed) for seed in range(500)]
    assert min(drawn) == 30.0
    assert np.median(drawn) == pytest.approx(35.0, rel=0.05)


def test_who_leaves_a_group_is_in_the_middle_of_what_the_group_was_in_the_middle_of() -> None:
    group, leaver = nap_in(Phase.RESUMING), make_nap()
    leaver.join(group)
    assert (leaver.phase, leaver.resumes_in_seconds) == (Phase.RESUMING, 15.0)
    assert (leaver.wakes, leaver.cold_hits) == (0, 0)


EVENTS = st.tuples(
    st.sampled_from(("idle", "client", "wake", "administrator")), st.sampled_from((1.0, 15.0, 60.0, 299.0, 300.0))
)


@given(st.lists(EVENTS, max_size=80), st.integers(0, 5), st.booleans())
def test_there_are_no_other_ways(events: list[tuple[str, float]], seed: int, instant: bool) -> None:
    settings = replace(Sleeping(), pausing_seconds=0.0) if instant else Sleeping()
    nap = make_nap(settings, seed)
    phases = [nap.phase]
    for what, seconds in events:
        if what == "wake":
            nap.wake()
        elif what == "administrator":
            nap.wake_by_an_administrator()
        else:
            up = use(nap, seconds) if what == "client" else idle(nap, seconds)
            assert 0.0 <= up <= 1.0
            assert (up == 1.0) or nap.phase is not phases[-1] or nap.phase in (Phase.PAUSED, Phase.RESUMING)
            assert not (what == "client" and nap.phase in (Phase.PAUSING, Phase.PAUSED))
        phases.append(nap.phase)
    for before, after in pairwise(phases):
        assert after is before or after in WAYS[before]
