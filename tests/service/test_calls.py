"""Every call to a provider is counted by how it went."""

import asyncio
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autoscaler.errors import ClusterBusy, ClusterError
from autoscaler.service.job import Means
from autoscaler.storage.database import Database
from autoscaler.storage.repositories import Journal
from tests.fakes import ManualClock
from tests.storage.builders import url_in


class Counting:
    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []

    def follow(self, counts: object) -> None:
        """Nobody is asked."""

    def called(self, call: str, outcome: str, seconds: float) -> None:
        assert seconds >= 0
        self.calls.append((call, outcome))


async def answer() -> int:
    return 1


async def refuse(problem: Exception) -> int:
    raise problem


async def never() -> int:
    await asyncio.Event().wait()
    return 0


async def test_calls_are_counted_by_how_they_went(tmp_path: Path) -> None:
    meter, database = Counting(), Database(url_in(tmp_path))
    with ThreadPoolExecutor(1) as executor:
        journal = Journal(database)
        means = Means(journal=journal, clock=ManualClock(), executor=executor, call_seconds=0.01, calls=meter)
        calls: list[tuple[Awaitable[int], str]] = [
            (answer(), "status"),
            (refuse(ClusterBusy("busy")), "change"),
            (refuse(ClusterError("no")), "change"),
            (never(), "metrics"),
        ]
        assert await means.ask(*calls[0]) == 1
        for call, what in calls[1:]:
            with pytest.raises(ClusterError):
                await means.ask(call, what)
    await database.close()

    assert meter.calls == [("status", "ok"), ("change", "busy"), ("change", "error"), ("metrics", "timeout")]
