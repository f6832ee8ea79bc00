"""Giving clusters back: what the replica that acts does until each has the range again that it was found with."""

from dataclasses import dataclass, field, replace

import structlog

from autoscaler.core.capacity import Phase
from autoscaler.core.control import Mode
from autoscaler.errors import NotPossible, Outdated, StorageError, UnknownName
from autoscaler.observability.events import Kind
from autoscaler.service.clock import SystemClock
from autoscaler.service.feed import Feed
from autoscaler.service.roster import Roster
from autoscaler.service.steering import Steering
from autoscaler.service.views import ClusterView, Fleet
from autoscaler.storage.audit import Deed
from autoscaler.storage.controls import Controls, Orders
from autoscaler.storage.database import Database
from autoscaler.storage.roster import Listings, first_range

ACTOR = "autoscaler"

log = structlog.get_logger(__name__)


def demand_releasable(view: ClusterView, orders: Orders, *, halted: str) -> None:
    """Make sure that a cluster can be given its range back now.

    Raises:
        NotPossible: it sleeps, is busy or silent, or changes are stopped.
    """
    status, name = view.status, view.cluster_id
    if status is None or view.error is not None:
        raise NotPossible(f"{name} does not answer: {view.error or 'it has not told its range yet'}; ask again later")
    if status.phase is Phase.PAUSED:
        raise NotPossible(f"{name} is asleep, and a change of its range would wake it; wake it first: resume-now")
    if status.phase is not Phase.AVAILABLE or status.requested is not None:
        raise NotPossible(
            f"{name} is busy: {status.phase}, on its way to {status.requested or status.range}; ask again"
        )
    if halted:
        raise NotPossible(f"the kill switch is on: {halted}")
    if orders.freeze is not None:
        until = orders.freeze.until.isoformat()
        raise NotPossible(f"changes of {name} are frozen until {until}; end the freeze first")


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishReleases:
    """An errand: a cluster that has its range back is only looked at from then on."""

    fleet: Fleet
    steering: Steering
    controls: Controls
    feed: Feed

    async def __call__(self) -> None:
        """What cannot be written down now is tried again at the next beat."""
        for orders in self.steering.releasing():
            if orders.release is None or not self._is_back(orders):
                continue
            deed = Deed(at=SystemClock().now(), actor=ACTOR, request_id="", action="release.done")
            try:
                await self.controls.change(orders.cluster_id, _released, deed, expected=orders.revision)
            except Outdated:
                continue  # somebody has just ordered something else
            text = f"{orders.release.range} is in force again, as it was found; nothing more is asked for"
            self.feed.emit(Kind.CLUSTER_RELEASED, text, cluster_id=orders.cluster_id)

    def _is_back(self, orders: Orders) -> bool:
        try:
            status = self.fleet.view(orders.cluster_id).status
        except UnknownName:  # it was removed meanwhile
            return False
        return (
            status is not None
            and orders.release is not None
            and (status.range, status.requested)
            == (
                orders.release.range,
                None,
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteFoundRanges:
    """A chore: the range each cluster was found with outlives the decisions that are forgotten."""

    roster: Roster
    database: Database
    listings: Listings
    noted: set[str] = field(default_factory=set)

    async def __call__(self) -> None:
        """A store that is away is asked again at the next turn."""
        found = {}
        try:
            for name, member in self.roster.members.items():
                if member.found is None and member.registered_at is not None and name not in self.noted:
                    first = await first_range(self.database, name, since=member.registered_at)
                    if first is not None:
                        found[name] = first
            await self.listings.note_found(found)
        except StorageError as problem:
            log.warning("found_ranges_unnoted", reason=str(problem))
            return
        self.noted.update(found)


def _released(orders: Orders) -> Orders:
    return replace(orders, release=None, override=None, mode=Mode.OBSERVE)
