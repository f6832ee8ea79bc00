"""What keeps a cluster awake, told by the simulated AWS as RDS tells it."""

from dataclasses import asdict
from datetime import timedelta

import pytest

from autoscaler.adapters.aurora_facts import gather
from autoscaler.adapters.aurora_pause import diagnose
from autoscaler.awsapi.moods import Moods
from autoscaler.core.doctor import Diagnosis, Finding, Verdict, pause_saving
from autoscaler.core.samples import Sample
from autoscaler.errors import ClusterError, ClusterGone
from autoscaler.simulator.blockers import PauseBlocker
from tests.adapters.aurora_clusters import Connected, aurora
from tests.fakes import MONDAY, ManualClock, make_range

PAUSING = make_range(0.5, 16, 300)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(MONDAY)


async def examined(one: Connected, clock: ManualClock) -> Diagnosis:
    return diagnose(await gather(one.account, one.resource_id, now=clock.now()))


def told(diagnosis: Diagnosis, name: str) -> Finding:
    return next(one for one in diagnosis.findings if one.name == name)


async def test_nothing_is_found_where_it_sleeps(clock: ManualClock) -> None:
    async with aurora(clock, held=PAUSING) as one:
        one.demand_acu = 0.0
        await clock.advance(7200.0)
        diagnosis = await examined(one, clock)

    assert diagnosis.sentence == "nothing was found that keeps it from pausing"
    assert {finding.verdict for finding in diagnosis.findings} == {Verdict.CLEAR, Verdict.UNSEEN}
    assert "it slept 1.9 of the last 24 hours" in told(diagnosis, "connections").evidence
    assert "1 pauses, 0 resumes" in told(diagnosis, "events").evidence


@pytest.mark.parametrize(
    ("blocker", "name", "evidence"),
    [
        (PauseBlocker.RDS_PROXY, "rds-proxy", "orders-proxy"),
        (PauseBlocker.ZERO_ETL, "zero-etl", "orders-zero-etl"),
        (PauseBlocker.LOGICAL_REPLICATION, "replication", "rds.logical_replication is 1"),
        (PauseBlocker.GLOBAL_DATABASE_PRIMARY, "global-database", "orders-global, as the primary"),
        (PauseBlocker.GLOBAL_DATABASE_SECONDARY, "global-database", "orders-global, as a secondary"),
    ],
)
async def test_what_is_switched_on_is_named(
    clock: ManualClock, blocker: PauseBlocker, name: str, evidence: str
) -> None:
    async with aurora(clock, held=PAUSING, blockers=(blocker,)) as one:
        one.demand_acu = 0.0
        await clock.advance(7200.0)
        diagnosis = await examined(one, clock)

    assert diagnosis.sentence == f"it does not pause: {name}"
    assert evidence in told(diagnosis, name).evidence
    assert told(diagnosis, name).advice


async def test_a_minimum_connections_and_far_readers_are_named(clock: ManualClock) -> None:
    async with aurora(clock, held=make_range(2, 16), readers=(1, 5)) as one:
        await clock.advance(7200.0)
        diagnosis = await examined(one, clock)

    assert diagnosis.sentence == "it does not pause: minimum, connections"
    assert told(diagnosis, "connections").evidence == "never fewer than 10 connections in 24 hours"
    assert told(diagnosis, "readers").verdict is Verdict.MAY_BLOCK
    assert "orders-3 (tier 5)" in told(diagnosis, "readers").evidence
    assert diagnosis.instances == 3


async def test_what_may_not_be_asked_is_unseen_and_hides_nothing_else(clock: ManualClock) -> None:
    async with aurora(clock, held=make_range(2, 16)) as one:
        one.world.gate.moods = Moods(denied=("rds:DescribeDBProxies",))
        diagnosis = await examined(one, clock)

    proxies = told(diagnosis, "rds-proxy")
    assert (proxies.verdict, "may not call rds:DescribeDBProxies" in proxies.evidence) == (Verdict.UNSEEN, True)
    assert told(diagnosis, "minimum").verdict is Verdict.BLOCKS


async def test_waiting_parameters_are_told(clock: ManualClock) -> None:
    async with aurora(clock, held=make_range(1, 8)) as one:
        await one.cluster.apply(make_range(1, 32))
        diagnosis = await examined(one, clock)

    assert told(diagnosis, "pending-parameters").verdict is Verdict.MIND


async def test_who_is_not_there_is_told(clock: ManualClock) -> None:
    async with aurora(clock, held=PAUSING) as one:
        with pytest.raises(ClusterGone, match="no cluster bills"):
            await gather(one.account, "bills", now=clock.now())
        one.world.gate.moods = Moods(denied=("rds:DescribeDBClusters",))
        with pytest.raises(ClusterError, match="rds:DescribeDBClusters"):
            await gather(one.account, "orders", now=clock.now())


async def test_the_first_generation_is_refused(clock: ManualClock) -> None:
    async with aurora(clock, held=PAUSING) as one:
        one.world.clusters["orders"].scaling = None
        one.world.clusters["orders"].simulated = None
        with pytest.raises(ClusterError, match="no range of Serverless v2"):
            await gather(one.account, "orders", now=clock.now())


def sample(minute: int, *, connections: int, demand_acu: float = 0.0) -> Sample:
    at = MONDAY + timedelta(minutes=minute)
    return Sample(at=at, seconds=60.0, demand_acu=demand_acu, capacity_acu=2.0, connections=connections)


def test_only_what_is_beyond_the_wait_before_a_pause_would_be_saved() -> None:
    samples = [sample(minute, connections=0 if 10 <= minute < 40 else 1) for minute in range(60)]
    busy = [sample(minute, connections=3, demand_acu=1.0) for minute in range(60, 120)]

    saving = asdict(pause_saving([*samples, *busy], pause_after_seconds=300.0))

    assert saving == pytest.approx(
        {
            "seen_hours": 2.0,
            "idle_hours": 25 / 60,
            "idle_acu_hours": 50 / 60,
            "quiet_hours": 55 / 60,
            "quiet_acu_hours": 110 / 60,
        }
    )
