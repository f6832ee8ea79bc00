"""Real processes on a real PostgreSQL: whoever is killed, each change is asked for once and none is left out."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path

import pytest

from autoscaler.service.clock import Stopwatch
from autoscaler.storage.database import Database
from autoscaler.storage.entries import State
from autoscaler.storage.repositories import Journal
from tests.postgres import needs_postgres
from tests.service.replica_process import FIRST, STEP_ACU

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_LEASE_SECONDS, SHORT_LEASE_SECONDS = 15.0, 3.0
DEADLINE_SECONDS = 60.0
NEVER = "never"

pytestmark = [*needs_postgres, pytest.mark.slow]


class Replicas:
    """Processes over one store and one provider."""

    def __init__(self, url: str, folder: Path, *, lease_seconds: float) -> None:
        self.url, self.folder = url, folder
        self._lease_seconds = lease_seconds
        self._processes: list[subprocess.Popen[str]] = []

    def start(self, dies: str = NEVER) -> subprocess.Popen[str]:
        """One more; it is on its feet when this returns."""
        words = (self.url, str(self.folder), str(self._lease_seconds), dies)
        with (self.folder / "log").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.service.replica_process", *words],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._processes.append(process)
        assert read_line(process) == "started", (self.folder / "log").read_text()
        return process

    def calls(self) -> list[tuple[float, int]]:
        """What the provider was asked for, and by which process."""
        file = self.folder / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        return [(float(line.split()[0]), int(line.split()[1])) for line in lines]

    def wait_for_calls(self, process: subprocess.Popen[str], *, more: int) -> None:
        """Until this process has asked for so many changes."""
        watch = Stopwatch()
        while [by for _, by in self.calls()].count(process.pid) < more:
            with suppress(subprocess.TimeoutExpired):
                raise AssertionError(f"it ended: {process.wait(0.05)} {(self.folder / 'log').read_text()}")
            assert watch.seconds < DEADLINE_SECONDS, (self.folder / "log").read_text()

    def kill_all(self) -> None:
        for process in self._processes:
            process.kill()
            process.communicate()

    async def states(self) -> list[State]:
        """Of all decisions, oldest first."""
        database = Database(self.url)
        entries = await Journal(database).entries("orders", limit=10_000)
        await database.close()
        return [entry.state for entry in reversed(entries)]


def read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@contextmanager
def replicas(url: str, folder: Path, *, lease_seconds: float = SHORT_LEASE_SECONDS) -> Iterator[Replicas]:
    them = Replicas(url, folder, lease_seconds=lease_seconds)
    try:
        yield them
    finally:
        them.kill_all()


def assert_each_change_once(them: Replicas) -> None:
    floors = [floor for floor, _ in them.calls()]
    assert floors[0] == FIRST.floor_acu + STEP_ACU
    assert {after - before for before, after in pairwise(floors)} == {STEP_ACU}


@pytest.mark.parametrize("dies", ["before", "after"])
def test_a_change_in_flight_is_finished_or_abandoned_but_never_asked_for_twice(
    postgres_url: str, tmp_path: Path, dies: str
) -> None:
    with replicas(postgres_url, tmp_path) as them:
        first = them.start(dies=dies)
        assert read_line(first) == "leads"
        second = them.start()
        assert first.wait(DEADLINE_SECONDS) == -9
        them.wait_for_calls(second, more=3)
        second.terminate()
        assert second.wait(DEADLINE_SECONDS) == 0

        assert_each_change_once(them)
        states = asyncio.run(them.states())

    assert State.PLANNED not in states
    assert states.count(State.ABANDONED) == (1 if dies == "before" else 0)
    assert states.count(State.APPLIED) == len(them.calls())


def test_replicas_take_over_from_each_other_again_and_again(postgres_url: str, tmp_path: Path) -> None:
    with replicas(postgres_url, tmp_path) as them:
        take_over(them, times=3)

        assert_each_change_once(them)


@pytest.mark.nightly
def test_twenty_kills_lose_and_double_nothing(postgres_url: str, tmp_path: Path) -> None:
    """How long they take is told by `benchmarks/takeover.py`."""
    with replicas(postgres_url, tmp_path, lease_seconds=DEFAULT_LEASE_SECONDS) as them:
        take_over(them, times=20)

        assert_each_change_once(them)


def take_over(them: Replicas, *, times: int) -> list[float]:
    """Kill whoever acts, so many times; how long each time until the next change was asked for."""
    seconds = []
    acting = them.start()
    them.wait_for_calls(acting, more=2)
    for _ in range(times):
        waiting = them.start()
        acting.kill()
        watch = Stopwatch()
        them.wait_for_calls(waiting, more=1)
        seconds.append(watch.seconds)
        acting = waiting
    return seconds


def test_who_is_told_to_stop_hands_over_at_once(postgres_url: str, tmp_path: Path) -> None:
    """With a lease so long that nobody could wait for its end."""
    with replicas(postgres_url, tmp_path, lease_seconds=600.0) as them:
        first = them.start()
        them.wait_for_calls(first, more=2)
        second = them.start()
        first.terminate()
        them.wait_for_calls(second, more=2)
        assert first.wait(DEADLINE_SECONDS) == 0

        assert_each_change_once(them)
        assert set(asyncio.run(them.states())) == {State.APPLIED}


def test_of_two_replicas_only_one_acts(postgres_url: str, tmp_path: Path) -> None:
    with replicas(postgres_url, tmp_path) as them:
        first = them.start()
        them.wait_for_calls(first, more=1)
        them.start()
        them.wait_for_calls(first, more=5)

        assert {by for _, by in them.calls()} == {first.pid}
        assert_each_change_once(them)
