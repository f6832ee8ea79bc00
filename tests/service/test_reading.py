"""Clusters of one account are read in few calls, and one that cannot be read is its own affair."""

import asyncio
from collections.abc import Sequence

import pytest

from autoscaler.adapters.simulated import SimulatedAdapter, SimulatedSource
from autoscaler.adapters.workloads import ScenarioWorkload
from autoscaler.config import ClusterDocument
from autoscaler.core.capacity import Phase, Status
from autoscaler.core.ports import Reading, Wanted
from autoscaler.errors import ClusterError
from autoscaler.service.account import Account, AccountLimits
from autoscaler.service.reading import Reader
from autoscaler.simulator.faults import FaultSettings
from autoscaler.simulator.scenarios import find_scenario
from tests.fakes import MONDAY, ManualClock
from tests.service.fleets import SMALL

CALM = Reading(status=Status(phase=Phase.AVAILABLE, ready_acu=1.0, range=SMALL))


class Shelf:
    """Answers for all but the broken ones, in calls of three at most."""

    most_at_once = 3

    def __init__(self, *broken: str) -> None:
        self.calls: list[list[str]] = []
        self.gate: asyncio.Event | None = None
        self._broken = broken

    async def read(self, wanted: Sequence[Wanted]) -> Sequence[Reading | ClusterError]:
        names = [one.cluster_id for one in wanted]
        self.calls.append(names)
        if self.gate is not None:
            await self.gate.wait()
        if "outage" in self._broken:
            raise ClusterError("the region is away")
        return [ClusterError(f"no cluster {name}") if name in self._broken else CALM for name in names]


def reader_of(shelf: Shelf, *, call_seconds: float = 10.0) -> Reader:
    return Reader(shelf, Account("shop", AccountLimits(calls_at_once=1)), call_seconds=call_seconds)


async def test_who_asks_while_a_call_is_under_way_shares_the_next() -> None:
    shelf = Shelf()
    reader = reader_of(shelf)
    await asyncio.gather(*(reader.read(name, None) for name in "abcdefgh"))

    assert shelf.calls == [["a", "b", "c"], ["d", "e", "f"], ["g", "h"]]


async def test_one_that_cannot_be_read_takes_no_other_with_it() -> None:
    told = await asyncio.gather(*(reader_of(Shelf("b")).read(name, None) for name in "abc"), return_exceptions=True)

    assert told[0] == told[2] == CALM
    assert str(told[1]) == "no cluster b"


async def test_an_outage_is_told_to_each_and_not_asked_again_for_each() -> None:
    shelf = Shelf("outage")
    reader = reader_of(shelf)
    told = await asyncio.gather(*(reader.read(name, None) for name in "abc"), return_exceptions=True)

    assert [str(one) for one in told] == ["the region is away"] * 3
    assert len(shelf.calls) == 1


async def test_a_read_without_an_answer_has_failed() -> None:
    shelf = Shelf()
    shelf.gate = asyncio.Event()
    with pytest.raises(ClusterError, match=r"no answer to the read call within 0\.01 s"):
        await reader_of(shelf, call_seconds=0.01).read("a", None)


async def test_simulated_clusters_tell_together_what_each_tells_alone() -> None:
    clock = ManualClock()
    source, alone = SimulatedSource(), []
    for name, faults in (("a", FaultSettings()), ("b", FaultSettings(refused_fraction=1.0))):
        twins = [
            SimulatedAdapter(
                ClusterDocument(name=name).build_spec(),
                ScenarioWorkload(find_scenario("e-commerce")),
                clock=clock,
                start=MONDAY,
                faults=faults,
            )
            for _ in range(2)
        ]
        source.add(twins[0])
        alone.append(twins[1])
    await clock.advance(600)

    one, other = await source.read([Wanted(cluster_id="a", after=None), Wanted(cluster_id="b", after=None)])

    assert one == Reading(status=await alone[0].status(), samples=await alone[0].samples_since(None))
    assert isinstance(other, ClusterError)
