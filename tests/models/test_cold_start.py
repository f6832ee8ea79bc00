"""How long a resume will take, as far as earlier ones tell."""

from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest

from autoscaler.core.capacity import Phase
from autoscaler.errors import InvalidInput
from autoscaler.simulator.nap import Nap
from autoscaler.simulator.profiles import PROFILES, Sleeping
from models.cold_start import PRIORS, ColdStart, ResumePrior, believe, restore

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
    assert expected.median_seconds == pytest.approx(15.0)
    assert 5.0 < expected.low_seconds < 10.0
    assert 22.0 < expected.high_seconds < 45.0


def test_a_deep_sleep_takes_longer_to_wake_from_and_is_learned_apart() -> None:
    cluster = learned(8.0, 9.0, 8.5, 8.0, 9.5)
    assert cluster.expect(slept_seconds=HOUR).median_seconds < 12.0
    assert cluster.expect(slept_seconds=TWO_DAYS).median_seconds == pytest.approx(36.0)
    assert learned(70.0, slept_seconds=TWO_DAYS).expect(slept_seconds=TWO_DAYS).median_seconds > 40.0


def test_the_interval_narrows_as_alike_resumes_are_seen() -> None:
    few, many = learned(15.0).expect(slept_seconds=HOUR), learned(*[14.0, 15.0, 16.0] * 20).expect(slept_seconds=HOUR)
    assert many.high_seconds - many.low_seconds < 0.5 * (few.high_seconds - few.low_seconds)


@pytest.mark.parametrize("wrong", [-5.0, 0.0, nan, inf, -inf, 1e9])
def test_times_that_cannot_be_teach_nothing(wrong: float) -> None:
    assert learned(wrong) == believe(AURORA)
    assert believe(AURORA).update(slept_seconds=-1.0, resume_seconds=15.0) == believe(AURORA)


def test_one_freak_resume_does_not_spoil_what_many_taught() -> None:
    usual = [14.0, 15.0, 16.0] * 10
    assert learned(*usual, 3000.0).expect(slept_seconds=HOUR).median_seconds < 18.0


@pytest.mark.parametrize("share", [0.0, 1.0, nan, 90.0])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(InvalidInput, match="is not between 0 and 1"):
        believe(AURORA).expect(slept_seconds=HOUR, share=share)


def test_it_tells_how_likely_a_client_gives_up() -> None:
    cluster = believe(AURORA)
    assert cluster.chance_beyond(15.0, slept_seconds=HOUR) == pytest.approx(0.5)
    assert cluster.chance_beyond(10.0, slept_seconds=HOUR) > cluster.chance_beyond(60.0, slept_seconds=HOUR)
    assert cluster.chance_beyond(0.0, slept_seconds=HOUR) > 0.99


def test_it_comes_back_from_its_state_as_it_was() -> None:
    cluster = learned(8.0, 9.0, 70.0)
    assert restore(cluster.state()) == cluster
    with pytest.raises(InvalidInput, match="fit the model anew"):
        restore({**cluster.state(), "version": 99})


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
            within.append(expected.low_seconds <= took <= expected.high_seconds)
            cluster = cluster.update(slept_seconds=slept_seconds, resume_seconds=took)
    assert 0.88 <= np.mean(within) <= 0.92
