"""How long a resume will take, as far as earlier ones tell."""

from dataclasses import replace
from datetime import timedelta
from math import inf, nan

import numpy as np
import pytest

from autoscaler.core.capacity import Phase
from autoscaler.core.resumes import Resume
from autoscaler.errors import InvalidInput
from autoscaler.simulator.nap import Nap
from autoscaler.simulator.profiles import PROFILES, Sleeping
from models.cold_start import PRIORS, ColdStart, ResumePrior, believe, prior_of, restore
from tests.fakes import MONDAY

AURORA = PRIORS["aurora-v2"]
HOUR, TWO_DAYS = 3600.0, 172_800.0


def learned(*resume_seconds: float, slept_seconds: float = HOUR, prior: ResumePrior = AURORA) -> ColdStart:
    found = believe(prior)
    for seconds in resume_seconds:
        found = found.update(slept_seconds=slept_seconds, resume_seconds=seconds)
    return found


def simulated(sleeping: Sleeping, slept_seconds: float, rng: np.random.Generator) -> float:
    """How long a simulated cluster takes to resume, to a tenth of a second."""
    nap, seconds = Nap(replace(sleeping, pausing_seconds=0.0), rng), 0.1
    nap.step(seconds=seconds, active=False, pause_after_seconds=0, may_pause=True)
    nap.step(seconds=seconds, active=False, pause_after_seconds=0, may_pause=True)
    assert nap.phase is Phase.PAUSED
    nap.step(seconds=slept_seconds, active=False, pause_after_seconds=0, may_pause=True)
    nap.wake()
    return nap.resumes_in_seconds


def test_before_the_first_resume_it_expects_what_the_kind_of_cluster_does() -> None:
    expected = believe(AURORA).expect(slept_seconds=HOUR)
    assert expected.median == pytest.approx(15.0)
    assert 5.0 < expected.low < 10.0
    assert 22.0 < expected.high < 45.0


def test_a_deep_sleep_takes_longer_to_wake_from_and_is_learned_apart() -> None:
    cluster = learned(8.0, 9.0, 8.5, 8.0, 9.5)
    assert cluster.expect(slept_seconds=HOUR).median < 12.0
    assert cluster.expect(slept_seconds=TWO_DAYS).median == pytest.approx(36.0)
    assert learned(70.0, slept_seconds=TWO_DAYS).expect(slept_seconds=TWO_DAYS).median > 40.0


def test_the_interval_narrows_as_alike_resumes_are_seen() -> None:
    few, many = learned(15.0).expect(slept_seconds=HOUR), learned(*[14.0, 15.0, 16.0] * 20).expect(slept_seconds=HOUR)
    assert many.high - many.low < 0.5 * (few.high - few.low)


@pytest.mark.parametrize("wrong", [-5.0, 0.0, nan, inf, -inf, 1e9])
def test_times_that_cannot_be_teach_nothing(wrong: float) -> None:
    assert learned(wrong) == believe(AURORA)
    assert believe(AURORA).update(slept_seconds=-1.0, resume_seconds=15.0) == believe(AURORA)


def test_one_freak_resume_does_not_spoil_what_many_taught() -> None:
    usual = [14.0, 15.0, 16.0] * 10
    assert learned(*usual, 3000.0).expect(slept_seconds=HOUR).median < 18.0


@pytest.mark.parametrize("share", [0.0, 1.0, nan, 90.0])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(InvalidInput, match="is not between 0 and 1"):
        believe(AURORA).expect(slept_seconds=HOUR, share=share)


def test_it_tells_how_likely_a_client_gives_up() -> None:
    cluster = believe(AURORA)
    assert cluster.chance_beyond(15.0, slept_seconds=HOUR) == pytest.approx(0.5)
    assert cluster.chance_beyond(10.0, slept_seconds=HOUR) > cluster.chance_beyond(60.0, slept_seconds=HOUR)
    assert cluster.chance_beyond(0.0, slept_seconds=HOUR) > 0.99


def woken(minute: int, seconds: float = 15.0, **seen: float) -> Resume:
    return Resume(at=MONDAY + timedelta(minutes=minute), slept_seconds=HOUR, resume_seconds=seconds, **seen)  # type: ignore[arg-type]


def test_wakes_are_learned_once_however_often_they_are_told() -> None:
    once = believe(AURORA).after([woken(0, 20.0), woken(60, 22.0)])
    again = once.after([woken(0, 20.0), woken(60, 22.0), woken(30, 900.0)])
    assert again == once
    assert once.seen == 2


@pytest.mark.parametrize("seconds", [-15.0, 0.0, nan, inf, 1e9])
def test_a_wake_that_cannot_be_teaches_nothing_and_those_after_it_do(seconds: float) -> None:
    after = believe(AURORA).after([woken(0, seconds), woken(60, 20.0)])
    assert replace(after, newest=0.0) == replace(believe(AURORA).after([woken(60, 20.0)]), newest=0.0)


def test_what_follows_a_wake_is_learned_beside_it() -> None:
    before = believe(AURORA)
    after = before.after(
        woken(60 * hour, 15.0, first_query_seconds=16.0, warm_seconds=240.0, connections=40) for hour in range(30)
    )
    assert after.first_query.quantile(0.5) == pytest.approx(16.0, rel=0.1)
    assert after.warm.quantile(0.5) == pytest.approx(240.0, rel=0.15)
    assert after.crowd.quantile(0.5) == pytest.approx(40.0, rel=0.15)
    assert before.after([woken(0)]).warm == before.warm


def test_of_a_kind_that_nobody_described_less_is_known() -> None:
    known, unknown = (believe(prior_of(name)).expect(slept_seconds=HOUR) for name in ("aurora-v2", "sized-15s"))
    assert unknown.median == known.median
    assert unknown.high > known.high


def test_a_local_postgresql_is_expected_to_take_what_its_profile_measured() -> None:
    measured = PROFILES["local-postgres"].sleeping.resume_median_seconds
    expected = [believe(prior_of("local-postgres")).expect(slept_seconds=slept).median for slept in (HOUR, TWO_DAYS)]
    assert expected == pytest.approx([measured, measured])


def test_it_comes_back_from_its_state_as_it_was() -> None:
    cluster = learned(8.0, 9.0, 70.0)
    assert restore(cluster.state()) == cluster
    with pytest.raises(InvalidInput, match="fit the model anew"):
        restore({**cluster.state(), "resumes_version": 99})


@pytest.mark.parametrize("slept_seconds", [HOUR, TWO_DAYS])
@pytest.mark.parametrize("name", ["aurora-v2", "neon-like"])
def test_nine_of_ten_simulated_resumes_lie_within_the_interval(name: str, slept_seconds: float) -> None:
    rng, sleeping = np.random.default_rng(7), PROFILES[name].sleeping
    within = []
    for _ in range(60):
        luck = rng.lognormal(0.0, 0.2)
        unusual = replace(
            sleeping,
            resume_median_seconds=sleeping.resume_median_seconds * luck,
            deep_resume_median_seconds=sleeping.deep_resume_median_seconds * luck,
        )
        cluster = believe(PRIORS[name])
        for _ in range(30):
            took, expected = simulated(unusual, slept_seconds, rng), cluster.expect(slept_seconds=slept_seconds)
            within.append(expected.low <= took <= expected.high)
            cluster = cluster.update(slept_seconds=slept_seconds, resume_seconds=took)
    assert 0.88 <= np.mean(within) <= 0.92
