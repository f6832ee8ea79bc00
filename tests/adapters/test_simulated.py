"""A simulated cluster that is moved by a clock lives the same life however often it is asked."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.adapters.simulated import SimulatedAdapter
from autoscaler.adapters.workloads import ScenarioWorkload
from autoscaler.core.capacity import Range, Status
from autoscaler.core.samples import Sample
from autoscaler.errors import ClusterError
from autoscaler.simulator.cluster import ClusterSpec, SimulatedCluster
from autoscaler.simulator.faults import FaultSettings
from autoscaler.simulator.profiles import AURORA_V2
from autoscaler.simulator.scenarios import find_scenario
from tests.fakes import MONDAY, ManualClock, later, make_range

SPEC = ClusterSpec(cluster_id="orders", profile=AURORA_V2, range=make_range(0.5, 16))
WORKLOAD = ScenarioWorkload(find_scenario("financial-services"))
RANGES = (make_range(0.5, 16), make_range(1, 16), make_range(4, 16), make_range(8, 16, pause_after_seconds=300))
Life = tuple[Status, Sequence[Sample]]


async def live(
    changes: Iterable[tuple[datetime, Range]], looks: Iterable[datetime], *, until: datetime
) -> tuple[Life, list[tuple[datetime, Range]]]:
    """A cluster that is looked at and changed at these moments, and what it took."""
    clock = ManualClock()
    cluster = SimulatedAdapter(SPEC, WORKLOAD, clock=clock, start=MONDAY)
    taken = []
    wanted: dict[datetime, Range] = dict(changes)
    for at in sorted({*wanted, *looks, until}):
        await clock.advance((at - clock.now()).total_seconds())
        await cluster.samples_since(None)
        if at in wanted:
            try:
                await cluster.apply(wanted[at])
            except ClusterError:
                continue
            taken.append((at, wanted[at]))
    return (await cluster.status(), await cluster.samples_since(None)), taken


moments = st.integers(0, 7200).map(lambda seconds: later(float(seconds)))


@given(
    changes=st.lists(st.tuples(moments, st.sampled_from(RANGES)), max_size=6),
    looks=st.lists(moments, max_size=6),
)
def test_a_life_is_the_same_however_often_it_is_looked_at_and_when_it_is_lived_again(
    changes: list[tuple[datetime, Range]], looks: list[datetime]
) -> None:
    end = later(7500.0)
    life, taken = asyncio.run(live(changes, looks, until=end))
    unseen, _ = asyncio.run(live(changes, (), until=end))
    again = SimulatedAdapter(SPEC, WORKLOAD, clock=ManualClock(end), start=MONDAY)

    again.relive(taken)

    assert life == unseen
    assert life == asyncio.run(told(again))


async def told(cluster: SimulatedAdapter) -> Life:
    return await cluster.status(), await cluster.samples_since(None)


async def test_it_lives_in_whole_steps() -> None:
    clock = ManualClock(later(44.0))
    cluster = SimulatedAdapter(SPEC, WORKLOAD, clock=clock, start=MONDAY, step_seconds=15.0)
    plain = SimulatedCluster(SPEC, at=MONDAY, demand_acu=WORKLOAD.load_at(MONDAY).demand_acu)
    for seconds in (0.0, 15.0):
        plain.step(WORKLOAD.load_at(later(seconds)).demand_acu, seconds=15.0)
    assert await cluster.status() == plain.status()

    await clock.advance(1.0)
    plain.step(WORKLOAD.load_at(later(30.0)).demand_acu, seconds=15.0)
    assert await cluster.status() == plain.status()


async def test_metrics_are_no_finer_than_the_workload_is_known() -> None:
    quick = replace(AURORA_V2, measuring=replace(AURORA_V2.measuring, period_seconds=15.0))
    spec = replace(SPEC, profile=quick)
    cluster = SimulatedAdapter(spec, WORKLOAD, clock=ManualClock(later(600.0)), start=MONDAY)

    assert {sample.seconds for sample in await cluster.samples_since(None)} == {60.0}


async def test_faults_lie_between_the_cluster_and_the_service() -> None:
    faults = FaultSettings(refused_fraction=1.0)
    cluster = SimulatedAdapter(SPEC, WORKLOAD, clock=ManualClock(), start=MONDAY, faults=faults)

    with pytest.raises(ClusterError, match="orders did not answer the status call"):
        await cluster.status()


async def test_a_life_is_lived_again_without_the_faults_of_its_provider() -> None:
    faults = FaultSettings(busy_fraction=1.0)
    cluster = SimulatedAdapter(SPEC, WORKLOAD, clock=ManualClock(later(600.0)), start=MONDAY, faults=faults)

    cluster.relive([(later(60.0), RANGES[2])])

    status = await cluster.status()
    assert (status.range, status.changed_at) == (RANGES[2], later(60.0))
