"""What every cluster promises, whoever provides it.

Another provider is a line in PROVIDERS: what opens a cluster named orders with the range HELD, awake.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from autoscaler.adapters.simulated import SimulatedAdapter
from autoscaler.adapters.workloads import ScenarioWorkload
from autoscaler.core.capacity import Limits, Phase, Status
from autoscaler.core.ports import Cluster
from autoscaler.core.samples import Sample
from autoscaler.errors import ClusterBusy, ClusterError
from autoscaler.service.sources.pushed import PushedCluster
from autoscaler.simulator.cluster import ClusterSpec
from autoscaler.simulator.faults import FaultSettings
from autoscaler.simulator.profiles import PROFILES
from autoscaler.simulator.scenarios import find_scenario
from autoscaler.storage.pushed import PushedSamples
from autoscaler.storage.repositories import Clusters
from tests.adapters.aurora_clusters import aurora
from tests.adapters.aurora_moto import behind_moto, needs_moto
from tests.adapters.local_postgres import DrivenClock, local_postgres, needs_local_postgres
from tests.fakes import MONDAY, ManualClock, later, make_range
from tests.service.fleets import FakeCluster
from tests.storage.builders import empty_store, url_in

HELD, WANTED, NO_RANGE = make_range(2, 16), make_range(4, 16), make_range(2.1, 16)
NO_FAULTS_AT_ALL = FaultSettings(seed=1)  # other than the default, so that the layer is there
Provider = Callable[[DrivenClock, pytest.FixtureRequest], AbstractAsyncContextManager[Cluster]]


def simulated(profile: str, faults: FaultSettings) -> Provider:
    @asynccontextmanager
    async def provide(clock: DrivenClock, _: pytest.FixtureRequest) -> AsyncIterator[Cluster]:
        spec = ClusterSpec(cluster_id="orders", profile=PROFILES[profile], range=HELD)
        workload = ScenarioWorkload(find_scenario("healthcare"))
        yield SimulatedAdapter(spec, workload, clock=clock, start=MONDAY, faults=faults)

    return provide


@asynccontextmanager
async def fake(clock: DrivenClock, _: pytest.FixtureRequest) -> AsyncIterator[Cluster]:
    yield FakeCluster("orders", clock, held=HELD)


@asynccontextmanager
async def on_our_aws(clock: DrivenClock, _: pytest.FixtureRequest) -> AsyncIterator[Cluster]:
    async with aurora(clock, held=HELD) as one:
        yield one.cluster


@asynccontextmanager
async def on_moto(clock: DrivenClock, request: pytest.FixtureRequest) -> AsyncIterator[Cluster]:
    async with behind_moto(clock, request.getfixturevalue("moto_url"), held=HELD) as cluster:
        yield cluster


@asynccontextmanager
async def on_this_machine(clock: DrivenClock, request: pytest.FixtureRequest) -> AsyncIterator[Cluster]:
    async with local_postgres(clock, request.getfixturevalue("cluster_folder"), held=HELD) as local:
        clock.beat = local.cluster.beat
        yield local.cluster


@asynccontextmanager
async def pushed(clock: DrivenClock, request: pytest.FixtureRequest) -> AsyncIterator[Cluster]:
    """Somebody tells its range once, and a sample every minute."""
    async with empty_store(url_in(request.getfixturevalue("tmp_path"))) as database:
        await Clusters(database).register("orders", at=clock.now(), document={})
        samples = PushedSamples(database)
        await samples.push("orders", (), held=HELD, at=clock.now())

        async def push() -> None:
            minute = clock.now().replace(second=0) - timedelta(minutes=1)
            one = Sample(at=minute, seconds=60.0, demand_acu=2.0)
            await samples.push("orders", (one,), held=None, at=clock.now())

        clock.beat = push
        yield PushedCluster("orders", Limits(min_acu=1, max_acu=32), samples=samples, clock=clock)


MOTO, POSTGRES, PUSHED = "aurora behind moto", "the PostgreSQL on this machine", "pushed"
PROVIDERS: dict[str, Provider] = {
    **{f"simulated {profile}": simulated(profile, FaultSettings()) for profile in PROFILES},
    "simulated behind a layer without faults": simulated("aurora-v2", NO_FAULTS_AT_ALL),
    "fake": fake,
    "aurora behind the simulated AWS": on_our_aws,
    MOTO: on_moto,
    POSTGRES: on_this_machine,
    PUSHED: pushed,
}
# What is made once for all tests of a worker, before the event loop of any of them.
NEEDED = {MOTO: "moto_url", POSTGRES: "cluster_folder"}
MARKS = {MOTO: needs_moto, POSTGRES: needs_local_postgres}
EVERY = [pytest.param(name, marks=MARKS.get(name, ())) for name in PROVIDERS]
# Nobody can be asked to change a pushed cluster; a test of its own says what it answers.
ACTING = [one for one in EVERY if one.values != (PUSHED,)]
GAPS = {MOTO: pytest.mark.xfail(reason="moto takes every range, valid or not", strict=True)}
REFUSING = [
    pytest.param(*one.values, marks=(*one.marks, *(GAPS[name] for name in one.values if name in GAPS)))
    for one in ACTING
]
acting = pytest.mark.parametrize("kind", ACTING, indirect=True)


@pytest.fixture(params=EVERY)
def kind(request: pytest.FixtureRequest) -> str:
    if request.param in NEEDED:
        request.getfixturevalue(NEEDED[request.param])
    return str(request.param)


@pytest.fixture
async def cluster(kind: str, request: pytest.FixtureRequest, clock: DrivenClock) -> AsyncIterator[Cluster]:
    async with PROVIDERS[kind](clock, request) as one:
        yield one


@pytest.fixture
def clock() -> DrivenClock:
    return DrivenClock(MONDAY)


async def test_it_has_a_stable_identity_and_a_status(cluster: Cluster, clock: ManualClock) -> None:
    status = await cluster.status()

    assert cluster.cluster_id == "orders"
    assert isinstance(status, Status)
    assert (status.phase, status.range, status.changed_at) == (Phase.AVAILABLE, HELD, None)
    assert status.range.floor_acu <= status.ready_acu <= status.range.ceiling_acu


async def test_asking_changes_nothing(cluster: Cluster, clock: ManualClock) -> None:
    await clock.advance(3600.0)

    answers = [(await cluster.status(), await cluster.samples_since(None)) for _ in range(3)]

    assert answers[0] == answers[1] == answers[2]


async def test_a_new_cluster_has_no_samples(cluster: Cluster, clock: ManualClock) -> None:
    assert list(await cluster.samples_since(None)) == []


async def test_samples_come_oldest_first_and_none_from_the_future(cluster: Cluster, clock: ManualClock) -> None:
    await clock.advance(2000.0)

    samples = await cluster.samples_since(None)

    assert len(samples) >= 25
    assert all(one.end <= other.at for one, other in pairwise(samples))
    assert samples[-1].end <= clock.now()
    assert all(sample.demand_acu is not None and sample.demand_acu >= 0 for sample in samples)


@pytest.mark.parametrize("after", [later(-1), MONDAY, later(599), later(600), later(86_400)])
async def test_only_samples_that_start_later_are_told(after: datetime, cluster: Cluster, clock: ManualClock) -> None:
    await clock.advance(3600.0)

    told = await cluster.samples_since(after)

    assert list(told) == [sample for sample in await cluster.samples_since(None) if sample.at > after]


async def test_samples_that_are_asked_for_bit_by_bit_are_the_same(cluster: Cluster, clock: ManualClock) -> None:
    told: list[Sample] = []
    for seconds in (7.0, 53.0, 300.0, 1.0, 700.0, 2539.0):
        await clock.advance(seconds)
        told += await cluster.samples_since(told[-1].at if told else None)

    assert told == list(await cluster.samples_since(None))


@acting
async def test_a_change_takes_effect_and_is_dated(cluster: Cluster, clock: ManualClock) -> None:
    await clock.advance(600.0)

    await cluster.apply(WANTED)
    await clock.advance(3600.0)
    status = await cluster.status()

    assert (status.range, status.requested, status.changed_at) == (WANTED, None, later(600.0))


@acting
async def test_asking_for_the_range_in_force_does_no_harm(cluster: Cluster, clock: ManualClock) -> None:
    await cluster.apply(HELD)
    await clock.advance(600.0)

    assert (await cluster.status()).range == HELD


@acting
async def test_a_second_change_at_once_is_taken_or_refused_as_busy(cluster: Cluster, clock: ManualClock) -> None:
    await cluster.apply(WANTED)
    try:
        await cluster.apply(HELD)
    except ClusterBusy:
        expected = WANTED
    else:
        expected = HELD

    await clock.advance(600.0)

    assert (await cluster.status()).range == expected


@pytest.mark.parametrize("kind", REFUSING, indirect=True)
async def test_a_range_it_does_not_have_is_refused_and_changes_nothing(cluster: Cluster, clock: ManualClock) -> None:
    with pytest.raises(ClusterError, match="orders"):
        await cluster.apply(NO_RANGE)

    assert (await cluster.status()).range == HELD


@pytest.mark.parametrize("kind", [PUSHED], indirect=True)
async def test_a_cluster_that_nobody_can_ask_says_so(cluster: Cluster) -> None:
    with pytest.raises(ClusterError, match="the samples of orders are only pushed here"):
        await cluster.apply(WANTED)
