"""Many small calls become few large ones: a commit is flushed to the disk, which takes as long for a hundred."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

MOST_AT_ONCE = 200


class Batches(Generic[T, R]):
    """Does together what was handed in while the last was under way, writes or reads; one alone waits for nobody."""

    def __init__(
        self, write: Callable[[Sequence[T]], Awaitable[Sequence[R]]], *, most: int = MOST_AT_ONCE, lanes: int = 1
    ) -> None:
        """``write`` keeps all items or none, and answers them in their order; ``lanes`` of them go side by side."""
        self._write = write
        self._most = most
        self._lanes = lanes
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def add(self, item: T) -> R:
        """What ``write`` answered, as soon as it is kept.

        Raises:
            StorageError: it could not be kept, whatever became of the others.
        """
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if sum(not task.done() for task in self._tasks) < self._lanes:
            task = asyncio.create_task(self._work_off(), name="batches")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await answer

    async def drain(self) -> None:
        """Return when nothing is being written; somebody may have gone away while waiting for it."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _work_off(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            try:
                await self._keep(batch)
            except Exception:
                for one in batch:  # the faulty one must not take the others with it
                    await self._keep_alone(one)

    async def _keep(self, batch: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        results = await self._write([item for item, _ in batch])
        for (_, answer), result in zip(batch, results, strict=True):
            if not answer.done():  # whoever asked may have been cancelled meanwhile
                answer.set_result(result)

    async def _keep_alone(self, one: tuple[T, asyncio.Future[R]]) -> None:
        try:
            await self._keep([one])
        except Exception as problem:  # whoever handed it in is waiting for an answer, whatever it is
            if not one[1].done():
                one[1].set_exception(problem)
