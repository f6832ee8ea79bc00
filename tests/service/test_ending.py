"""Orders that end by themselves are told of once, whoever acts by then."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from autoscaler.core.control import Direction, Freeze, Override
from autoscaler.observability.events import Event, Kind
from autoscaler.service.supervisor import Supervisor
from autoscaler.service.wiring import assembled
from autoscaler.storage.controls import Orders
from tests.fakes import ManualClock, later, make_range
from tests.service.builders import make_settings, run_for

OVERRIDE = Override(range=make_range(4, 8), until=later(150), by="ada")
FREEZE = Freeze(direction=Direction.BOTH, until=later(300), by="bob")


async def order(supervisor: Supervisor, edit: Callable[[Orders], Orders]) -> None:
    assert supervisor.desk is not None
    await supervisor.desk.change(
        "shop", edit, actor="ada", request_id="r-1", action="override.set", expected=None, once=None
    )


async def ends_told(supervisor: Supervisor, clock: ManualClock, *, ticks: int) -> list[tuple[str, float]]:
    """What was said to end, and at which second."""
    told: list[Event] = []
    assert supervisor.desk is not None
    supervisor.desk.feed.listen(told.append)
    await run_for(supervisor, clock, ticks=ticks)
    return [(one.text, (one.at - later(0)).total_seconds()) for one in told if one.kind is Kind.ORDER_ENDED]


async def test_an_override_and_a_freeze_that_end_by_themselves_are_told_of_once(tmp_path: Path) -> None:
    clock = ManualClock()
    async with assembled(make_settings(tmp_path), clock=clock) as supervisor:
        await order(supervisor, lambda orders: replace(orders, override=OVERRIDE, freeze=FREEZE))
        told = await ends_told(supervisor, clock, ticks=9)

    assert told == [
        ("the override by ada has ended by itself", 180),
        ("the freeze by bob has ended by itself", 300),
    ]


async def test_what_ended_while_the_service_was_down_is_told_at_its_start(tmp_path: Path) -> None:
    clock = ManualClock()
    async with assembled(make_settings(tmp_path), clock=clock) as supervisor:
        await order(supervisor, lambda orders: replace(orders, override=OVERRIDE, freeze=FREEZE))
        await run_for(supervisor, clock, ticks=4)
    await clock.advance(600)
    async with assembled(make_settings(tmp_path), clock=clock) as supervisor:
        told = await ends_told(supervisor, clock, ticks=3)

    assert told == [("the freeze by bob has ended by itself", 840)]


async def test_one_that_a_person_ended_is_not(tmp_path: Path) -> None:
    clock = ManualClock()
    async with assembled(make_settings(tmp_path), clock=clock) as supervisor:
        await order(supervisor, lambda orders: replace(orders, override=OVERRIDE))
        await run_for(supervisor, clock, ticks=1)
        await order(supervisor, lambda orders: replace(orders, override=None))
        told = await ends_told(supervisor, clock, ticks=5)

    assert told == []
