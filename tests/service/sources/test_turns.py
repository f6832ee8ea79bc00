"""An account is not asked too often, whoever asks; what it was asked is counted, and what that costs is told."""

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from autoscaler.adapters.aurora_account import Access, AuroraAccount
from autoscaler.adapters.aurora_samples import Window
from autoscaler.awsapi.moods import Moods
from autoscaler.errors import ClusterError
from autoscaler.observability.calls import ProviderCalls
from autoscaler.service.account import AccountLimits, Accounts
from autoscaler.service.settings import ClusterSettings
from autoscaler.service.sources.kinds import is_paced
from autoscaler.service.sources.turns import Turns
from autoscaler.service.wiring import assembled
from tests.adapters.aurora_clusters import REGION, aurora
from tests.fakes import MONDAY, ManualClock, later, make_range
from tests.service.builders import make_settings, run_for

HELD = make_range(2, 16)
LIMITS = {"cluster": {"limits": {"min_acu": 1, "max_acu": 32}}}


async def test_whoever_comes_too_early_waits() -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    turns = Turns(0.001, sleep=sleep)
    for _ in range(4):
        await turns.take()

    assert [round(seconds, -1) for seconds in waited] == [1000, 2000, 3000]


async def test_every_call_waits_for_its_turn_and_is_counted() -> None:
    clock, turns = ManualClock(MONDAY), []

    async def turn() -> None:
        turns.append(1)

    async with aurora(clock, held=HELD) as one:
        await clock.advance(900.0)
        one.world.gate.moods = Moods(denied=("rds:ModifyDBCluster",))
        access = Access(region=REGION, endpoint_url=one.url, role_arn="arn:aws:iam::123456789012:role/sizer")
        account = AuroraAccount(access, now=clock.now, turn=turn)
        [told] = await account.describe([one.resource_id])
        assert not isinstance(told, ClusterError)
        await account.measure([Window(instances=("orders-1",), start=MONDAY, end=later(300.0))])
        with pytest.raises(ClusterError):
            await account.modify(told, make_range(4, 16))
        await account.close()

    asked = ["sts:AssumeRole", "rds:DescribeDBClusters", "cloudwatch:GetMetricData", "rds:ModifyDBCluster"]
    assert dict(account.count.calls) == dict.fromkeys(asked, 1)
    assert dict(account.count.refused) == {"rds:ModifyDBCluster": 1}
    assert account.count.metrics == 4
    assert account.count.usd == pytest.approx(0.00004)
    assert len(turns) == len(asked)


async def test_a_tick_asks_rds_once_and_cloudwatch_once() -> None:
    clock = ManualClock(MONDAY)
    async with aurora(clock, held=HELD) as one:
        await clock.advance(900.0)
        await one.cluster.status()
        newest = (await one.cluster.samples_since(None))[-1].at
        before = dict(one.account.count.calls), one.account.count.metrics
        await clock.advance(60.0)
        await one.cluster.status()
        samples = await one.cluster.samples_since(newest)

    after = dict(one.account.count.calls), one.account.count.metrics
    made = {name: count - before[0][name] for name, count in after[0].items()}
    assert {name for name, count in made.items() if count} == {"rds:DescribeDBClusters", "cloudwatch:GetMetricData"}
    assert sum(made.values()) == 2
    assert after[1] - before[1] == 4
    assert [sample.demand_acu for sample in samples] == [pytest.approx(1.0)]


def test_nobody_waits_twice() -> None:
    accounts = Accounts(AccountLimits(calls_per_second=1.0), paced=is_paced)

    assert [accounts.of(name)._bucket is None for name in ("aurora/prod", "simulated")] == [True, False]


async def test_what_an_account_was_asked_and_what_that_costs_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, registry = ManualClock(MONDAY), CollectorRegistry()
    async with aurora(clock, held=HELD) as one:
        given = {"id": "orders", "kind": "aurora", "policy": "reactive", "source": {"resource_id": one.resource_id}}
        sources = {"aurora": {"accounts": [{"region": REGION, "endpoint_url": one.url}]}}
        settings = make_settings(tmp_path, ClusterSettings.model_validate({**given, **LIMITS}), sources=sources)
        meter = ProviderCalls(registry)
        async with assembled(settings, clock=clock) as supervisor:
            await run_for(supervisor, clock, ticks=11)
            desk = supervisor.desk
            assert desk is not None
            assert desk._sources is not None
            meter.follow(desk._sources.counts)
            told = generate_latest(registry).decode()
            cost = desk._metrics_usd_per_hour("orders")

    assert 'autoscaler_account_calls_total{account="aurora/default",action="rds:DescribeDBClusters"} 11.0' in told
    assert 'autoscaler_account_metrics_read_total{account="aurora/default"}' in told
    assert cost == pytest.approx(60 * 4 * 0.01 / 1000)
