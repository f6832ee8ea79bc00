"""Every decision of a live run, steered by hand in the middle, comes out the same from what is stored."""

from dataclasses import replace
from pathlib import Path

import pytest

from autoscaler.config import LimitsDocument, PolicyDocument
from autoscaler.core.control import Direction, Freeze, Mode, Override
from autoscaler.core.decision import Decision, Grounds
from autoscaler.core.plain import to_plain
from autoscaler.core.rules import RULES
from autoscaler.errors import UnknownName
from autoscaler.service.configured import configured
from autoscaler.service.desk import Desk
from autoscaler.service.replay import replay
from autoscaler.service.settings import ClusterSettings
from autoscaler.service.supervisor import Supervisor
from autoscaler.service.wiring import assembled
from autoscaler.storage.controls import Orders
from autoscaler.storage.entries import JournalEntry
from tests.fakes import ManualClock, later, make_range
from tests.service.builders import Recorder, decisions_of, make_cluster, make_settings, run_for

CASES = {
    "budget": make_cluster(
        policy=PolicyDocument(policy="native", budget={"usd_per_day": 0.01, "clamp": True}, settings={"floor_acu": 32}),
    ),
    "quantile": make_cluster(
        policy=PolicyDocument(policy="quantile", forecaster="seasonal-naive", throttling_price=40),
        scenario="analytics",
        seed=3,
    ),
    "pausing": make_cluster(
        policy=PolicyDocument(policy="reactive", settings={"pause_after_seconds": 900}),
        scenario="development-test",
        limits=LimitsDocument(min_acu=0, max_acu=8, may_pause=True),
    ),
    "foreseen use": make_cluster(
        policy=PolicyDocument(policy="pausing"),
        scenario="development-test",
        limits=LimitsDocument(min_acu=0, max_acu=8, may_pause=True),
    ),
    "learned load": make_cluster(
        policy=PolicyDocument(policy="reactive", signals={"learns": "connections"}), scenario="analytics", seed=3
    ),
}

GROUNDS = {
    "budget": Grounds.FIXED,
    "quantile": Grounds.MEASURED,
    "pausing": Grounds.MEASURED,
    "foreseen use": Grounds.FIXED,
    "learned load": Grounds.MEASURED,
}


def steered(desk: Desk, clock: ManualClock) -> list[Orders]:
    """What a person orders one after the other, each for twenty minutes."""
    until = later(1200, clock.now())
    nobody = Orders(cluster_id="shop")
    return [
        replace(nobody, override=Override(range=make_range(4, 8), until=until, by="ada")),
        replace(nobody, freeze=Freeze(direction=Direction.BOTH, until=until, by="ada")),
        replace(nobody, mode=Mode.RECOMMEND),
        replace(nobody, mode=Mode.ENFORCE),
    ]


async def run_steered(supervisor: Supervisor, clock: ManualClock) -> None:
    desk = supervisor.desk
    assert desk is not None
    await run_for(supervisor, clock, ticks=30)
    for turn in range(4):
        orders = steered(desk, clock)[turn]
        await desk.change(
            "shop",
            lambda _, orders=orders: orders,  # type: ignore[misc]
            actor="ada",
            request_id="r",
            action="test",
            expected=turn,
            once=None,
        )
        await run_for(supervisor, clock, ticks=30)


async def all_entries(supervisor: Supervisor) -> tuple[JournalEntry, ...]:
    return tuple(reversed(await supervisor.decisions("shop", limit=500)))


@pytest.mark.parametrize("name", CASES)
async def test_every_decision_of_a_steered_run_comes_out_the_same(name: str, tmp_path: Path) -> None:
    clock = ManualClock()
    async with assembled(make_settings(tmp_path, CASES[name]), clock=clock) as supervisor:
        await run_steered(supervisor, clock)
        entries, desk = await all_entries(supervisor), supervisor.desk
        assert desk is not None
        again = [await desk.replay(await desk.explain("shop", entry.id)) for entry in entries]

        explained = await desk.explain("shop", entries[-1].id)

    assert explained.grounds is GROUNDS[name]
    assert len(entries) == 150
    assert [one.differs for one in again] == [()] * 150
    assert {entry.inputs.control.mode for entry in entries} == {Mode.ENFORCE, Mode.RECOMMEND}
    assert sum(entry.inputs.control.override is not None for entry in entries) == 20
    assert sum(entry.inputs.control.freeze is not None for entry in entries) == 20
    assert len({one.digest for one in again}) == 150
    assert (entries[-1].inputs.worth is not None) == (name == "learned load")


async def test_a_restart_in_the_middle_changes_no_decision(tmp_path: Path) -> None:
    settings, told, clock = make_settings(tmp_path / "a", CASES["pausing"]), Recorder(), ManualClock()
    async with assembled(settings, observers=[told], clock=clock) as supervisor:
        await run_steered(supervisor, clock)
        await run_for(supervisor, clock, ticks=10)
    settings, parted, clock = make_settings(tmp_path / "b", CASES["pausing"]), Recorder(), ManualClock()
    async with assembled(settings, observers=[parted], clock=clock) as supervisor:
        await run_steered(supervisor, clock)
    async with assembled(settings, observers=[parted], clock=clock) as supervisor:
        await run_for(supervisor, clock, ticks=10)

    assert decisions_of(told.reports) == decisions_of(parted.reports)


async def test_a_decision_under_other_settings_is_found_to_differ(tmp_path: Path) -> None:
    clock = ManualClock()
    case: ClusterSettings = CASES["quantile"]
    async with assembled(make_settings(tmp_path, case), clock=clock) as supervisor:
        await run_for(supervisor, clock, ticks=30)
        desk = supervisor.desk
        assert desk is not None
        explained = await desk.explain("shop", 30)

    other = configured(case, PolicyDocument(policy="native"), 2)
    again = replay(replace(explained, settings=other))

    assert not again.same
    assert set(again.differs) <= {"wish", "after", "reason", "steps", "memory"}
    assert again.digest != explained.digest


async def test_an_explanation_has_a_word_of_every_rule(tmp_path: Path) -> None:
    clock = ManualClock()
    async with assembled(make_settings(tmp_path), clock=clock) as supervisor:
        await run_for(supervisor, clock, ticks=20)
        desk = supervisor.desk
        assert desk is not None
        told = [await desk.explain("shop", number) for number in range(1, 21)]
        with pytest.raises(UnknownName, match=r"no decision named '21'; there are: 16, 17, 18, 19, 20"):
            await desk.explain("shop", 21)

    decisions: list[Decision] = [one.entry.decision for one in told]
    assert [tuple(word.step for word in one.words if word.step) for one in told] == [one.steps for one in decisions]
    assert {len(one.words) for one in told} == {len(RULES)}
    assert to_plain(told[0].snapshot.status) == to_plain(told[0].entry.inputs.status)
