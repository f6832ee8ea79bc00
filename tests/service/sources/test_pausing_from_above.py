"""A policy that wishes a high floor and pauses, on a provider that pauses from a low floor only."""

from pathlib import Path

import pytest

from autoscaler.core.capacity import Phase, Range
from autoscaler.service.wiring import assembled
from tests.adapters.aurora_clusters import Connected, aurora
from tests.fakes import MONDAY, ManualClock, make_range
from tests.service.builders import Recorder, make_settings, run_for
from tests.service.sources.registered import registered, sources_of

ALWAYS = {"days": "daily", "start": "00:00", "end": "24:00", "floor_acu": 4, "pause_after_seconds": 300}
POLICY = {
    "policy": "scheduled",
    "settings": {"windows": [ALWAYS]},
}


@pytest.mark.slow
async def test_it_comes_down_when_idle_sleeps_and_goes_up_on_the_wake(tmp_path: Path) -> None:
    clock, told = ManualClock(MONDAY), Recorder()
    limits = {"limits": {"min_acu": 0.5, "max_acu": 16, "may_pause": True}}
    async with aurora(clock, held=make_range(4, 16)) as one:
        enforced = registered(one, mode="enforce", cluster=limits, policy=POLICY)
        settings = make_settings(tmp_path, enforced, sources=sources_of(one), savings=False)
        async with assembled(settings, observers=[told], clock=clock) as supervisor:
            await run_for(supervisor, clock, ticks=30)
            busy = held(one)
            one.demand_acu = 0.0
            await run_for(supervisor, clock, ticks=25)
            idle, asleep = held(one), phase(one)
            one.demand_acu = 1.0
            await run_for(supervisor, clock, ticks=8)
            woken, awake = held(one), phase(one)

    assert (busy, idle, woken) == (make_range(4, 16), make_range(0, 16, 300), make_range(4, 16))
    assert (asleep, awake) == (Phase.PAUSED, Phase.AVAILABLE)
    applied = [report.decision.after for report in told.reports if report.decision and report.outcome == "applied"]
    assert applied == [make_range(0.5, 16, 300), make_range(4, 16)]


def held(one: Connected) -> Range | None:
    return one.world.clusters["orders"].held


def phase(one: Connected) -> Phase:
    simulated = one.world.clusters["orders"].simulated
    assert simulated is not None
    return simulated.phase
