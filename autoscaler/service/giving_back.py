"""What a rollout that was taken back may have left behind: ceilings that limits of the new version lowered."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from autoscaler.core.capacity import Range
from autoscaler.core.control import Override
from autoscaler.core.rollout import Rollout
from autoscaler.service.clock import SystemClock
from autoscaler.storage.archive import Archive, Wanted
from autoscaler.storage.audit import Deed
from autoscaler.storage.controls import Controls, Orders
from autoscaler.storage.database import Database

# Until then a change that has to keep its distance from the last one was made.
LASTING = timedelta(minutes=15)


async def give_ceilings_back(database: Database, rollout: Rollout, *, actor: str, at: datetime) -> tuple[str, ...]:
    """Order the ceilings that clusters had before the rollout, where they are lower now; returns whose.

    No policy moves a ceiling without the owner's consent, so that nobody else would raise it again. It is an order as
    people give them: logged, ended by itself, and never in the place of one that a person has given.

    Raises:
        StorageError: the journal cannot be read, or the order not be kept.
    """
    archive, controls, restored = Archive(database), Controls(database), []
    for cluster_id in rollout.order[: rollout.reached]:
        before = await _range_of(archive, cluster_id, Wanted(until=rollout.started_at))
        now = await _range_of(archive, cluster_id, Wanted())
        if before is None or now is None or now.ceiling_acu >= before.ceiling_acu:
            continue
        override = Override(range=replace(now, ceiling_acu=before.ceiling_acu), until=at + LASTING, by=actor)
        deed = Deed(at=SystemClock().now(), actor=actor, request_id="", action="override.set")
        await controls.change(cluster_id, _unless_ordered(override, at), deed, expected=None)
        restored.append(cluster_id)
    return tuple(restored)


async def _range_of(archive: Archive, cluster_id: str, wanted: Wanted) -> Range | None:
    newest = await archive.decisions(cluster_id, limit=1, wanted=wanted)
    return newest[0].decision.after if newest else None


def _unless_ordered(override: Override, at: datetime) -> Callable[[Orders], Orders]:
    def edit(orders: Orders) -> Orders:
        return orders if orders.at(at).override is not None else replace(orders, override=override)

    return edit
