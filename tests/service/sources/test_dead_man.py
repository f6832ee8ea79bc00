"""A service that dies leaves its clusters with the range they were found with."""

from pathlib import Path
from typing import Any

import pytest

from autoscaler.awsapi.moods import Moods
from autoscaler.awsapi.schedules import fire_due
from autoscaler.core.control import Mode
from autoscaler.service.dead_man import PutOffTheWorst
from autoscaler.service.settings import ServiceSettings
from autoscaler.service.wiring import assembled
from tests.adapters.aurora_clusters import Connected, aurora
from tests.fakes import MONDAY, ManualClock, make_range
from tests.service.builders import make_settings, run_for
from tests.service.sources.registered import registered, sources_of

FOUND, ENFORCED = make_range(2, 16), make_range(4, 16)
ROLE = "arn:aws:iam::123456789012:role/autoscaler-dead-man"
SWITCH = {"role_arn": ROLE, "after_seconds": 1200}


def settings_of(one: Connected, folder: Path, **others: Any) -> ServiceSettings:
    limits = {"limits": {"min_acu": 1, "max_acu": 16}}
    enforced = registered(one, mode="enforce", cluster=limits, **others)
    return make_settings(folder, enforced, sources=sources_of(one, dead_man=SWITCH), savings=False)


async def dead_man(supervisor: Any, found: Any = FOUND) -> PutOffTheWorst:
    """As the wiring makes it, but for the range that the cluster was found with."""
    desk = supervisor.desk

    async def found_range(cluster_id: str) -> Any:
        return found

    return PutOffTheWorst(
        sources=desk._sources,
        roster=desk._roster,
        steering=desk._steering,
        clock=desk._clock,
        found_range=found_range,
    )


async def live(one: Connected, clock: ManualClock, seconds: float) -> None:
    await clock.advance(seconds)
    one.world.live()
    fire_due(one.world)


async def test_the_range_comes_back_after_the_last_sign_of_life(tmp_path: Path) -> None:
    clock = ManualClock(MONDAY)
    async with aurora(clock, held=FOUND) as one:
        async with assembled(settings_of(one, tmp_path), clock=clock) as supervisor:
            chore = await dead_man(supervisor)
            await run_for(supervisor, clock, ticks=1)
            for _ in range(4):
                await chore()
                await live(one, clock, 600.0)
            assert supervisor.desk is not None
            one.world.clusters["orders"].simulated.apply(ENFORCED)  # type: ignore[union-attr]
            armed = dict(one.world.schedules)
        held = []
        for _ in range(3):
            await live(one, clock, 300.0)
            held.append(one.world.clusters["orders"].held)

    assert [schedule.role_arn for schedule in armed.values()] == [ROLE]
    assert held == [ENFORCED, FOUND, FOUND]
    assert one.world.schedules == {}


async def test_it_is_put_off_at_half_time_only(tmp_path: Path) -> None:
    clock = ManualClock(MONDAY)
    async with aurora(clock, held=FOUND) as one, assembled(settings_of(one, tmp_path), clock=clock) as supervisor:
        chore = await dead_man(supervisor)
        await run_for(supervisor, clock, ticks=1)
        ends = []
        for _ in range(22):
            await chore()
            [schedule] = one.world.schedules.values()
            ends.append((schedule.at - MONDAY).total_seconds())
            await live(one, clock, 60.0)

    assert sorted(set(ends)) == [1200.0 + 60, 1800.0 + 60, 2400.0 + 60]


async def test_a_cluster_that_is_no_longer_enforced_is_disarmed(tmp_path: Path) -> None:
    clock = ManualClock(MONDAY)
    async with aurora(clock, held=FOUND) as one, assembled(settings_of(one, tmp_path), clock=clock) as supervisor:
        chore = await dead_man(supervisor)
        await run_for(supervisor, clock, ticks=1)
        await chore()
        assert list(one.world.schedules) == [f"autoscaler-{one.resource_id}"]
        desk = supervisor.desk
        assert desk is not None
        await desk.change(
            "orders",
            lambda orders: orders.__class__(cluster_id="orders", mode=Mode.OBSERVE),
            actor="me",
            request_id="1",
            action="mode.set",
            expected=None,
            once=None,
        )
        await chore()
        await chore()

    assert one.world.schedules == {}


async def test_a_call_that_is_forbidden_is_told_once_and_tried_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = ManualClock(MONDAY)
    async with aurora(clock, held=FOUND) as one, assembled(settings_of(one, tmp_path), clock=clock) as supervisor:
        chore = await dead_man(supervisor)
        await run_for(supervisor, clock, ticks=1)
        one.world.gate.moods = Moods(denied=("scheduler:CreateSchedule",))
        await chore()
        await chore()
        one.world.gate.moods = Moods()
        await chore()

    told = capsys.readouterr().out
    assert told.count("dead_man_failed") == 1
    assert "may not call scheduler:CreateSchedule" in told
    assert len(one.world.schedules) == 1


async def test_clusters_of_accounts_without_it_are_left_alone(tmp_path: Path) -> None:
    clock = ManualClock(MONDAY)
    async with aurora(clock, held=FOUND) as one:
        settings = make_settings(tmp_path, registered(one, mode="enforce"), sources=sources_of(one), savings=False)
        async with assembled(settings, clock=clock) as supervisor:
            await (await dead_man(supervisor))()

    assert one.world.schedules == {}
