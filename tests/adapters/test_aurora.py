"""The Aurora adapter against the simulated AWS, which refuses, throttles, pauses and loses metrics."""

from dataclasses import replace

import pytest

from autoscaler.adapters.aurora import AuroraCluster
from autoscaler.adapters.aurora_account import Access, AuroraAccount
from autoscaler.adapters.aurora_ranges import as_aurora_has_it
from autoscaler.adapters.aurora_samples import CACHE_METRICS, METRICS, Window, samples_in
from autoscaler.awsapi.moods import Moods
from autoscaler.core.capacity import Phase, Range
from autoscaler.errors import ClusterBusy, ClusterError, ClusterGone, ClusterThrottled
from autoscaler.service.settings import ServiceSettings
from autoscaler.service.sources.aurora import AURORA, SharedCalls
from autoscaler.service.sources.aurora_documents import AuroraSettings
from autoscaler.service.sources.source import Surroundings
from autoscaler.simulator.engines import buffer_gib
from autoscaler.simulator.profiles import AURORA_V2
from autoscaler.simulator.traits import Caching
from tests.adapters.aurora_clusters import REGION, aurora
from tests.fakes import MONDAY, ManualClock, later, make_range

CACHED = replace(AURORA_V2, caching=Caching(working_set_gib=20.0))
HELD, WANTED, PAUSING = make_range(2, 16), make_range(4, 16), make_range(0.5, 16, 300)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(MONDAY)


async def test_demand_is_absolute_whatever_the_maximum_was(clock: ManualClock) -> None:
    async with aurora(clock, held=HELD) as one:
        one.demand_acu = 3.0
        await clock.advance(900.0)
        one.world.live()
        await one.cluster.apply(make_range(2, 32))
        await clock.advance(900.0)

        demands = [sample.demand_acu for sample in await one.cluster.samples_since(later(120.0))]

    assert demands == pytest.approx([3.0] * len(demands), abs=0.01)
    assert len(demands) == 25


async def test_a_saturated_minute_is_a_lower_bound(clock: ManualClock) -> None:
    async with aurora(clock, held=make_range(1, 1)) as one:
        one.demand_acu = 5.0
        await clock.advance(900.0)

        newest = (await one.cluster.samples_since(None))[-1]

    assert newest.demand_acu == pytest.approx(1.0)
    assert newest.censored


async def test_a_missing_minute_is_unknown_and_never_zero(clock: ManualClock) -> None:
    async with aurora(clock, held=HELD, moods=Moods(missing_fraction=0.3)) as one:
        await clock.advance(3600.0)

        samples = await one.cluster.samples_since(MONDAY)

    known = [one.demand_acu for one in samples if one.demand_acu is not None]
    assert len(samples) == 57
    assert 0.5 < len(known) / len(samples) < 0.9
    assert min(known) > 0.9


async def test_a_paused_cluster_is_known_to_be_idle(clock: ManualClock) -> None:
    async with aurora(clock, held=PAUSING) as one:
        one.demand_acu = 0.0
        await clock.advance(1800.0)

        status = await one.cluster.status()
        newest = (await one.cluster.samples_since(None))[-1]

    assert (status.phase, status.ready_acu, status.range) == (Phase.PAUSED, 0.0, PAUSING)
    assert (newest.demand_acu, newest.capacity_acu) == (0.0, 0.0)


async def test_seconds_until_a_pause_are_kept(clock: ManualClock) -> None:
    async with aurora(clock, held=PAUSING) as one:
        await one.cluster.apply(make_range(0.5, 8, 900))

        assert (await one.cluster.status()).range == make_range(0.5, 8, 900)


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        (make_range(0, 8, 300), make_range(0.5, 8, 300)),
        (make_range(0.5, 8, 300), make_range(0.5, 8, 300)),
        (make_range(2, 8, 300), make_range(2, 8)),  # a pause needs a minimum of 0, which would shrink it awake
        (make_range(0, 8), make_range(0.5, 8)),
    ],
)
def test_a_range_that_aurora_does_not_have_becomes_the_nearest_that_takes_nothing_away(
    wanted: Range, there: Range
) -> None:
    assert as_aurora_has_it(wanted) == there


async def test_errors_are_told_apart(clock: ManualClock) -> None:
    async with aurora(clock, held=HELD) as one:
        await one.cluster.apply(WANTED)
        with pytest.raises(ClusterBusy, match="still busy"):
            await one.cluster.apply(HELD)
        one.world.gate.moods = Moods(denied=("rds:ModifyDBCluster",))
        with pytest.raises(ClusterError, match="may not call rds:ModifyDBCluster"):
            await one.cluster.apply(HELD)
        one.world.gate.moods = Moods(denied=("cloudwatch:GetMetricData",))
        await clock.advance(600.0)
        with pytest.raises(ClusterError, match="may not call cloudwatch:GetMetricData"):
            await one.cluster.samples_since(MONDAY)
        one.world.gate.moods = Moods(failing_fraction=1.0)
        with pytest.raises(ClusterError, match="InternalFailure"):
            await one.cluster.status()


async def test_throttling_is_no_ordinary_failure(clock: ManualClock) -> None:
    async with aurora(clock, held=HELD, moods=Moods(burst=1)) as one:
        with pytest.raises(ClusterThrottled):
            await one.cluster.status()  # two calls


async def test_a_recreated_cluster_of_the_same_name_is_another_one(clock: ManualClock) -> None:
    async with aurora(clock, held=HELD) as one:
        one.world.clusters["orders"].resource_id = "cluster-ANOTHER"

        with pytest.raises(ClusterGone):
            await one.cluster.status()


async def test_a_stopped_cluster_is_unavailable_and_takes_no_range(clock: ManualClock) -> None:
    async with aurora(clock, held=HELD) as one:
        one.world.clusters["orders"].state.settled = "stopped"

        assert (await one.cluster.status()).phase is Phase.UNAVAILABLE
        with pytest.raises(ClusterBusy, match="is stopped"):
            await one.cluster.apply(WANTED)


async def test_an_endpoint_that_is_down_is_a_cluster_error(clock: ManualClock) -> None:
    account = AuroraAccount(Access(region=REGION, endpoint_url="http://127.0.0.1:9"), now=clock.now)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "any")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "any")
        cluster = AuroraCluster("orders", "cluster-X", SharedCalls(account), clock=clock)

        with pytest.raises(ClusterError, match="no answer from AWS to rds:DescribeDBClusters"):
            await cluster.status()
    await account.close()


async def test_a_role_is_taken_and_renewed_in_time(clock: ManualClock) -> None:
    async with aurora(clock, held=HELD) as one:
        role = "arn:aws:iam::123456789012:role/sizer"
        access = Access(region=REGION, role_arn=role, external_id="ours", endpoint_url=one.url)
        account = AuroraAccount(access, now=clock.now)
        answers = []
        for _ in range(3):
            answers += await account.describe([one.resource_id])
            await clock.advance(3400.0)
        one.world.gate.moods = Moods(denied=("sts:AssumeRole",))
        [refused] = await account.describe([one.resource_id])
        await account.close()

    assert not any(isinstance(one, ClusterError) for one in answers)
    assert "may not call sts:AssumeRole" in str(refused)


async def test_a_maximum_that_was_taken_back_is_told(clock: ManualClock) -> None:
    """By a person or by Aurora itself: the next look shows it."""
    async with aurora(clock, held=HELD) as one:
        await one.cluster.apply(WANTED)
        simulated = one.world.clusters["orders"].simulated
        assert simulated is not None
        simulated.range = HELD

        assert (await one.cluster.status()).range == HELD


async def test_clusters_are_discovered_by_tags(clock: ManualClock) -> None:
    async with aurora(clock, held=HELD) as one:
        settings = AuroraSettings.model_validate(
            {
                "accounts": [
                    {"name": "prod", "region": REGION, "endpoint_url": one.url, "discover_tags": {"env": "prod"}},
                    {"name": "dev", "region": REGION, "endpoint_url": one.url, "discover_tags": {"env": "dev"}},
                ]
            }
        )
        around = Surroundings(database=None, clock=clock, executor=None, step_seconds=15.0, settings=settings)  # type: ignore[arg-type]
        source = AURORA.open(around)
        [found] = await source.discover()
        await source.close()

    assert (found.id, found.title, found.range) == (one.resource_id, "orders", HELD)
    assert found.settings == {"source": {"resource_id": one.resource_id, "account": "prod"}}


def test_a_cluster_names_what_it_is_at_aws() -> None:
    given = {"clusters": [{"id": "orders", "kind": "aurora", "policy": "reactive"}]}
    with pytest.raises(ValueError, match="resource_id"):
        ServiceSettings.model_validate(given)


@pytest.mark.parametrize("wrong", [float("nan"), -1.0, float("inf")])
def test_a_number_that_cannot_be_true_is_unknown(wrong: float) -> None:
    window = Window(instances=("a",), start=MONDAY, end=later(60.0))
    at = MONDAY.timestamp()
    right = {"ServerlessDatabaseCapacity": 4.0, "ACUUtilization": 25.0, "CPUUtilization": 12.5}

    def demand(**values: float) -> float | None:
        return samples_in(window, {(name, "a"): {at: value} for name, value in (right | values).items()})[0].demand_acu

    assert demand() == 2.0
    assert [demand(**{name: wrong}) for name in right] == [None] * 3


def test_half_the_instances_are_not_the_cluster() -> None:
    window = Window(instances=("a", "b"), start=MONDAY, end=later(60.0))
    at = MONDAY.timestamp()
    of_a = {
        ("ServerlessDatabaseCapacity", "a"): {at: 4.0},
        ("ACUUtilization", "a"): {at: 25.0},
        ("CPUUtilization", "a"): {at: 12.5},
    }

    assert samples_in(window, of_a)[0].demand_acu is None
    assert samples_in(replace(window, instances=("a",)), of_a)[0].demand_acu == 2.0


async def test_the_cache_is_told_where_it_is_asked_for(clock: ManualClock) -> None:
    async with aurora(clock, held=HELD, profile=CACHED, metrics=(*METRICS, *CACHE_METRICS)) as one:
        one.demand_acu = 4.0
        await clock.advance(1800.0)

        newest = (await one.cluster.samples_since(None))[-1]

    assert newest.capacity_acu is not None
    assert newest.cache_hit_fraction == pytest.approx(newest_hits(newest.capacity_acu), abs=0.02)
    assert newest.reads_per_second == pytest.approx(4000.0 * (1.0 - newest_hits(newest.capacity_acu)), rel=0.05)
    assert newest.freeable_gib == pytest.approx(0.05 * 2.0 * newest.capacity_acu, abs=0.1)  # of 16 ACU it has the rest


async def test_the_cache_is_unknown_where_nobody_asks(clock: ManualClock) -> None:
    async with aurora(clock, held=HELD, profile=CACHED) as one:
        await clock.advance(900.0)

        newest = (await one.cluster.samples_since(None))[-1]

    assert (newest.cache_hit_fraction, newest.reads_per_second, newest.freeable_gib) == (None, None, None)


def newest_hits(capacity_acu: float) -> float:
    """Of a working set of 20 GiB, once it is warm."""
    return buffer_gib("postgresql", capacity_acu) / 20.0
