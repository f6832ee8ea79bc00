"""What happened, for reading: a page at a time, or as a stream that goes on as things happen."""

from dataclasses import dataclass
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field

from autoscaler.api import event_schemas as schemas
from autoscaler.api.access import CALLER, visible
from autoscaler.api.control import desk_of
from autoscaler.api.endpoints import Endpoint, answer_page
from autoscaler.api.problems import NOT_POSSIBLE, UNKNOWN_NAME, shortened
from autoscaler.api.queries import Cursor, Limit, Query, id_from_cursor, read_query, to_cursor
from autoscaler.api.streams import stream
from autoscaler.errors import InvalidInput, NotPossible
from autoscaler.observability.events import Kind, Severity, severity
from autoscaler.service.access import Caller
from autoscaler.storage.events import Events, KeptEvent

# A filtered page gives up after so many events and hands out a cursor: no request reads all that ever happened.
BATCH, MOST_BATCHES = 500, 4
KINDS = Field(default=None, max_length=1000, description="Only these kinds, with commas between them.")


class Filter(Query):
    """Which events."""

    cluster: str | None = Field(default=None, max_length=100, description="Of one cluster only.")
    kind: Annotated[str | None, KINDS]
    severity: Literal["info", "warning", "error"] = Field(default="info", description="The least severity.")


class EventQuery(Filter):
    """Which events, and which page of them."""

    limit: Limit = 100
    cursor: Cursor = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a caller asked for and may see; what is about the whole service only those see who see all of it."""

    caller: Caller
    cluster_id: str | None
    kinds: frozenset[Kind]

    def shows(self, kept: KeptEvent) -> bool:
        """Whether he may see it."""
        cluster_id = kept.event.cluster_id
        return self.caller.sees(cluster_id) if cluster_id else self.caller.sees_all

    async def after(self, events: Events, event_id: int, limit: int) -> tuple[KeptEvent, ...]:
        """Up to ``limit`` events after an id, oldest first, those that he may not see included."""
        return await events.after(event_id, limit=limit, kinds=self.kinds, cluster_id=self.cluster_id)


async def list_events(request: web.Request) -> web.Response:
    """What happened, newest first."""
    query = read_query(request, EventQuery)
    choice = _choice(request, query)
    before = None if query.cursor is None else id_from_cursor(query.cursor)
    found, before = await _read(_events(request), choice, query.limit, before)
    next_page = None if before is None else _next_link(request, query, before)
    items = tuple(map(schemas.event_line, found))
    return answer_page(schemas.EventPage(items=items, next=next_page), next_page)


async def stream_events(request: web.Request) -> web.StreamResponse:
    """What happens, as it happens; after a break it goes on behind the Last-Event-ID."""
    query = read_query(request, Filter)
    choice = _choice(request, query)
    return await stream(request, desk_of(request).feed, _events(request), choice)


async def _read(events: Events, choice: Choice, limit: int, before: int | None) -> tuple[list[KeptEvent], int | None]:
    """The events of a page, and the id to go on before; None when there is nothing older."""
    size = limit + 1 if choice.caller.sees_all else BATCH
    found: list[KeptEvent] = []
    for _ in range(MOST_BATCHES):
        batch = await events.before(before, limit=size, kinds=choice.kinds, cluster_id=choice.cluster_id)
        for kept in filter(choice.shows, batch):
            if len(found) == limit:
                return found, found[-1].id
            found.append(kept)
        if len(batch) < size:
            return found, None
        before = batch[-1].id
    return found, before


def _choice(request: web.Request, query: Filter) -> Choice:
    if query.cluster is not None:
        visible(request, request[CALLER], query.cluster)
    known = {kind.value: kind for kind in Kind}
    asked = known if query.kind is None else query.kind.split(",")
    for name in asked:
        if name not in known:
            raise InvalidInput(f"kind is '{shortened(name)}'; there are: {', '.join(known)}")
    kinds = frozenset(known[name] for name in asked if Severity(query.severity).includes(severity(known[name])))
    return Choice(caller=request[CALLER], cluster_id=query.cluster, kinds=kinds)


def _events(request: web.Request) -> Events:
    events = desk_of(request).feed.events
    if events is None:
        raise NotPossible("this service keeps no events")
    return events


def _next_link(request: web.Request, query: EventQuery, before: int) -> str:
    asked = {key: str(value) for key, value in query.model_dump(exclude={"cursor"}).items() if value is not None}
    return str(request.rel_url.with_query({**asked, "cursor": to_cursor(str(before))}))


ENDPOINTS = (
    Endpoint(
        path="/v1/events",
        name="list_events",
        about="What happened, newest first.",
        handle=list_events,
        answer=schemas.EventPage,
        query=EventQuery,
        problems=(UNKNOWN_NAME, NOT_POSSIBLE),
    ),
    Endpoint(
        path="/v1/events/stream",
        name="stream_events",
        about="What happens, as server-sent events; send Last-Event-ID to go on where a stream broke off.",
        handle=stream_events,
        answer="text/event-stream",
        query=Filter,
        problems=(UNKNOWN_NAME, NOT_POSSIBLE),
    ),
)
