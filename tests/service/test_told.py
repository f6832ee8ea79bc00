"""What a whole service tells of itself: policies, rollouts, the kill switch, and nothing twice over a restart."""

from pathlib import Path

from autoscaler.observability.events import Event, Kind
from autoscaler.service.supervisor import Supervisor
from autoscaler.service.wiring import assembled
from tests.fakes import ManualClock
from tests.service.builders import make_settings, run_for
from tests.service.test_policies_live import ADA, FIXED, bound, fleet, starve


def heard(supervisor: Supervisor, *kinds: Kind) -> list[Event]:
    events: list[Event] = []
    assert supervisor.desk is not None
    supervisor.desk.feed.listen(lambda event: events.append(event) if event.kind in kinds else None)
    return events


async def test_changes_of_policies_and_their_rollouts_are_told(tmp_path: Path) -> None:
    clock = ManualClock()
    async with assembled(fleet(tmp_path, 3), clock=clock) as supervisor:
        told = heard(supervisor, Kind.POLICY_CHANGED, Kind.ROLLOUT_STEP, Kind.ROLLOUT_STOPPED)
        desk = await bound(supervisor, selector="env=prod")
        changed = await desk.replace("shop", FIXED % 8, ADA, at_once=False)
        assert changed.rollout is not None
        await starve(tmp_path, changed.rollout.touched[0])
        await clock.advance(600)
        await run_for(supervisor, clock, ticks=2)

    assert [event.text for event in told] == [
        "ada: policy.create shop",
        "ada: policy.bind shop",
        "ada: policy.replace shop",
        "version 2 of policy shop is stopped: throttled 60.0% of the time with the new version, 0.0% before",
    ]
    assert told[-1].kind is Kind.ROLLOUT_STOPPED


async def test_the_kill_switch_is_told_once_and_its_end_once_whoever_restarts_meanwhile(tmp_path: Path) -> None:
    clock, switch, told = ManualClock(), tmp_path / "stop", list[Event]()
    settings = make_settings(tmp_path, kill_switch=switch)
    for there in (True, True, False, False):
        switch.touch() if there else switch.unlink(missing_ok=True)
        async with assembled(settings, clock=clock) as supervisor:
            told_now = heard(supervisor, Kind.FROZEN, Kind.THAWED)
            await run_for(supervisor, clock, ticks=2)
        told += told_now

    assert [event.kind for event in told] == [Kind.FROZEN, Kind.THAWED]
