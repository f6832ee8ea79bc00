"""Stored policies at work: bound clusters obey them from the next tick on, and a bad change is taken back."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert
from structlog.testing import capture_logs

from autoscaler.config import PolicyDocument
from autoscaler.core.rollout import RolloutState
from autoscaler.core.selectors import Binding, parse_selector
from autoscaler.errors import InvalidDocument, NotPossible, UnknownName
from autoscaler.observability.events import Event, Kind, Severity
from autoscaler.service.policy_desk import PolicyDesk, Written
from autoscaler.service.replay import replay
from autoscaler.service.ringing import RingDocument, RolloutDocument
from autoscaler.service.settings import ServiceSettings
from autoscaler.service.supervisor import Supervisor
from autoscaler.service.wiring import assembled
from autoscaler.storage.policies import Policies
from autoscaler.storage.rows import sample_row
from autoscaler.storage.tables import SampleTable
from tests.fakes import ManualClock
from tests.service.builders import make_cluster, make_settings, run_for
from tests.storage.builders import empty_store, make_sample, url_in

GONE: dict[str, object] = {"policy": "no-longer-there"}
ADA = Written(actor="ada", request_id="r-1")
FIXED = (
    "policy: native\nsettings: {floor_acu: %g, ceiling_acu: 32}\nrules: {watch_seconds: 0, change_spacing_seconds: 0}\n"
)
SHOP = Binding(policy="shop", cluster_id="shop")
QUICK = RolloutDocument(
    rings=(
        RingDocument(soak_minutes=6),
        RingDocument(percent=10, soak_minutes=6),
        RingDocument(percent=100, soak_minutes=6),
    )
)


def desk_of(supervisor: Supervisor) -> PolicyDesk:
    assert supervisor.desk is not None
    assert supervisor.desk.policies is not None
    return supervisor.desk.policies


async def bound(supervisor: Supervisor, floor_acu: float = 4, selector: str | None = None) -> PolicyDesk:
    desk = desk_of(supervisor)
    await desk.create("shop", FIXED % floor_acu, ADA)
    binding = SHOP if selector is None else Binding(policy="shop", selector=parse_selector(selector))
    await desk.bind(binding, ADA)
    return desk


def floors(supervisor: Supervisor) -> dict[str, float]:
    return {v.cluster_id: v.last_decision.wish.floor_acu for v in supervisor.views() if v.last_decision}


def fleet(tmp_path: Path, count: int) -> ServiceSettings:
    clusters = (make_cluster(f"c{number}", policy=PolicyDocument(policy="reactive")) for number in range(count))
    tagged = (one.model_copy(update={"tags": {"env": "prod"}}) for one in clusters)
    return make_settings(tmp_path, *tagged, rollout=QUICK)


async def test_a_bound_policy_decides_from_the_next_tick_on_and_replays(tmp_path: Path) -> None:
    clock = ManualClock()
    async with assembled(make_settings(tmp_path), clock=clock) as supervisor:
        await run_for(supervisor, clock, ticks=2)
        desk = await bound(supervisor)
        await run_for(supervisor, clock, ticks=2)
        view = supervisor.view("shop")
        newest, *_ = await supervisor.decisions("shop", limit=1)
        assert supervisor.desk is not None
        explained = await supervisor.desk.explain("shop", newest.id)
        await desk.unbind(SHOP, ADA)
        await run_for(supervisor, clock, ticks=1)

    assert (view.policy, view.policy_version) == ("shop", 1)
    assert newest.decision.wish.floor_acu == 4
    assert (explained.settings.policy.name, explained.settings.policy_version) == ("shop", 1)
    assert replay(explained).same
    assert (supervisor.view("shop").policy, supervisor.view("shop").policy_version) == ("reactive", None)


async def test_a_restart_goes_on_with_the_bound_policy_and_the_same_document(tmp_path: Path) -> None:
    clock, documents = ManualClock(), set()
    async with assembled(make_settings(tmp_path), clock=clock) as supervisor:
        await bound(supervisor)
        await run_for(supervisor, clock, ticks=1)
        documents |= {entry.document_id for entry in await supervisor.decisions("shop", limit=9)}
    async with assembled(make_settings(tmp_path), clock=clock) as supervisor:
        await run_for(supervisor, clock, ticks=1)
        documents |= {entry.document_id for entry in await supervisor.decisions("shop", limit=9)}

    assert len(documents) == 1
    assert supervisor.view("shop").policy_version == 1


async def test_a_change_reaches_the_fleet_ring_by_ring(tmp_path: Path) -> None:
    clock, reached = ManualClock(), []
    async with assembled(fleet(tmp_path, 12), clock=clock) as supervisor:
        desk = await bound(supervisor, selector="env=prod")
        await run_for(supervisor, clock, ticks=2)
        await desk.replace("shop", FIXED % 8, ADA, at_once=False)
        for _ in range(24):
            await run_for(supervisor, clock, ticks=1)
            reached.append(sum(floor == 8 for floor in floors(supervisor).values()))
        stored = await desk.policies.get("shop")

    assert sorted(set(reached)) == [1, 2, 12]
    assert reached == sorted(reached)
    assert (stored.in_force.version, stored.newest) == (2, 2)
    assert stored.rollout is not None
    assert stored.rollout.state is RolloutState.DONE


async def test_a_rollout_survives_a_restart(tmp_path: Path) -> None:
    clock = ManualClock()
    async with assembled(fleet(tmp_path, 3), clock=clock) as supervisor:
        desk = await bound(supervisor, selector="env=prod")
        await run_for(supervisor, clock, ticks=1)
        await desk.replace("shop", FIXED % 8, ADA, at_once=False)
        await run_for(supervisor, clock, ticks=1)
        before = floors(supervisor)
    async with assembled(fleet(tmp_path, 3), clock=clock) as supervisor:
        await run_for(supervisor, clock, ticks=1)
        after = floors(supervisor)

    assert sorted(before.values()) == [4, 4, 8]
    assert after == before


async def test_worse_throttling_takes_the_change_back(tmp_path: Path) -> None:
    clock = ManualClock()
    async with assembled(fleet(tmp_path, 3), clock=clock) as supervisor:
        desk = await bound(supervisor, selector="env=prod")
        changed = await desk.replace("shop", FIXED % 8, ADA, at_once=False)
        assert changed.rollout is not None
        await starve(tmp_path, changed.rollout.touched[0])
        await clock.advance(600)
        told: list[Event] = []
        assert supervisor.desk is not None
        supervisor.desk.feed.listen(told.append)
        with capture_logs() as lines:
            await run_for(supervisor, clock, ticks=2)
        stored = await desk.policies.get("shop")

    assert stored.rollout is not None
    assert stored.rollout.state is RolloutState.STOPPED
    stops = [event for event in told if event.kind is Kind.ROLLOUT_STOPPED]
    assert [(one.severity, one.details["version"]) for one in stops] == [(Severity.ERROR, 2)]
    assert stored.rollout.reason == "throttled 60.0% of the time with the new version, 0.0% before"
    assert stored.in_force.version == 1
    assert {view.policy_version for view in supervisor.views()} == {1}
    assert [line["state"] for line in lines if line["event"] == "rollout"] == ["stopped"]


async def test_ceilings_that_limits_lowered_come_back_with_the_old_version(tmp_path: Path) -> None:
    clock = ManualClock()
    low = "policy: native\nlimits: {max_acu: 4}\nrules: {watch_seconds: 0, change_spacing_seconds: 0}"
    async with assembled(fleet(tmp_path, 2), clock=clock) as supervisor:
        desk = await bound(supervisor, selector="env=prod")
        await run_for(supervisor, clock, ticks=12)
        before = ceilings(supervisor)
        await desk.replace("shop", low, ADA, at_once=False)
        await run_for(supervisor, clock, ticks=3)
        lowered = ceilings(supervisor)
        await desk.steer("shop", "abort", ADA)
        await run_for(supervisor, clock, ticks=8)
        stored = await desk.policies.get("shop")
        assert supervisor.desk is not None
        audit = await supervisor.desk.audit(limit=3, before=None)

    assert sorted(lowered.values()) == [4, max(before.values())]
    assert ceilings(supervisor) == before
    assert stored.rollout is not None
    assert stored.rollout.returned
    assert [(line.actor, line.action) for line in audit][:2] == [
        ("autoscaler", "rollout.settle"),
        ("autoscaler", "override.set"),
    ]


def ceilings(supervisor: Supervisor) -> dict[str, float]:
    return {view.cluster_id: view.status.range.ceiling_acu for view in supervisor.views() if view.status}


async def starve(folder: Path, cluster_id: str) -> None:
    """Ten minutes that the ticks have not seen, of which six lack capacity."""
    samples = [make_sample(60.0 * minute, 8.0 if minute < 6 else 2.0) for minute in range(10)]
    rows = [sample_row(replace(one, censored=False), cluster_id=cluster_id, seen_at=one.at) for one in samples]
    async with empty_store(url_in(folder)) as elsewhere, elsewhere.write() as connection:
        await connection.execute(insert(SampleTable), rows)


async def test_people_pause_resume_force_and_abort_a_rollout(tmp_path: Path) -> None:
    clock = ManualClock()
    async with assembled(fleet(tmp_path, 12), clock=clock) as supervisor:
        desk = await bound(supervisor, selector="env=prod")
        await desk.replace("shop", FIXED % 8, ADA, at_once=False)
        await desk.steer("shop", "pause", ADA)
        with pytest.raises(NotPossible, match="is paused; it cannot be told to pause"):
            await desk.steer("shop", "pause", ADA)
        await run_for(supervisor, clock, ticks=20)
        paused = sorted(set(floors(supervisor).values()))
        forced = await desk.steer("shop", "force", ADA)
        await desk.steer("shop", "pause", ADA)
        await desk.steer("shop", "resume", ADA)
        aborted = await desk.steer("shop", "abort", ADA)
        await run_for(supervisor, clock, ticks=1)
        with pytest.raises(NotPossible, match="no version of policy shop is on its way"):
            await desk.steer("shop", "abort", ADA)

    assert paused == [4, 8]
    assert forced.rollout is not None
    assert aborted.rollout is not None
    assert (forced.rollout.ring, len(forced.rollout.touched), forced.rollout.reason) == (
        1,
        2,
        "ring 2 of 3: 2 of 12 clusters; forced by ada",
    )
    assert (aborted.rollout.state, aborted.rollout.reason) == (RolloutState.ABORTED, "aborted by ada")
    assert set(floors(supervisor).values()) == {4}


async def test_a_rollback_is_for_all_at_once_and_ends_a_rollout(tmp_path: Path) -> None:
    clock = ManualClock()
    async with assembled(fleet(tmp_path, 3), clock=clock) as supervisor:
        desk = await bound(supervisor, selector="env=prod")
        await desk.replace("shop", FIXED % 8, ADA, at_once=True)
        await run_for(supervisor, clock, ticks=1)
        at_once = floors(supervisor)
        await desk.replace("shop", FIXED % 12, ADA, at_once=False)
        with pytest.raises(NotPossible, match="version 3 of shop is on its way; end it first"):
            await desk.replace("shop", FIXED % 16, ADA, at_once=False)
        again = await desk.replace("shop", FIXED % 12, ADA, at_once=False)
        back = await desk.roll_back("shop", 1, ADA)
        await run_for(supervisor, clock, ticks=1)

    assert set(at_once.values()) == {8}
    assert again.newest == 3, "the same document again is no new version"
    assert (back.in_force.version, back.in_force.document["settings"]["floor_acu"]) == (4, 4)
    assert set(floors(supervisor).values()) == {4}


async def test_an_unusable_policy_leaves_its_cluster_as_it_was_and_stops_no_other(tmp_path: Path) -> None:
    """A plug-in that is gone, say: the document was right when it was stored."""
    clock = ManualClock()
    async with assembled(fleet(tmp_path, 2), clock=clock) as supervisor:
        desk = await bound(supervisor, selector="env=prod")
        await desk.create("gone", FIXED % 9, ADA)
        await desk.bind(Binding(policy="gone", cluster_id="c1"), ADA)
        await run_for(supervisor, clock, ticks=1)
        async with empty_store(url_in(tmp_path)) as elsewhere:
            await spoil(Policies(elsewhere), "gone")
        await desk.replace("shop", FIXED % 8, ADA, at_once=True)
        with capture_logs() as lines:
            await run_for(supervisor, clock, ticks=3)

    assert floors(supervisor) == {"c0": 8, "c1": 9}
    assert [line["cluster"] for line in lines if line["event"] == "policy_unusable"] == ["c1"]


async def test_a_policy_stored_under_an_old_name_goes_on_deciding(tmp_path: Path) -> None:
    """What is called quantile now was predictive once; a version that is stored is never changed."""
    clock = ManualClock()
    old: dict[str, object] = {"policy": "predictive", "settings": {"quantile": 0.9}}
    async with assembled(fleet(tmp_path, 1), clock=clock) as supervisor:
        desk = await bound(supervisor, selector="env=prod")
        await desk.create("old", FIXED % 9, ADA)
        await desk.bind(Binding(policy="old", cluster_id="c0"), ADA)
        async with empty_store(url_in(tmp_path)) as elsewhere:
            await spoil(Policies(elsewhere), "old", old)
        with capture_logs() as lines:
            await run_for(supervisor, clock, ticks=3)
        (view,) = supervisor.views()

    assert [line for line in lines if line["event"] == "policy_unusable"] == []
    assert view.last_decision is not None
    assert "forecast" in view.last_decision.reason


async def spoil(policies: Policies, name: str, document: dict[str, object] = GONE) -> None:
    from autoscaler.storage.audit import Deed
    from autoscaler.storage.policy_edits import replace_with
    from tests.fakes import MONDAY

    deed = Deed(at=MONDAY, actor="eve", request_id="r-2", action="policy.replace")
    await policies.change(name, replace_with(document, deed, None), deed)


async def test_what_cannot_be_is_told_at_bind_time(tmp_path: Path) -> None:
    clock = ManualClock()
    async with assembled(fleet(tmp_path, 2), clock=clock) as supervisor:
        desk = await bound(supervisor, selector="env=prod")
        await desk.create("other", "policy: native\nlimits: {min_acu: 80}", ADA)
        with pytest.raises(UnknownName, match="no cluster named 'nobody'"):
            await desk.bind(Binding(policy="other", cluster_id="nobody"), ADA)
        with pytest.raises(NotPossible, match="policy other cannot be used for cluster c0"):
            await desk.bind(Binding(policy="other", cluster_id="c0"), ADA)
        with pytest.raises(NotPossible, match=r"policy shop is bound to tags env=prod; unbind it first"):
            await desk.delete("shop", ADA)
        with pytest.raises(InvalidDocument, match=r"other:2:1: there is no setting 'setings'; did you mean 'settings'"):
            await desk.replace("other", "policy: native\nsetings: {}", ADA, at_once=False)
        with pytest.raises(InvalidDocument, match=r"reads no files here"):
            await desk.replace(
                "other", "policy: scheduled\nsettings: {calendars: [{name: a, file: /etc/passwd}]}", ADA, at_once=False
            )
