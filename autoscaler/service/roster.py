"""Which clusters there are, as of the latest beat; whoever follows is told when that changes."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import structlog
from pydantic import ValidationError

from autoscaler.core.capacity import Range
from autoscaler.core.control import Mode
from autoscaler.documents.renamed import as_called_now
from autoscaler.errors import InvalidInput, StorageError, UnknownName
from autoscaler.registry import told
from autoscaler.service.settings import ClusterSettings
from autoscaler.service.sources.kinds import identity_of
from autoscaler.storage.roster import Listing, Listings

Follower = Callable[[], Awaitable[None]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A cluster of the fleet; ``revision`` 0: only the settings file knows of it yet."""

    settings: ClusterSettings
    revision: int = 0
    registered_at: datetime | None = None
    found: Range | None = None


class Roster:
    """The fleet; one short query a beat keeps up with those who write to the store, here or elsewhere."""

    def __init__(
        self,
        listings: Listings | None = None,
        seeds: Iterable[ClusterSettings] = (),
        *,
        selects: Callable[[Mapping[str, str]], bool] = lambda tags: True,
    ) -> None:
        """``seeds`` are there until the store says otherwise; without ``listings`` it never does.

        Clusters whose tags ``selects`` leaves out are another release's.
        """
        self.revision = 0
        self._selects = selects
        self._listings = listings
        self._members = {one.id: Member(settings=one) for one in seeds}
        self._followers: list[Follower] = []
        self._turn = asyncio.Lock()
        self._cut_off = False

    @property
    def members(self) -> Mapping[str, Member]:
        """The clusters there are, by id."""
        return self._members

    def settings(self) -> tuple[ClusterSettings, ...]:
        """Those of all clusters."""
        return tuple(member.settings for member in self._members.values())

    def known_as(self, identity: str | None) -> str | None:
        """The id under which a cluster of a provider is registered; None when it is not."""
        of = (one.settings for one in self._members.values() if identity is not None)
        return next((one.id for one in of if identity_of(one.kind, one.source) == identity), None)

    def member(self, cluster_id: str) -> Member:
        """One cluster.

        Raises:
            UnknownName: there is none of that id.
        """
        if cluster_id not in self._members:
            raise UnknownName("cluster", cluster_id, self._members)
        return self._members[cluster_id]

    def mode(self, cluster_id: str) -> Mode:
        """What becomes of decisions about a cluster where nobody ordered anything."""
        member = self._members.get(cluster_id)
        return Mode.OBSERVE if member is None else member.settings.mode

    async def refresh(self) -> None:
        """Look at what was written since, and let followers follow; a store that is away changes nothing."""
        async with self._turn:
            try:
                fresh = () if self._listings is None else await self._listings.since(self.revision)
            except StorageError as problem:
                if not self._cut_off:
                    log.warning("roster_unread", reason=str(problem))
                self._cut_off = True
                return
            self._cut_off = False
            for listing in fresh:
                self._take(listing)
            for follower in self._followers:
                await follower()

    @contextmanager
    def followed_by(self, follower: Follower) -> Iterator[None]:
        """Call ``follower`` after every look, whether or not anything is new: it may have to catch up."""
        self._followers.append(follower)
        try:
            yield
        finally:
            self._followers.remove(follower)

    def _take(self, listing: Listing) -> None:
        self.revision = max(self.revision, listing.revision)
        if listing.removed:
            self._members.pop(listing.cluster_id, None)
            return
        try:
            settings = settings_of(listing)
        except InvalidInput as problem:  # written by another version; the others go on
            log.error("cluster_unusable", cluster=listing.cluster_id, reason=str(problem))
            return
        if not self._selects(settings.tags):
            self._members.pop(listing.cluster_id, None)
            return
        self._members[listing.cluster_id] = Member(
            settings=settings,
            revision=listing.revision,
            registered_at=listing.registered_at,
            found=listing.found,
        )


async def sow(
    seeds: Iterable[ClusterSettings],
    listings: Listings,
    *,
    at: datetime,
    selects: Callable[[Mapping[str, str]], bool] = lambda tags: True,
) -> None:
    """Put the settings file's clusters on the roster, but for those that somebody changed over the API.

    Clusters whose tags ``selects`` leaves out are another release's, and stay as they are.

    Raises:
        InvalidInput: a cluster of the file cannot be used.
        StorageError: the store cannot.
    """
    documents = {}
    for one in seeds:
        one.demand_usable()
        documents[one.id] = one.model_dump(mode="json")
    for listing in await listings.sow(documents, at=at, selects=selects):
        if listing.removed or listing.document != documents[listing.cluster_id]:
            why = "it was removed over the API" if listing.removed else "it was changed over the API"
            log.warning(
                "seed_overruled", cluster=listing.cluster_id, reason=f"{why}; the settings file no longer counts"
            )


def settings_of(listing: Listing) -> ClusterSettings:
    """The settings behind a listing.

    Raises:
        InvalidInput: this version of the service cannot use them.
    """
    try:
        return ClusterSettings.model_validate(as_called_now(listing.document))
    except ValidationError as problems:
        raise InvalidInput(f"the settings of {listing.cluster_id}: {told(problems)}") from None
