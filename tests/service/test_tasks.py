"""A task that dies is told of, and begun again."""

import pytest

from autoscaler.service.tasks import FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, guarded, kept_alive


async def test_a_task_that_dies_is_told_of_and_begun_again_ever_later(caplog: pytest.LogCaptureFixture) -> None:
    waits, deaths, left = list[float](), list[str](), [8]

    async def work() -> None:
        left[0] -= 1
        if left[0]:
            raise KeyError("gone")

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    await kept_alive(work, "dig", sleep=sleep, on_death=lambda name, reason: deaths.append(f"{name}: {reason}"))

    assert waits[:2] == [FIRST_WAIT_SECONDS, 2 * FIRST_WAIT_SECONDS]
    assert waits[-1] == LONGEST_WAIT_SECONDS
    assert deaths == ["dig: KeyError: 'gone'"] * 7


async def test_work_that_comes_again_tells_of_a_failure_once_until_it_goes_well() -> None:
    deaths, outcomes = list[str](), [False, False, True, False]

    async def work() -> None:
        if not outcomes.pop(0):
            raise KeyError("gone")

    once = guarded(work, "dig", on_death=lambda name, reason: deaths.append(name))
    for _ in range(4):
        await once()

    assert deaths == ["dig", "dig"]
