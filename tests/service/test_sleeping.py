"""Clusters that sleep under a service: awake before their mornings, and nothing learned is lost by a restart."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from autoscaler.config import LimitsDocument, PolicyDocument
from autoscaler.core.activity import Dial
from autoscaler.core.capacity import Phase
from autoscaler.core.samples import Sample
from autoscaler.service.settings import ClusterSettings
from autoscaler.service.wiring import assembled
from autoscaler.service.workload import TraceDocument, WorkloadDocument
from autoscaler.storage.repositories import Clusters
from autoscaler.storage.sleep import Learned, SleepStates
from models.cold_start import PRIORS
from models.outlook import Outlook, OutlookSettings
from tests.fakes import MONDAY, ManualClock
from tests.service.builders import Recorder, decisions_of, make_cluster, make_settings, run_for
from tests.storage.builders import empty_store, url_in

PAUSING = PolicyDocument(policy="pausing", settings={"cold_hit_acu_hours": 2.0}, forecaster=None)
SLEEPY = LimitsDocument(min_acu=0, max_acu=8)
NIGHT = MONDAY + timedelta(days=15, hours=6)
OPENS, CLOSES = 9, 17


def demand(minutes: int) -> float:
    """Of an office that opens at nine, at the minute of the day."""
    return 1.0 if OPENS * 60 <= minutes % 1440 < CLOSES * 60 else 0.0


def office_weeks() -> list[Sample]:
    return [
        Sample(
            at=MONDAY + timedelta(minutes=place),
            seconds=300,
            demand_acu=demand(place),
            capacity_acu=0.5,
        )
        for place in range(0, 15 * 1440 + 360, 5)
    ]


def office(folder: Path) -> ClusterSettings:
    """A cluster with this load, from six on."""
    path = folder / "office.csv"
    rows = [f"{(NIGHT + timedelta(minutes=place)).isoformat()},{demand(360 + place)}" for place in range(1440)]
    path.write_text("\n".join(["timestamp,demand_acu", *rows]))
    settings = make_cluster("office", policy=PAUSING, limits=SLEEPY)
    return settings.model_copy(update={"workload": WorkloadDocument(trace=TraceDocument(file=path))})


async def remember_the_weeks(folder: Path) -> None:
    """Put into the store what two weeks of it teach."""
    outlook = Outlook(None, OutlookSettings(dial=Dial(cold_hit_acu_hours=2.0), resumes=PRIORS["aurora-v2"]))
    outlook.observe(office_weeks())
    state = outlook.sleep.state()
    assert state is not None
    async with empty_store(url_in(folder)) as database:
        await Clusters(database).register("office", at=NIGHT, document={})
        await SleepStates(database).write({"office": Learned(at=NIGHT, state=state)})


@pytest.mark.slow
async def test_a_paused_cluster_is_awake_before_its_morning_and_its_resume_is_learned(tmp_path: Path) -> None:
    await remember_the_weeks(tmp_path)
    told, clock = Recorder(), ManualClock(NIGHT)
    settings = make_settings(tmp_path, office(tmp_path))
    async with assembled(settings, observers=[told], clock=clock) as supervisor:
        await run_for(supervisor, clock, ticks=(OPENS - 6) * 60 + 30)
    phases = {report.at: report.status.phase for report in told.reports if report.status is not None}
    assert phases[NIGHT + timedelta(hours=1)] is Phase.PAUSED
    assert phases[NIGHT + timedelta(hours=OPENS - 6, minutes=-20)] is Phase.PAUSED
    morning = [NIGHT + timedelta(hours=OPENS - 6, minutes=minute) for minute in range(-1, 29)]
    assert {phases[at] for at in morning} == {Phase.AVAILABLE}
    (wake,) = (
        report
        for report in told.reports
        if report.decision
        and report.decision.before != report.decision.after
        and report.status is not None
        and report.status.phase is Phase.PAUSED
    )
    assert wake.decision is not None
    assert "woken before its use" in wake.decision.reason
    async with empty_store(url_in(tmp_path)) as database:
        learned = await SleepStates(database).read("office")
    assert learned is not None
    assert learned.state["seen"] == 1


async def lived(folder: Path, *, parts: Sequence[int]) -> list[object]:
    """What is decided about a cluster that may sleep, if its service ends after each part."""
    cluster = make_cluster(scenario="development-test", policy=PAUSING, limits=SLEEPY)
    told, clock = Recorder(), ManualClock()
    for ticks in parts:
        async with assembled(make_settings(folder, cluster), observers=[told], clock=clock) as supervisor:
            await run_for(supervisor, clock, ticks=ticks)
    return decisions_of(told.reports)


@pytest.mark.slow
async def test_a_restart_changes_no_decision_about_sleep(tmp_path: Path) -> None:
    uninterrupted = await lived(tmp_path / "a", parts=(240,))
    assert await lived(tmp_path / "b", parts=(3, 60, 100, 77)) == uninterrupted
    assert len(uninterrupted) == 240
