"""Clusters whose metrics a Prometheus has: alone they are looked at; of an Aurora account, they are acted on."""

from pathlib import Path
from typing import Any

import pytest

from autoscaler.errors import AutoscalerError
from autoscaler.service.settings import ClusterSettings
from autoscaler.service.wiring import assembled
from tests.adapters.aurora_clusters import REGION, aurora
from tests.adapters.prometheis import Answer, fake_prometheus, series
from tests.fakes import MONDAY, ManualClock, later, make_range
from tests.service.builders import Recorder, make_settings, run_for
from tests.service.sources.test_aurora_past import read_the_past

ORDERS = {"id": "orders", "kind": "prometheus", "policy": "quantile", "source": {"instances": ["orders-1"]}}
LIMITS = {"cluster": {"limits": {"min_acu": 1, "max_acu": 32}}}


def loaded(demand_acu: float, *, until: float = float("inf")) -> Answer:
    """A constant demand on 8 ACU of 32."""
    values = {
        "ServerlessDatabaseCapacity": 8.0,
        "ACUUtilization": 25.0,
        "CPUUtilization": 100 * demand_acu / 32,
        "DatabaseConnections": 7.0,
    }
    return series(lambda metric, one, at: values.get(metric) if at < until else None, "orders-1", "orders-2")


async def test_its_metrics_are_decided_about_and_nobody_is_asked_for_anything(tmp_path: Path) -> None:
    clock, told = ManualClock(MONDAY), Recorder()
    async with fake_prometheus(loaded(4.0, until=later(1200.0).timestamp())) as fake:
        sources = {"prometheus": {"servers": [{"url": fake.url, "history_days": 2}]}}
        cluster = ClusterSettings.model_validate({**ORDERS, **LIMITS})
        settings = make_settings(tmp_path, cluster, sources=sources, savings=False)
        async with assembled(settings, observers=[told], clock=clock) as supervisor:
            await run_for(supervisor, clock, ticks=2)
            await read_the_past(supervisor)
            await run_for(supervisor, clock, ticks=40)
            view = supervisor.view("orders")

    first, last = told.reports[0], told.reports[-1]
    assert (first.demand_acu, first.fresh[-1].connections, first.fresh[-1].capacity_acu) == (4.0, 7, 8.0)
    assert len(first.fresh) == 180
    assert (last.fresh[-1].demand_acu, last.blind) == (None, True)
    assert [one.failed for one in told.reports if one.failed] == []
    assert not any(
        one.decision and one.blind and one.decision.after.shrinks(one.decision.before) for one in told.reports
    )
    assert view.status is not None
    assert view.status.range == make_range(1, 32)
    assert view.forecast is not None


async def test_an_aurora_cluster_is_seen_through_prometheus_and_changed_through_rds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, told = ManualClock(MONDAY), Recorder()
    async with aurora(clock, held=make_range(1, 32)) as one, fake_prometheus(loaded(12.0)) as fake:
        account = {"region": REGION, "endpoint_url": one.url, "prometheus": {"url": fake.url}}
        source = {"resource_id": one.resource_id}
        given = {"id": "shop", "kind": "aurora", "mode": "enforce", "policy": "reactive", "source": source, **LIMITS}
        sources = {"aurora": {"accounts": [account]}}
        settings = make_settings(tmp_path, ClusterSettings.model_validate(given), sources=sources, savings=False)
        async with assembled(settings, observers=[told], clock=clock) as supervisor:
            await run_for(supervisor, clock, ticks=3)
        held = one.world.clusters["orders"].held

    newest = told.reports[0].fresh[-1]
    assert (newest.demand_acu, newest.censored) == (8.0, True), "it cannot serve the 12 ACU it is said to"
    assert held is not None
    assert held.floor_acu > 8.0


async def test_a_prometheus_that_is_down_makes_blind_and_shrinks_nothing(tmp_path: Path) -> None:
    clock, told = ManualClock(MONDAY), Recorder()
    sources = {"prometheus": {"servers": [{"url": "http://127.0.0.1:9"}]}}
    settings = make_settings(tmp_path, ClusterSettings.model_validate(ORDERS), sources=sources, savings=False)
    async with assembled(settings, observers=[told], clock=clock) as supervisor:
        await run_for(supervisor, clock, ticks=2)

    assert "Prometheus 'default' (ServerlessDatabaseCapacity) does not answer" in str(told.reports[0].failed)


@pytest.mark.parametrize(
    ("server", "why"),
    [
        ({"url": "http://me:secret@prometheus:9090"}, "holds a password; give 'username'"),
        ({"url": "prometheus:9090"}, "no http or https address"),
        ({"url": "http://p:9090", "username": "me"}, "a 'username' and a 'password_file' belong together"),
        ({"url": "http://p:9090", "username": "me", "password_file": "p", "bearer_token_file": "t"}, "not both"),
        ({"url": "http://p:9090", "key_file": "k"}, "of no use without its 'cert_file'"),
        ({"url": "http://p:9090", "exporter": "mine"}, "exporter"),
        ({"url": "http://p:9090", "queries": {"cpu_percent": "cpu"}}, "CPUUtilization has no $instances and no $step"),
    ],
)
def test_a_wrong_server_is_told_before_anything_begins(server: dict[str, Any], why: str, tmp_path: Path) -> None:
    cluster = ClusterSettings.model_validate(ORDERS)
    with pytest.raises((ValueError, AutoscalerError)) as problem:
        make_settings(tmp_path, cluster, sources={"prometheus": {"servers": [server]}})

    assert why in str(problem.value)
    assert "secret" not in str(problem.value).replace("secret_", "")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"source": {}}, "instances"),
        ({"source": {"instances": ["a|b"]}}, "instances"),
        ({"source": {"instances": ["a"], "floor_acu": 64}}, "a floor of 64.0 ACU is not between 0 and"),
        ({"mode": "enforce"}, "nobody can be asked for the range of a prometheus cluster"),
        ({"workload": {"scenario": "healthcare"}}, "a prometheus cluster has no 'workload'"),
    ],
)
def test_a_wrong_cluster_is_told(given: dict[str, Any], why: str) -> None:
    with pytest.raises((ValueError, AutoscalerError), match=why):
        ClusterSettings.model_validate({**ORDERS, **LIMITS, **given})
