"""Long histories are read a few at a time: a fleet that starts decides at once, and remembers the weeks afterwards."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

# Each keeps some ten thousand samples in memory while it is read; more at once would not be faster.
MOST_AT_ONCE = 8


class Histories:
    """Places for those who read one, and the tasks that read them beside the ticks."""

    def __init__(self, most: int = MOST_AT_ONCE) -> None:
        self.places = asyncio.Semaphore(most)
        self._tasks: set[asyncio.Task[Any]] = set()

    def later(self, work: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        """Do it when there is a place; whoever wants the answer asks the task, or nobody does."""
        task = asyncio.create_task(self._in_turn(work), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    async def close(self) -> None:
        """Read no further."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _in_turn(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            async with self.places:
                return await work
        finally:
            work.close()  # one that never began would complain

    def _done(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # a cluster that has left the fleet does not ask any more
