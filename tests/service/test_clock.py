"""The clocks: the only file besides the clocks themselves that may look at real time."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.core.ports import Clock
from autoscaler.service.clock import GridClock, ScaledClock, Stopwatch, SystemClock
from tests.fakes import MONDAY, ManualClock, later


def test_the_system_clock_is_aware_utc_and_right() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()

    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC


def test_a_scaled_clock_starts_where_it_is_told_and_runs_faster() -> None:
    before = time.monotonic()
    clock = ScaledClock(start=MONDAY, speed=1000.0)
    made = time.monotonic()
    while time.monotonic() < made + 0.001:
        pass
    now = clock.now()
    after = time.monotonic()

    assert timedelta(seconds=1.0) <= now - MONDAY <= timedelta(seconds=1000.0 * (after - before))
    assert clock.now() >= now


@pytest.mark.parametrize("clock", [SystemClock(), ScaledClock(start=MONDAY, speed=100.0)])
async def test_sleepers_sleep_by_their_clock(clock: Clock) -> None:
    before, stopwatch = clock.now(), Stopwatch()

    await clock.sleep(0.02)

    assert stopwatch.seconds < 5.0
    assert clock.now() - before >= timedelta(seconds=0.019)


@given(seconds=st.floats(0, 1e6), grid=st.sampled_from((15.0, 60.0, 300.0)))
def test_a_grid_clock_tells_the_last_moment_on_the_grid(seconds: float, grid: float) -> None:
    real = later(seconds)
    told = GridClock(ManualClock(real), seconds=grid).now()

    assert told <= real < told + timedelta(seconds=grid)
    assert told.timestamp() % grid == 0
    assert told.tzinfo is UTC


async def test_a_grid_clock_sleeps_by_its_own() -> None:
    clock = ManualClock()
    sleeper = asyncio.create_task(GridClock(clock, seconds=60.0).sleep(90.0))

    await clock.advance(89.0)
    assert not sleeper.done()
    await clock.advance(1.0)
    assert sleeper.done()


def test_a_stopwatch_counts_from_its_last_start() -> None:
    stopwatch = Stopwatch()
    first = stopwatch.seconds
    assert 0 <= first <= stopwatch.seconds

    stopwatch.restart()
    assert stopwatch.seconds < 5.0
