"""A cluster that is connected by whoever asks first, and again after a failure."""

import asyncio

import pytest

from autoscaler.core.ports import Cluster
from autoscaler.errors import ClusterError
from autoscaler.service.sources.late import LateCluster
from tests.fakes import ManualClock
from tests.service.fleets import LARGE, FakeCluster


class Connections:
    """Fails so often, then connects; counts."""

    def __init__(self, failures: int = 0, gate: asyncio.Event | None = None) -> None:
        self.tried = 0
        self.cluster = FakeCluster("orders", ManualClock())
        self._failures = failures
        self._gate = gate

    async def __call__(self) -> Cluster:
        self.tried += 1
        if self._gate is not None:
            await self._gate.wait()
        if self.tried <= self._failures:
            raise ClusterError(f"no connection {self.tried}")
        return self.cluster


async def test_it_is_connected_once_by_whoever_asks_first() -> None:
    connections = Connections()
    late = LateCluster("orders", connections)
    assert connections.tried == 0

    await asyncio.gather(late.status(), late.samples_since(None), late.apply(LARGE))

    assert (connections.tried, connections.cluster.range) == (1, LARGE)


async def test_a_failure_is_the_first_askers_and_the_next_one_tries_again() -> None:
    connections = Connections(failures=2)
    late = LateCluster("orders", connections)
    await late.try_to_connect()
    with pytest.raises(ClusterError, match="no connection 2"):
        await late.status()

    assert (await late.status()).range == connections.cluster.range
    assert connections.tried == 3


async def test_who_gives_up_waiting_leaves_the_connection_to_the_next_one() -> None:
    gate = asyncio.Event()
    connections = Connections(gate=gate)
    late = LateCluster("orders", connections)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await late.status()
    gate.set()
    await late.status()

    assert connections.tried == 1
