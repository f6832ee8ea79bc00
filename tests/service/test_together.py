"""One call for each of many."""

import asyncio

import pytest

from autoscaler.service.together import AT_ONCE, together


async def test_answers_come_in_the_order_of_the_items_and_not_all_are_asked_at_once() -> None:
    running, most = 0, 0

    async def double(number: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(number % 3):
            await asyncio.sleep(0)
        running -= 1
        return 2 * number

    assert await together(double, range(500)) == [2 * number for number in range(500)]
    assert most == AT_ONCE


async def test_the_first_failure_ends_all_calls() -> None:
    async def fail(number: int) -> None:
        if number == 3:
            raise ValueError("three")
        await asyncio.Event().wait()

    with pytest.raises(ValueError, match="three"):
        await together(fail, range(10))
