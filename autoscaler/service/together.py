"""One call for each of many, some at a time: what they ask of the store at once shares a query."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

# As many as fill a batch of the store; more would only wait for it.
AT_ONCE = 200


async def together(call: Callable[[T], Awaitable[R]], items: Iterable[T]) -> list[R]:
    """The answers in the order of the items; the first failure ends all calls and is raised."""
    places = asyncio.Semaphore(AT_ONCE)

    async def answer(item: T) -> R:
        async with places:
            return await call(item)

    tasks = [asyncio.create_task(answer(item)) for item in items]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
