"""Server-sent events. A reader has a place in the store and no queue here, so that a slow one costs no memory."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from aiohttp import web

from autoscaler.api.access import ACCESS, token_of
from autoscaler.api.event_schemas import event_line
from autoscaler.api.guards import DEADLINE
from autoscaler.api.problems import TOO_MANY, problem
from autoscaler.api.queries import LARGEST_ID
from autoscaler.errors import InvalidInput, StorageError
from autoscaler.service.feed import Feed
from autoscaler.storage.events import Events, KeptEvent

MOST_STREAMS = 100
PAGE = 100
# Proxies close what is silent for a minute; so often, too, it is seen whether the token is still good.
HEARTBEAT_SECONDS = 15.0
# Whoever takes nothing for so long is let go; he comes back with the id of the last event he got.
SLOW_SECONDS = 20.0
RETRY_MILLISECONDS = 2000

log = structlog.get_logger(__name__)


class Selection(Protocol):
    """Which events a reader gets."""

    def shows(self, kept: KeptEvent) -> bool:
        """Whether he may see it."""
        ...

    async def after(self, events: Events, event_id: int, limit: int) -> tuple[KeptEvent, ...]:
        """Up to ``limit`` events after an id, oldest first."""
        ...


@dataclass(slots=True)
class Streams:
    """Those that are open; at the end of the application they are asked to close."""

    open: int = 0
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    heartbeat_seconds: float = HEARTBEAT_SECONDS
    slow_seconds: float = SLOW_SECONDS


STREAMS = web.AppKey("streams", Streams)


async def stream(request: web.Request, feed: Feed, events: Events, selection: Selection) -> web.StreamResponse:
    """Send what happens until the reader goes, is too slow, loses his token, or the service stops.

    Raises:
        InvalidInput: the Last-Event-ID is none.
        StorageError: the store cannot be read at the beginning.
    """
    streams = request.app[STREAMS]
    if streams.open >= MOST_STREAMS:
        refusal = problem(request, TOO_MANY, f"{MOST_STREAMS} streams are open already")
        refusal.headers["Retry-After"] = "30"
        return refusal
    place = await _place(request, events)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    request[DEADLINE].reschedule(None)
    streams.open += 1
    try:
        await _send(request, response, f"retry: {RETRY_MILLISECONDS}\n\n")
        await _go_on(request, response, feed, events, selection, place)
    except TimeoutError:
        log.warning("stream_dropped", reason=f"nothing was taken for {streams.slow_seconds:g} s")
        if request.transport is not None:
            request.transport.abort()
    except (ConnectionError, StorageError) as problem_:
        log.debug("stream_ended", reason=str(problem_))
    finally:
        streams.open -= 1
    return response


async def close_streams(app: web.Application) -> None:
    """A signal at the end of the application."""
    app[STREAMS].closing.set()


async def _go_on(
    request: web.Request,
    response: web.StreamResponse,
    feed: Feed,
    events: Events,
    selection: Selection,
    place: int,
) -> None:
    streams = request.app[STREAMS]
    while not streams.closing.is_set():
        newest = feed.newest
        page = await selection.after(events, place, PAGE) if newest > place else ()
        shown = "".join(map(_told, filter(selection.shows, page)))
        if shown:
            await _send(request, response, shown)
        place = page[-1].id if len(page) == PAGE else max(place, newest, *(kept.id for kept in page))
        if len(page) == PAGE or await _something_new(feed, place, streams):
            continue
        if not await _still_welcome(request):
            return
        await _send(request, response, ": still here\n\n")


async def _something_new(feed: Feed, place: int, streams: Streams) -> bool:
    """Whether there is; otherwise a while has passed, or the application ends."""
    waits = [asyncio.create_task(feed.newer_than(place)), asyncio.create_task(streams.closing.wait())]
    try:
        await asyncio.wait(waits, timeout=streams.heartbeat_seconds, return_when=asyncio.FIRST_COMPLETED)
        return waits[0].done() or waits[1].done()
    finally:
        for wait in waits:
            wait.cancel()


async def _still_welcome(request: web.Request) -> bool:
    book = request.app[ACCESS].book
    return book is None or await book.caller(token_of(request)) is not None


async def _place(request: web.Request, events: Events) -> int:
    """After which event to begin. An id from before the store was replaced by another one is the newest here."""
    newest, told = await events.newest_id(), request.headers.get("Last-Event-ID", "").strip()
    if told == "":
        return newest
    if not (told.isascii() and told.isdigit() and len(told) <= 19 and int(told) <= LARGEST_ID):
        raise InvalidInput(f"Last-Event-ID is '{told[:40]}'; it is the id of an event, or left out")
    return min(int(told), newest)


async def _send(request: web.Request, response: web.StreamResponse, text: str) -> None:
    async with asyncio.timeout(request.app[STREAMS].slow_seconds):
        await response.write(text.encode())


def _told(kept: KeptEvent) -> str:
    return f"id: {kept.id}\nevent: {kept.event.kind}\ndata: {event_line(kept).model_dump_json()}\n\n"
