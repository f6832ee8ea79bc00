"""Reading a stream of server-sent events that may break off and be taken up again."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

from autoscaler.cli.remote import Remote, refused
from autoscaler.errors import ServiceError

if TYPE_CHECKING:
    from aiohttp import ClientSession

# The service says something at least every 15 s.
SILENCE_SECONDS = 45.0
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 30.0


async def follow(
    remote: Remote,
    path: str,
    *,
    after: int | None,
    tell: Callable[[str], None],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncGenerator[dict[str, Any]]:
    """Every event after that id (None: from now on), for ever; ``tell`` hears once of each break.

    Raises:
        ServiceError: the service cannot be reached at the beginning.
        AccessDenied: the token is not good for it, or not any more.
        InvalidInput: the service refuses what was asked.
    """
    import aiohttp

    wait_seconds, reached = FIRST_WAIT_SECONDS, False
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=10.0, sock_read=SILENCE_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        while True:
            try:
                async for line in _read(session, remote, path, after):
                    wait_seconds, reached = FIRST_WAIT_SECONDS, True
                    if line is not None:
                        after = line["id"]
                        yield line
                trouble = "the service ended the stream"
            except (aiohttp.ClientError, TimeoutError, ServiceError) as problem:
                trouble = str(problem) or type(problem).__name__
                if not reached:
                    raise ServiceError(f"no events from {remote.url}: {trouble}; is it running?") from None
            if wait_seconds == FIRST_WAIT_SECONDS:
                tell(f"{trouble}; trying again")
            await sleep(wait_seconds)
            wait_seconds = min(2 * wait_seconds, LONGEST_WAIT_SECONDS)


async def _read(
    session: "ClientSession", remote: Remote, path: str, after: int | None
) -> AsyncIterator[dict[str, Any] | None]:
    """Events of one connection; None once it stands."""
    headers = {**remote.authorization, **({} if after is None else {"Last-Event-ID": str(after)})}
    async with session.get(remote.url + path, headers=headers, ssl=remote.trusted, allow_redirects=False) as answer:
        if answer.status != 200:
            raise await refused(answer)
        yield None
        async for raw in answer.content:
            name, _, value = raw.decode().partition(":")
            if name == "data":
                yield json.loads(value)
