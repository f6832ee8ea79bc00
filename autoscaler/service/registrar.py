"""Where clusters are registered, changed, removed, discovered and adopted, whoever acts on them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from autoscaler.core.capacity import Range
from autoscaler.core.control import Mode
from autoscaler.core.ports import Clock
from autoscaler.errors import ClusterError, InvalidInput, NotPossible, UnknownName
from autoscaler.observability.events import Kind as News
from autoscaler.registry import told
from autoscaler.service.clock import SystemClock
from autoscaler.service.feed import Feed
from autoscaler.service.foreign import refuse_files
from autoscaler.service.roster import Roster
from autoscaler.service.settings import ClusterSettings
from autoscaler.service.sources.kinds import find_kind, identity_of
from autoscaler.service.sources.opened import Sources
from autoscaler.service.sources.source import Found
from autoscaler.storage.audit import Deed
from autoscaler.storage.database import Database
from autoscaler.storage.once import Once
from autoscaler.storage.roster import Listing, Listings, Origin, first_range

LONGEST_DISCOVERY_SECONDS = 20.0
DEFAULT_KIND = "simulated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks for a change, and on what condition: ``expected`` is the revision seen, None for any."""

    actor: str
    request_id: str
    expected: int | None = None
    once: Once | None = None

    def deed(self, action: str) -> Deed:
        """For the audit log."""
        return Deed(at=SystemClock().now(), actor=self.actor, request_id=self.request_id, action=action)


class Registrar:
    """Writes the roster; every change is looked at at once here, and at the next beat elsewhere."""

    def __init__(
        self,
        database: Database,
        *,
        roster: Roster,
        sources: Sources | None,
        clock: Clock,
        feed: Feed,
        written: Callable[[], Awaitable[None]],
    ) -> None:
        """Without ``sources`` nothing is discovered; ``written`` is called after every change, for orders may end."""
        self._database = database
        self._listings = Listings(database)
        self._roster = roster
        self._sources = sources
        self._clock = clock
        self._feed = feed
        self._written = written

    async def listing(self, cluster_id: str) -> Listing:
        """A cluster as the store has it.

        Raises:
            UnknownName: there is none of that id.
            StorageError: it cannot be read.
        """
        listing = await self._listings.find(cluster_id)
        if listing is None or listing.removed:
            raise UnknownName("cluster", cluster_id, self._roster.members)
        return listing

    async def found_range(self, cluster_id: str) -> Range | None:
        """The range a cluster had when it was adopted, or at the first look after it was registered."""
        listing = await self.listing(cluster_id)
        return listing.found or await first_range(self._database, cluster_id, since=listing.registered_at)

    async def register(self, document: Mapping[str, Any], asked: Asked, *, found: Found | None = None) -> Listing:
        """A new cluster, which is only looked at; ``found`` by whoever adopts it.

        Raises:
            InvalidInput: its settings cannot be used.
            NotPossible: it is registered already.
        """
        checked = await _checked({**document, "mode": Mode.OBSERVE.value}, known={})
        cluster_id, at = str(checked["id"]), self._clock.now()
        other = self._roster.known_as(identity_of(checked["kind"], checked["source"]))
        if other not in (None, cluster_id):
            raise NotPossible(f"{cluster_id} is registered as '{other}' already: two would pull at one cluster")

        def edit(before: Listing | None) -> Listing:
            if before is not None and not before.removed:
                raise NotPossible(f"{cluster_id} is registered already; change it with PUT …/settings")
            return Listing(
                cluster_id=cluster_id,
                revision=0,
                origin=Origin.API,
                document=checked,
                registered_at=at,
                found=None if found is None else found.range,
            )

        action = "cluster.register" if found is None else "cluster.adopt"
        return await self._change(cluster_id, edit, asked, action)

    async def update(self, cluster_id: str, document: Mapping[str, Any], asked: Asked) -> Listing:
        """Other settings for a cluster, from its next tick on; what is ordered for it stays.

        Raises:
            InvalidInput: the settings cannot be used.
            NotPossible: its kind would be another one.
            Outdated: somebody else changed it meanwhile.
        """
        known = (await self.listing(cluster_id)).document
        if document.get("id", cluster_id) != cluster_id:
            raise InvalidInput(
                f"id is '{document['id']}', but these are the settings of {cluster_id}; an id never changes"
            )
        kind = known.get("kind", DEFAULT_KIND)
        if document.get("kind", DEFAULT_KIND) != kind:
            raise NotPossible(f"{cluster_id} is of kind {kind}; to make another of it, remove and register it")
        given = {**document, "id": cluster_id, "mode": known["mode"]}
        checked = await _checked(given, known=known)
        return await self._change(cluster_id, lambda before: _changed(before, checked), asked, "cluster.update")

    async def patch(self, cluster_id: str, patch: Mapping[str, Any], asked: Asked) -> Listing:
        """The same for some of the settings: a JSON merge patch (RFC 7396)."""
        listing = await self.listing(cluster_id)
        asked = asked if asked.expected is not None else replace(asked, expected=listing.revision)
        return await self.update(cluster_id, merged(listing.document, patch), asked)

    async def remove(self, cluster_id: str, asked: Asked) -> Listing:
        """No more decisions about a cluster; its range and its history stay as they are.

        Raises:
            Outdated: somebody else changed it meanwhile.
        """
        at = self._clock.now()

        def edit(before: Listing | None) -> Listing:
            if before is None or before.removed:
                raise NotPossible(f"{cluster_id} has been removed already")
            return replace(before, origin=Origin.API, removed_at=at)

        return await self._change(cluster_id, edit, asked, "cluster.remove")

    async def discover(self, kind: str) -> tuple[Found, ...]:
        """The clusters that a kind's source knows of, and that nobody has registered.

        Raises:
            InvalidInput: there is no such kind.
            NotPossible: nobody can tell, or the provider did not answer.
        """
        known = self._roster
        new = (one for one in await self._all(kind) if one.id not in known.members)
        return tuple(one for one in new if not known.known_as(identity_of(kind, one.settings.get("source", {}))))

    async def adopt(self, kind: str, document: Mapping[str, Any], asked: Asked) -> Listing:
        """Register a cluster that its source knows of, and remember the range it has.

        Args:
            document: its id, its policy, and what shall differ from what the source tells.

        Raises:
            InvalidInput: the source knows no such cluster, or the settings cannot be used.
            NotPossible: it is registered already.
        """
        known = {one.id: one for one in await self._all(kind)}
        found = known.get(document["id"])
        if found is None:
            there = ", ".join(sorted(set(known) - set(self._roster.members))) or "none that is not registered"
            raise InvalidInput(f"no {kind} cluster '{document['id']}' was found; there are: {there}")
        told_of = {"title": found.title, "tags": dict(found.tags), **found.settings}
        listing = await self.register(merged(told_of, {**document, "kind": kind}), asked, found=found)
        self._feed.emit(
            News.CLUSTER_ADOPTED, f"{asked.actor} adopted it at {found.range}", cluster_id=listing.cluster_id
        )
        return listing

    async def _all(self, kind: str) -> tuple[Found, ...]:
        try:
            find_kind(kind)
        except UnknownName as problem:
            raise InvalidInput(str(problem)) from None
        if self._sources is None:
            raise NotPossible("this service discovers no clusters")
        try:
            async with asyncio.timeout(LONGEST_DISCOVERY_SECONDS):
                return tuple(await self._sources.discover(kind))
        except ClusterError as problem:
            raise NotPossible(f"the source of {kind} clusters cannot tell what there is: {problem}") from None
        except TimeoutError:
            seconds = f"{LONGEST_DISCOVERY_SECONDS:g} s"
            raise NotPossible(f"the source of {kind} clusters did not answer within {seconds}; ask again") from None

    async def _change(self, cluster_id: str, edit: Any, asked: Asked, action: str) -> Listing:  # noqa: ANN401 - see Listings
        listing = await self._listings.change(
            cluster_id, edit, asked.deed(action), expected=asked.expected, once=asked.once
        )
        await self._written()
        await self._roster.refresh()
        return listing


def merged(document: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """A document after a JSON merge patch (RFC 7396): null takes away, mappings go deeper, anything else replaces."""
    found = dict(document)
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        elif isinstance(value, Mapping):
            before = found.get(key)
            found[key] = merged(before if isinstance(before, Mapping) else {}, value)
        else:
            found[key] = value
    return found


def _changed(before: Listing | None, document: dict[str, Any]) -> Listing:
    if before is None or before.removed:
        raise NotPossible("it has been removed meanwhile; register it again")
    return replace(before, origin=Origin.API, document=document)


async def _checked(document: Mapping[str, Any], *, known: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as they are kept, beside the event loop: a calendar may take a while."""
    refuse_files({key: value for key, value in document.items() if known.get(key) != value})
    return await asyncio.to_thread(_read, document)


def _read(document: Mapping[str, Any]) -> dict[str, Any]:
    try:
        settings = ClusterSettings.model_validate(dict(document))
        settings.demand_usable()
    except ValidationError as problems:
        raise InvalidInput(told(problems)) from None
    except UnknownName as problem:  # of a scenario, say: nothing of that name was asked for here
        raise InvalidInput(str(problem)) from None
    return settings.model_dump(mode="json")
