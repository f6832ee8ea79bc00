"""Fits in processes of their own: what they learn comes back, and what goes wrong stays there."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from multiprocessing import active_children

import numpy as np
import pytest

from autoscaler.backtest.tuning.trial import Trial
from autoscaler.backtest.tuning.tuner import Tuner
from autoscaler.config import ClusterDocument, LimitsDocument
from autoscaler.core.decision import RuleSettings
from autoscaler.core.history import History
from autoscaler.core.ports import Forecaster
from autoscaler.core.samples import Sample
from autoscaler.errors import AutoscalerError
from autoscaler.service.bucket import Bucket
from autoscaler.service.fitting import WAITING_FOR_EACH, Crew, InProcesses, InThreads, make_fits
from models.seasonal_naive import SeasonalNaive
from tests.fakes import MONDAY
from tests.service.fitters import Dies, NeverEnds, Refuses

HISTORY = History(start=MONDAY, step_seconds=300.0, demand_acu=np.arange(600.0) % 288)


@pytest.fixture
def fits() -> Iterator[InProcesses]:
    made = InProcesses(processes=1, seconds=60.0, per_hour=100)
    yield made
    made.close()


@pytest.mark.slow
async def test_another_process_learns_the_same(fits: InProcesses) -> None:
    theirs, ours = await fits.fit(SeasonalNaive(), HISTORY), SeasonalNaive().fit(HISTORY)

    assert theirs is not None
    told = [one.forecast(made_at=MONDAY, steps=12, levels=(0.5, 0.9)) for one in (theirs, ours)]
    assert told[0] == told[1]


@pytest.mark.slow
async def test_whatever_goes_wrong_is_told_and_the_next_fit_is_none_the_worse(fits: InProcesses) -> None:
    with pytest.raises(AutoscalerError, match=r"a fit of Refuses failed: KeyError: 'a mistake'"):
        await fits.fit(Refuses(), HISTORY)
    with pytest.raises(AutoscalerError, match="a fit of Dies ended with its process, which died"):
        await fits.fit(Dies(), HISTORY)
    assert await fits.fit(SeasonalNaive(), HISTORY) is not None


@pytest.mark.slow
async def test_a_fit_that_takes_too_long_is_ended() -> None:
    fits = InProcesses(processes=1, seconds=0.01, per_hour=100)
    with pytest.raises(AutoscalerError, match=r"a fit of NeverEnds took longer than 0\.01 s"):
        await fits.fit(NeverEnds(), HISTORY)
    fits.close()


@pytest.mark.slow
async def test_who_finds_no_place_asks_again_later_and_a_stop_waits_for_nobody(fits: InProcesses) -> None:
    endless: list[Forecaster] = [NeverEnds()] * (1 + WAITING_FOR_EACH)
    tasks = [asyncio.create_task(fits.fit(one, HISTORY)) for one in endless]
    await asyncio.sleep(0)

    assert await fits.fit(SeasonalNaive(), HISTORY) is None
    fits.close()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(one, AutoscalerError | asyncio.CancelledError) for one in ended)


def a_tuner(days: int = 2) -> Tuner:
    """It has seen jobs that come each hour."""
    cluster = ClusterDocument(limits=LimitsDocument(max_acu=32.0))
    spec, limits = cluster.build_spec(), cluster.build_limits()
    tuner = Tuner(Trial(spec=spec, limits=limits, rules=RuleSettings(), price=64.0, turn_seconds=60.0))
    tuner.observe(
        Sample(at=MONDAY + timedelta(minutes=5 * k), seconds=300.0, demand_acu=20.0 if k % 12 < 2 else 1.0)
        for k in range(288 * days)
    )
    return tuner


def kill_the_process() -> None:
    while not (processes := [one for one in active_children() if one.name == "fit"]):
        threading.Event().wait(0.01)
    processes[0].kill()


@pytest.mark.slow
async def test_another_process_chooses_the_same_and_a_killed_one_is_survived(fits: InProcesses) -> None:
    tuner, in_place = a_tuner(), a_tuner()
    asked = fits.choose(tuner)
    assert asked is not None
    await asyncio.to_thread(kill_the_process)
    with pytest.raises(AutoscalerError, match=r"a choice of a policy for .* ended with its process"):
        await asked
    again = fits.choose(tuner)
    assert again is not None
    at = MONDAY + timedelta(days=2, minutes=2)
    tuner.adopt(await again, at)
    in_place.tune(at)
    assert tuner.tuning(at) == in_place.tuning(at)


def test_whoever_finds_no_place_to_choose_asks_again_later() -> None:
    crew = Crew(1, name="choose", hourly=Bucket(per_second=1.0, size=0.0, now=lambda: 0.0))
    assert (crew.room, crew.take(a_tuner().trying(), seconds=1.0)) == (True, None)
    crew.close()


async def test_there_is_a_limit_to_the_fits_of_an_hour() -> None:
    fits = InProcesses(processes=1, seconds=60.0, per_hour=1)
    fits.close()
    with pytest.raises(RuntimeError):  # it had a place, in a service that has stopped
        await fits.fit(SeasonalNaive(), HISTORY)

    assert await fits.fit(SeasonalNaive(), HISTORY) is None


async def test_without_processes_threads_fit() -> None:
    fits = make_fits(processes=0, seconds=60.0, per_hour=1)

    assert isinstance(fits, InThreads)
    assert await fits.fit(SeasonalNaive(), HISTORY) is not None


def test_a_bucket_fills_evenly_and_never_over_its_brim() -> None:
    now = [0.0]
    bucket = Bucket(per_second=2.0, size=3.0, now=lambda: now[0])
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]

    now[0] = 0.5
    assert [bucket.take(), bucket.take()] == [True, False]

    now[0] = 100.0
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]


def test_a_token_may_be_reserved_before_it_is_there() -> None:
    now = [0.0]
    bucket = Bucket(per_second=2.0, size=1.0, now=lambda: now[0])

    assert [bucket.reserve() for _ in range(3)] == [0.0, 0.5, 1.0]
    now[0] = 1.0
    assert bucket.reserve() == 0.5


FORECASTS_ALONE = """
import sys
from datetime import UTC, datetime
import numpy as np
from autoscaler.core.history import History
from autoscaler.service.fit_process import Fit, FitProcess
from models.gradient_boosting import GradientBoosting

start = datetime(2026, 3, 2, tzinfo=UTC)
demand = 2.0 + np.sin(np.arange(800) / 96 * 2 * np.pi)
process = FitProcess()
history = History(start=start, step_seconds=900.0, demand_acu=demand)
fitted = process.do(Fit(forecaster=GradientBoosting(), history=history), seconds=120)
process.close()
said = fitted.forecast(made_at=start, steps=4, levels=(0.5,)).demand_acu[0]
print(fitted.forest is not None, len(said), "sklearn" in sys.modules)
"""


@pytest.mark.slow
def test_the_process_of_the_ticks_never_loads_a_heavy_library() -> None:
    done = subprocess.run([sys.executable, "-c", FORECASTS_ALONE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "4", "False"]
