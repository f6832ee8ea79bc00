"""The experiment on a simulated cluster: what is measured is what its profile says, and the range always comes back."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from autoscaler.awsapi.moods import Moods
from autoscaler.awsapi.world import World
from autoscaler.config import ClusterDocument
from autoscaler.core.capacity import Range
from autoscaler.errors import ClusterError, ClusterForbidden, NotPossible
from autoscaler.service.experiment import Experiment
from autoscaler.simulator.climbing import FloorRaise, cluster_document, read_off
from tests.adapters.aurora_clusters import Connected, aurora
from tests.fakes import MONDAY, ManualClock, later, make_range

HELD, RAISED = make_range(1, 16), make_range(8, 16)


def held(world: World) -> Range | None:
    return world.clusters["orders"].held


class Lively:
    """A clock that lets the simulated clusters live while somebody sleeps; a sleep may be cut short."""

    def __init__(self, one: Connected, clock: ManualClock, *, cut_short_after: int | None = None) -> None:
        self._one, self._clock, self._left = one, clock, cut_short_after

    def now(self) -> Any:
        return self._clock.now()

    async def sleep(self, seconds: float) -> None:
        if self._left == 0:
            self._left = None
            raise asyncio.CancelledError
        self._left = None if self._left is None else self._left - 1
        await self._clock.advance(3.3)  # nobody wakes on the minute
        for _ in range(round(seconds / 10)):
            await self._clock.advance(10.0)
            self._one.world.live()


async def measured(clock: ManualClock, *, jumps: bool) -> FloorRaise:
    async with aurora(clock, held=HELD) as one:
        cluster = one.world.clusters["orders"]
        profile = cluster.spec.profile
        cluster.spec = replace(
            cluster.spec, profile=replace(profile, changing=replace(profile.changing, floor_jumps=jumps))
        )
        one.demand_acu = 0.3
        one.world.settle(cluster)
        await clock.advance(1200.0)
        one.world.live()
        experiment = Experiment(one.account, clock=Lively(one, clock), told=lambda text: None)
        seen = await experiment.run(await experiment.plan("orders", floor_acu=8, minutes=10))
        assert held(one.world) == HELD
    return seen


async def test_a_floor_that_jumps_is_seen_to_jump() -> None:
    found = read_off(await measured(ManualClock(later(7.3)), jumps=True))

    assert (found.jumped, found.climb_acu_per_second) == (True, None)
    assert found.start_acu == pytest.approx(1.0)
    assert found.reached_seconds is not None
    assert 60.0 <= found.reached_seconds <= 120.0
    assert found.stayed_seconds is not None
    assert 90 <= found.stayed_seconds <= 360


async def test_a_floor_that_is_climbed_to_gives_burst_and_rate() -> None:
    seen = await measured(ManualClock(MONDAY), jumps=False)
    found = read_off(seen)
    document = ClusterDocument.model_validate(cluster_document("measured", seen, found))

    assert found.jumped is False
    assert found.burst_acu == pytest.approx(4.0, abs=1.5)
    assert found.climb_acu_per_second is None or found.climb_acu_per_second > 0
    assert document.build_profile().changing.floor_jumps is False
    assert document.build_limits().max_acu == 16.0


async def test_the_range_comes_back_when_it_is_interrupted() -> None:
    clock = ManualClock(MONDAY)
    async with aurora(clock, held=HELD) as one:
        experiment = Experiment(one.account, clock=Lively(one, clock, cut_short_after=0), told=lambda text: None)
        plan = await experiment.plan("orders", floor_acu=8, minutes=10)
        with pytest.raises(asyncio.CancelledError):
            await experiment.run(plan)
        assert held(one.world) == HELD


async def test_what_is_refused_leaves_everything_as_it_was() -> None:
    clock = ManualClock(MONDAY)
    async with aurora(clock, held=HELD) as one:
        experiment = Experiment(one.account, clock=Lively(one, clock), told=lambda text: None)
        plan = await experiment.plan("orders", floor_acu=8, minutes=10)
        one.world.gate.moods = Moods(denied=("rds:ModifyDBCluster",))
        with pytest.raises(ClusterForbidden, match="rds:ModifyDBCluster"):
            await experiment.run(plan)
        assert (held(one.world), clock.now()) == (HELD, MONDAY)


async def test_a_range_that_cannot_be_given_back_is_told_loudly() -> None:
    clock = ManualClock(MONDAY)
    async with aurora(clock, held=HELD) as one:

        class Denying(Lively):
            async def sleep(self, seconds: float) -> None:
                one.world.gate.moods = Moods(denied=("rds:ModifyDBCluster",))
                await super().sleep(seconds)

        experiment = Experiment(one.account, clock=Denying(one, clock), told=lambda text: None)
        plan = await experiment.plan("orders", floor_acu=8, minutes=3)
        with pytest.raises(
            ClusterError, match=r"could NOT be given its range back .* set a minimum of 1 and a maximum of 16"
        ):
            await experiment.run(plan)


@pytest.mark.parametrize(
    ("in_force", "floor", "why"),
    [
        (make_range(0.5, 16, 300), 8, "may pause"),
        (make_range(8, 16), 8, "is no raise inside of its range"),
        (make_range(1, 4), 8, "is no raise inside of its range"),
    ],
)
async def test_a_cluster_that_does_not_fit_is_left_alone(in_force: Range, floor: float, why: str) -> None:
    clock = ManualClock(MONDAY)
    async with aurora(clock, held=in_force) as one:
        experiment = Experiment(one.account, clock=clock, told=lambda text: None)
        with pytest.raises(NotPossible, match=why):
            await experiment.plan("orders", floor_acu=floor, minutes=10)
        with pytest.raises(NotPossible, match="no cluster bills"):
            await experiment.plan("bills", floor_acu=floor, minutes=10)


def test_nothing_measured_says_nothing() -> None:
    seen = FloorRaise(before=HELD, raised=RAISED, raised_at=MONDAY, restored_at=later(600), minutes=())
    found = read_off(seen)

    assert (found.jumped, found.reached_seconds, found.stayed_seconds) == (None, None, None)
    assert cluster_document("x", seen, found)["overrides"] == {}
