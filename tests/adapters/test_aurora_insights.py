"""Sessions that work or wait, from the Performance Insights of the simulated AWS."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from autoscaler.adapters.aurora import AuroraCluster
from autoscaler.awsapi.moods import Moods
from autoscaler.core.signals import Signals, counted
from autoscaler.service.settings import ClusterSettings
from autoscaler.service.sources.aurora import SharedCalls
from autoscaler.service.sources.sessions import Sessions
from autoscaler.service.wiring import assembled
from tests.adapters.aurora_clusters import REGION, Connected, aurora
from tests.fakes import MONDAY, ManualClock, later, make_range
from tests.service.builders import Recorder, make_settings, run_for

HELD = make_range(2, 16)
PAUSING = make_range(0, 16, 300)


def watched(one: Connected, clock: ManualClock, *, insights: bool = True) -> AuroraCluster:
    for instance in one.world.instances.values():
        instance.insights = insights
    calls = SharedCalls(one.account, sessions=Sessions(one.account, clock))
    return AuroraCluster("orders", one.resource_id, calls, clock=clock)


async def test_sessions_come_with_the_samples_and_can_count() -> None:
    clock = ManualClock(MONDAY)
    async with aurora(clock, held=HELD) as one:
        one.demand_acu = 3.0
        await clock.advance(900.0)
        samples = await watched(one, clock).samples_since(later(60.0))

    sessions = [sample.active_sessions for sample in samples]
    assert len(sessions) == 11
    assert all(count is not None and count > 0 for count in sessions)
    newest = samples[-1]
    assert newest.active_sessions is not None
    assert counted(newest, Signals(acu_per_active_session=10.0)).demand_acu == 10.0 * newest.active_sessions


async def test_a_sleeping_cluster_has_none() -> None:
    clock = ManualClock(MONDAY)
    async with aurora(clock, held=PAUSING) as one:
        one.demand_acu = 0.0
        await clock.advance(1800.0)
        newest = (await watched(one, clock).samples_since(later(1200.0)))[-1]

    assert (newest.capacity_acu, newest.active_sessions) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("moods", "insights", "why"),
    [
        (Moods(denied=("pi:GetResourceMetrics",)), True, "may not call pi:GetResourceMetrics"),
        (Moods(), False, "Performance Insights is off for orders-1"),
    ],
)
async def test_without_them_everything_else_goes_on_and_it_is_told_once(moods: Moods, insights: bool, why: str) -> None:
    clock = ManualClock(MONDAY)
    async with aurora(clock, held=HELD) as one:
        cluster = watched(one, clock, insights=insights)
        await clock.advance(900.0)
        one.world.gate.moods = moods
        with capture_logs() as lines:
            first = await cluster.samples_since(later(60.0))
            await cluster.samples_since(later(60.0))

    assert [sample.demand_acu for sample in first] == pytest.approx([1.0] * len(first))
    assert {sample.active_sessions for sample in first} == {None}
    assert [line["event"] for line in lines] == ["sessions_unread"]
    assert why in str(lines[0]["reason"])


async def test_a_policy_that_counts_sessions_grows_by_them_and_an_unknown_one_shrinks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, told = ManualClock(MONDAY), Recorder()
    async with aurora(clock, held=HELD) as one:
        one.world.instances["orders-1"].insights = True
        await clock.advance(900.0)
        policy = {"policy": "reactive", "signals": {"acu_per_active_session": 20.0}}
        source = {"resource_id": one.resource_id}
        given = {"id": "orders", "kind": "aurora", "mode": "enforce", "policy": policy, "source": source}
        limits = {"cluster": {"limits": {"min_acu": 1, "max_acu": 16}}}
        account = {"region": REGION, "endpoint_url": one.url, "performance_insights": True}
        cluster = ClusterSettings.model_validate({**given, **limits})
        settings = make_settings(tmp_path, cluster, sources={"aurora": {"accounts": [account]}}, savings=False)
        async with assembled(settings, observers=[told], clock=clock) as supervisor:
            await run_for(supervisor, clock, ticks=6)
            grown = one.world.clusters["orders"].held
            one.world.gate.moods = Moods(denied=("pi:GetResourceMetrics",), burst=10_000)
            await run_for(supervisor, clock, ticks=30)
            blind = one.world.clusters["orders"].held
            kept = await supervisor._journal.samples("orders", since=MONDAY)

    assert grown is not None
    assert blind is not None
    assert grown.floor_acu > 2.0
    assert blind.floor_acu >= grown.floor_acu
    assert [one.failed for one in told.reports if one.failed] == []
    assert [seen.sample.active_sessions is None for seen in kept][::35] == [False, True]
