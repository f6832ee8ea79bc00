"""Clusters told from bytes that were made before: never older than what they tell."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from autoscaler.core.control import Mode
from autoscaler.service.desk import Desk
from autoscaler.storage.audit import Deed
from autoscaler.storage.controls import Controls
from tests.api.fleet import FakeFleet, make_view
from tests.api.reader import Reader
from tests.fakes import MONDAY, ManualClock

ORDERS = "/v1/clusters/orders"
HOUR = {"for_seconds": 3600}


async def told(api: Reader, read: Callable[[dict[str, object]], object]) -> tuple[object, object]:
    """What the single cluster and the list say."""
    listed = {one["cluster_id"]: one for one in (await api.get("/v1/clusters")).json["items"]}
    return read((await api.get(ORDERS)).json), read(listed["orders"])


async def test_the_next_tick_is_told(api: Reader, fleet: FakeFleet) -> None:
    first = await told(api, lambda one: one["demand_acu"])
    fleet.clusters["orders"] = replace(make_view(), demand_acu=9.0)

    assert (first, await told(api, lambda one: one["demand_acu"])) == ((4.25, 4.25), (9.0, 9.0))


async def test_an_order_is_told_at_once_and_until_its_end(api: Reader, desk: Desk) -> None:
    def flags(one: dict[str, object]) -> object:
        return one["mode"], one["overridden"], one["frozen"]

    first = await told(api, flags)
    await api.send("PUT", f"{ORDERS}/mode", {"mode": "enforce"})
    await api.send("PUT", f"{ORDERS}/freeze", {"direction": "both", **HOUR})
    frozen = await told(api, flags)
    assert isinstance(desk._clock, ManualClock)
    await desk._clock.advance(3600)

    assert first == (("recommend", False, False),) * 2
    assert frozen == (("enforce", False, True),) * 2
    assert await told(api, flags) == (("enforce", False, False),) * 2


async def test_the_kill_switch_is_told_from_the_next_beat_on(api: Reader, desk: Desk, tmp_path: Path) -> None:
    first = await told(api, lambda one: one["halted"])
    (tmp_path / "stop").touch()
    await desk.orders("orders")  # as a beat does

    assert first == ("", "")
    assert await told(api, lambda one: one["halted"]) == (f"{tmp_path / 'stop'} exists",) * 2


async def test_a_page_of_decisions_is_made_once_a_tick(api: Reader, desk: Desk) -> None:
    path = f"{ORDERS}/decisions?limit=1"
    first = await api.get(path)
    await desk.database.close()
    kept = await api.get(path)

    assert (kept.text, kept.headers["Link"]) == (first.text, first.headers["Link"])


async def test_what_another_replica_was_told_is_shown_after_a_look(api: Reader, desk: Desk) -> None:
    first = await told(api, lambda one: one["mode"])
    deed = Deed(at=MONDAY, actor="ada", request_id="r", action="mode.set")
    edit = partial(replace, mode=Mode.ENFORCE)
    await Controls(desk.database).change("orders", edit, deed, expected=None)
    await desk.look()  # as a replica that waits does, now and then

    assert (first, await told(api, lambda one: one["mode"])) == (("recommend",) * 2, ("enforce",) * 2)
