"""What every cluster promises, whoever provides it."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from itertools import pairwise

import pytest

from autoscaler.adapters.simulated import SimulatedAdapter
from autoscaler.adapters.workloads import ScenarioWorkload
from autoscaler.core.capacity import Phase, Status
from autoscaler.core.ports import Cluster
from autoscaler.core.samples import Sample
from autoscaler.errors import ClusterBusy, ClusterError
from autoscaler.simulator.cluster import ClusterSpec
from autoscaler.simulator.faults import FaultSettings
from autoscaler.simulator.profiles import PROFILES
from autoscaler.simulator.scenarios import find_scenario
from tests.adapters.aurora_clusters import aurora
from tests.adapters.local_postgres import DrivenClock, local_postgres, needs_local_postgres
from tests.fakes import MONDAY, ManualClock, later, make_range
from tests.service.fleets import FakeCluster

HELD, WANTED, NO_RANGE = make_range(2, 16), make_range(4, 16), make_range(2.1, 16)
NO_FAULTS_AT_ALL = FaultSettings(seed=1)  # other than the default, so that the layer is there


def simulated(profile: str, faults: FaultSettings) -> Callable[[ManualClock], Cluster]:
    def make(clock: ManualClock) -> Cluster:
        spec = ClusterSpec(cluster_id="orders", profile=PROFILES[profile], range=HELD)
        workload = ScenarioWorkload(find_scenario("healthcare"))
        return SimulatedAdapter(spec, workload, clock=clock, start=MONDAY, faults=faults)

    return make


MAKERS: dict[str, Callable[[ManualClock], Cluster]] = {
    **{f"simulated {profile}": simulated(profile, FaultSettings()) for profile in PROFILES},
    "simulated behind a layer without faults": simulated("aurora-v2", NO_FAULTS_AT_ALL),
    "fake": lambda clock: FakeCluster("orders", clock, held=HELD),
}


AURORA, POSTGRES = "aurora behind the simulated AWS", "the PostgreSQL on this machine"


@pytest.fixture(params=[*MAKERS, AURORA, pytest.param(POSTGRES, marks=needs_local_postgres)])
def kind(request: pytest.FixtureRequest) -> str:
    if request.param == POSTGRES:
        request.getfixturevalue("cluster_folder")  # made before the event loop of the test
    return str(request.param)


@pytest.fixture
async def make(
    kind: str, request: pytest.FixtureRequest, clock: DrivenClock
) -> AsyncIterator[Callable[[ManualClock], Cluster]]:
    if kind in MAKERS:
        yield MAKERS[kind]
    elif kind == AURORA:
        async with aurora(clock, held=HELD) as one:
            yield lambda _: one.cluster
    else:
        async with local_postgres(clock, request.getfixturevalue("cluster_folder"), held=HELD) as local:
            clock.beat = local.cluster.beat
            yield lambda _: local.cluster


@pytest.fixture
def clock() -> DrivenClock:
    return DrivenClock(MONDAY)


async def test_it_has_a_stable_identity_and_a_status(
    make: Callable[[ManualClock], Cluster], clock: ManualClock
) -> None:
    cluster = make(clock)

    status = await cluster.status()

    assert cluster.cluster_id == "orders"
    assert isinstance(status, Status)
    assert (status.phase, status.range, status.changed_at) == (Phase.AVAILABLE, HELD, None)
    assert status.range.floor_acu <= status.ready_acu <= status.range.ceiling_acu


async def test_asking_changes_nothing(make: Callable[[ManualClock], Cluster], clock: ManualClock) -> None:
    cluster = make(clock)
    await clock.advance(3600.0)

    answers = [(await cluster.status(), await cluster.samples_since(None)) for _ in range(3)]

    assert answers[0] == answers[1] == answers[2]


async def test_a_new_cluster_has_no_samples(make: Callable[[ManualClock], Cluster], clock: ManualClock) -> None:
    assert list(await make(clock).samples_since(None)) == []


async def test_samples_come_oldest_first_and_none_from_the_future(
    make: Callable[[ManualClock], Cluster], clock: ManualClock
) -> None:
    cluster = make(clock)
    await clock.advance(2000.0)

    samples = await cluster.samples_since(None)

    assert len(samples) >= 25
    assert all(one.end <= other.at for one, other in pairwise(samples))
    assert samples[-1].end <= clock.now()
    assert all(sample.demand_acu is not None and sample.demand_acu >= 0 for sample in samples)


@pytest.mark.parametrize("after", [later(-1), MONDAY, later(599), later(600), later(86_400)])
async def test_only_samples_that_start_later_are_told(
    after: datetime, make: Callable[[ManualClock], Cluster], clock: ManualClock
) -> None:
    cluster = make(clock)
    await clock.advance(3600.0)

    told = await cluster.samples_since(after)

    assert list(told) == [sample for sample in await cluster.samples_since(None) if sample.at > after]


async def test_samples_that_are_asked_for_bit_by_bit_are_the_same(
    make: Callable[[ManualClock], Cluster], clock: ManualClock
) -> None:
    cluster = make(clock)
    told: list[Sample] = []
    for seconds in (7.0, 53.0, 300.0, 1.0, 700.0, 2539.0):
        await clock.advance(seconds)
        told += await cluster.samples_since(told[-1].at if told else None)

    assert told == list(await cluster.samples_since(None))


async def test_a_change_takes_effect_and_is_dated(make: Callable[[ManualClock], Cluster], clock: ManualClock) -> None:
    cluster = make(clock)
    await clock.advance(600.0)

    await cluster.apply(WANTED)
    await clock.advance(3600.0)
    status = await cluster.status()

    assert (status.range, status.requested, status.changed_at) == (WANTED, None, later(600.0))


async def test_asking_for_the_range_in_force_does_no_harm(
    make: Callable[[ManualClock], Cluster], clock: ManualClock
) -> None:
    cluster = make(clock)

    await cluster.apply(HELD)
    await clock.advance(600.0)

    assert (await cluster.status()).range == HELD


async def test_a_second_change_at_once_is_taken_or_refused_as_busy(
    make: Callable[[ManualClock], Cluster], clock: ManualClock
) -> None:
    cluster = make(clock)
    await cluster.apply(WANTED)
    try:
        await cluster.apply(HELD)
    except ClusterBusy:
        expected = WANTED
    else:
        expected = HELD

    await clock.advance(600.0)

    assert (await cluster.status()).range == expected


async def test_a_range_it_does_not_have_is_refused_and_changes_nothing(
    make: Callable[[ManualClock], Cluster], clock: ManualClock
) -> None:
    cluster = make(clock)

    with pytest.raises(ClusterError, match="orders"):
        await cluster.apply(NO_RANGE)

    assert (await cluster.status()).range == HELD
