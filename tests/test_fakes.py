"""The fakes keep the promises of the ports they stand in for."""

import asyncio

import pytest

from autoscaler.core.decision import Advice
from autoscaler.core.ports import Clock, Policy
from tests.fakes import (
    MONDAY,
    AlwaysWishes,
    FollowsAList,
    KnowsNothing,
    ManualClock,
    later,
    make_range,
    make_samples,
    make_snapshot,
)


@pytest.mark.parametrize(
    "policy",
    [
        AlwaysWishes(range=make_range(1, 2)),
        FollowsAList(ranges=(make_range(1, 2),)),
        KnowsNothing(),
    ],
)
def test_every_fake_policy_is_a_policy(policy: Policy) -> None:
    assert isinstance(policy, Policy)
    assert hash(policy) == hash(policy)
    assert isinstance(policy.advise(make_snapshot(in_force=make_range(1, 2))), Advice)


def test_a_list_is_followed_by_the_time_of_the_snapshot() -> None:
    policy = FollowsAList(ranges=(make_range(1, 8), make_range(2, 8)), step_seconds=60)
    floors = [
        policy.advise(make_snapshot(in_force=make_range(1, 8), at=later(seconds))).range.floor_acu
        for seconds in (-60, 0, 59, 60, 6000)
    ]
    assert floors == [1, 1, 1, 2, 2]


def test_samples_follow_each_other_and_end_on_time() -> None:
    first, second = make_samples([1, None], until=later(120), seconds=60)
    assert (first.at, first.end, first.demand_acu) == (MONDAY, later(60), 1)
    assert (second.at, second.end, second.demand_acu) == (later(60), later(120), None)


async def test_sleepers_wake_in_their_order_each_at_its_own_time() -> None:
    clock, woken = ManualClock(), []

    async def nap(name: str, seconds: float, times: int) -> None:
        on: Clock = clock
        for _ in range(times):
            await on.sleep(seconds)
            woken.append((name, on.now()))

    async with asyncio.TaskGroup() as group:
        group.create_task(nap("slow", 50, 1))
        group.create_task(nap("quick", 20, 3))
        await clock.wait_for_sleepers(2)
        await clock.advance(45)
        assert (clock.now(), clock.sleepers) == (later(45), 2)
        await clock.advance(15)
    assert woken == [
        ("quick", later(20)),
        ("quick", later(40)),
        ("slow", later(50)),
        ("quick", later(60)),
    ]
    assert clock.now() == later(60)


async def test_a_cancelled_sleeper_holds_nobody_up() -> None:
    clock = ManualClock()
    task = asyncio.create_task(clock.sleep(10))
    await clock.wait_for_sleepers()
    task.cancel()
    await clock.advance(5)
    assert clock.sleepers == 0
    await clock.advance(10)
    assert (clock.now(), task.cancelled()) == (later(15), True)


async def test_no_time_passes_while_nobody_moves_the_clock() -> None:
    clock = ManualClock()
    await clock.sleep(0)
    assert clock.now() == MONDAY
