"""What comes together is written together, and one that cannot be kept takes no other with it."""

import asyncio
from collections.abc import Sequence

import pytest

from autoscaler.errors import StorageError
from autoscaler.storage.batches import MOST_AT_ONCE, Batches


class Shelf:
    """Keeps numbers below 1000, all of a batch or none; answers with their doubles."""

    def __init__(self) -> None:
        self.kept: list[int] = []
        self.batches: list[int] = []
        self.begun = asyncio.Event()

    async def write(self, items: Sequence[int]) -> Sequence[int]:
        self.batches.append(len(items))
        self.begun.set()
        await asyncio.sleep(0)
        if max(items) >= 1000:
            raise StorageError(f"{max(items)} is too large")
        self.kept += items
        return [2 * item for item in items]


async def test_one_on_its_own_is_written_at_once() -> None:
    shelf = Shelf()
    batches = Batches(shelf.write)

    assert [await batches.add(1), await batches.add(2)] == [2, 4]
    assert shelf.batches == [1, 1]


async def test_each_gets_its_own_answer_and_order_is_kept() -> None:
    shelf = Shelf()
    batches = Batches(shelf.write)

    answers = await asyncio.gather(*(batches.add(item) for item in range(500)))

    assert answers == [2 * item for item in range(500)]
    assert shelf.kept == list(range(500))
    assert shelf.batches == [MOST_AT_ONCE, MOST_AT_ONCE, 100]


async def test_a_faulty_one_takes_no_other_with_it() -> None:
    shelf = Shelf()
    batches = Batches(shelf.write)

    answers = await asyncio.gather(*(batches.add(item) for item in (1, 1000, 3)), return_exceptions=True)

    assert answers[0] == 2
    assert answers[2] == 6
    assert isinstance(answers[1], StorageError)
    assert shelf.kept == [1, 3]


async def test_who_has_gone_away_is_not_missed() -> None:
    shelf = Shelf()
    batches = Batches(shelf.write)
    impatient = [asyncio.create_task(batches.add(item)) for item in (1, 1000)]
    await asyncio.sleep(0)
    for task in impatient:
        task.cancel()

    assert await batches.add(2) == 4
    await batches.drain()
    assert shelf.kept == [1, 2]


async def test_what_comes_during_a_write_is_written_next() -> None:
    shelf = Shelf()
    batches = Batches(shelf.write)
    first = asyncio.create_task(batches.add(1))
    await shelf.begun.wait()

    assert [*await asyncio.gather(batches.add(2), batches.add(3), first)] == [4, 6, 2]
    assert shelf.batches == [1, 2]


async def test_a_mistake_is_told_to_all_who_wait() -> None:
    async def write(items: Sequence[int]) -> Sequence[int]:
        raise ZeroDivisionError

    batches: Batches[int, int] = Batches(write)

    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(batches.add(1), timeout=5.0)
