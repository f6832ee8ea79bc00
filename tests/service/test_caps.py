"""The caps of a fleet: counted as it goes, obeyed by live ticks, and known again after a restart."""

from dataclasses import replace
from pathlib import Path

from autoscaler.core.decision import Decision, RuleSettings
from autoscaler.core.fleet import FleetAllowance, FleetCaps
from autoscaler.service.caps import ONE_HOUR, RecentActions
from autoscaler.service.recovery import recover
from autoscaler.service.tick import tick
from tests.fakes import MONDAY, AlwaysWishes, ManualClock, later
from tests.service.fleets import LARGE, SMALL, FakeCluster, workbench
from tests.storage.builders import make_decision

CAPS = FleetCaps(shrinking_clusters=1, shrinking_share=0.5, blind_growth_acu=10)
GROWS = make_decision(before=SMALL, after=LARGE)
SHRINKS = make_decision(before=LARGE, after=SMALL)
ALL = FleetAllowance(may_shrink=True, blind_growth_acu=10)


def of(decision: Decision, cluster_id: str, seconds: float = 0.0) -> Decision:
    return replace(decision, cluster_id=cluster_id, at=later(seconds))


def test_what_one_cluster_does_is_missing_for_the_others_for_an_hour() -> None:
    recent = RecentActions(CAPS)
    assert recent.allowance("a", MONDAY) == recent.allowance("b", MONDAY) == ALL
    recent.count(of(SHRINKS, "a"), blind=False)
    recent.count(of(GROWS, "b", 60), blind=True)
    assert recent.allowance("a", later(3599)) == FleetAllowance(may_shrink=True, blind_growth_acu=3)
    assert recent.allowance("b", later(3599)) == FleetAllowance(may_shrink=False, blind_growth_acu=3)
    assert recent.allowance("b", later(3600)) == FleetAllowance(may_shrink=True, blind_growth_acu=3)
    assert recent.allowance("b", later(3660)) == ALL


def test_who_shrinks_again_stays_counted_for_an_hour_after_that() -> None:
    recent = RecentActions(CAPS)
    for seconds in (0, 1800):
        recent.count(of(SHRINKS, "a", seconds), blind=False)
    assert not recent.allowance("b", later(5399)).may_shrink
    assert recent.allowance("b", later(5400)).may_shrink


def test_a_share_is_of_those_who_asked_within_the_hour() -> None:
    recent = RecentActions(CAPS)
    for name in "abcd":
        recent.allowance(name, MONDAY)
    recent.count(of(SHRINKS, "a"), blind=False)
    assert recent.allowance("d", later(1)).may_shrink
    assert not recent.allowance("d", later(3599.5)).may_shrink or recent.allowance("c", later(3599.5)).may_shrink
    recent.count(of(SHRINKS, "b", 2), blind=False)
    assert not recent.allowance("d", later(3)).may_shrink


def test_only_floors_that_nobody_sees_count_as_growth() -> None:
    recent = RecentActions(CAPS)
    recent.count(of(GROWS, "a"), blind=False)
    recent.count(of(SHRINKS, "a"), blind=True)
    assert recent.allowance("a", later(1)).blind_growth_acu == 10


async def test_live_ticks_share_the_caps_and_a_restart_remembers_them(tmp_path: Path) -> None:
    clock = ManualClock()
    policy = AlwaysWishes(range=SMALL)
    async with workbench(tmp_path, clock=clock, policy=policy) as bench:
        means = replace(bench.means, caps=RecentActions(replace(CAPS, shrinking_share=0.0)))
        hasty = RuleSettings(watch_seconds=0, shrink_wait_seconds=0, change_spacing_seconds=0, max_shrink_fraction=1)
        outcomes = {}
        for name in ("orders", "bills"):
            cluster = FakeCluster(name, clock, held=LARGE)
            job = replace(await bench.job(cluster), rules=hasty)
            await clock.advance(120)
            mind = await recover(job, means)
            await tick(job, means, mind, clock.now())
            report = await tick(job, means, mind, later(60, clock.now()))
            outcomes[name] = (cluster.range, report.decision.driver if report.decision else "")
        restarted = RecentActions(replace(CAPS, shrinking_share=0.0))
        restarted.restore(await bench.journal.acted_since(clock.now() - ONE_HOUR), hasty)
        later_on = RecentActions(replace(CAPS, shrinking_share=0.0))
        later_on.restore(await bench.journal.acted_since(later(7200)), hasty)

    assert outcomes == {"orders": (SMALL, "policy"), "bills": (LARGE, "keep_to_the_caps_of_the_fleet")}
    assert not restarted.allowance("bills", clock.now()).may_shrink
    assert restarted.allowance("orders", clock.now()).may_shrink
    assert later_on.allowance("bills", clock.now()).may_shrink
