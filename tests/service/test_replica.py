"""Acting and standing by, in one process."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from autoscaler.config import PolicyDocument
from autoscaler.core.selectors import Binding
from autoscaler.errors import InvalidInput, LeaseLost, StorageError, UnknownName
from autoscaler.service.clock import Stopwatch
from autoscaler.service.leadership import ALONE, Candidate, Tenure
from autoscaler.service.opening import opened
from autoscaler.service.policy_desk import PolicyDesk, Written
from autoscaler.service.replica import Replica, standing
from autoscaler.service.ringing import RingDocument, RolloutDocument
from autoscaler.service.settings import ServiceSettings
from autoscaler.storage.database import Database
from autoscaler.storage.entries import State
from autoscaler.storage.lease import Leases, Token
from autoscaler.storage.repositories import Journal
from tests.fakes import MONDAY
from tests.postgres import needs_postgres
from tests.service.builders import Recorder, make_cluster

ADA = Written(actor="ada", request_id="r-1")
FIXED = "policy: native\nsettings: {floor_acu: %g}\nlimits: {max_acu: 32}"
QUICK = RolloutDocument(rings=(RingDocument(soak_minutes=6), RingDocument(percent=100, soak_minutes=6)))
FAST: dict[str, Any] = {"speed": 1200.0, "start": MONDAY}


class Watch(Stopwatch):
    """A stopwatch that shows what a test says."""

    shown = 0.0

    @property
    def seconds(self) -> float:
        return self.shown


def settings_on(url: str, **others: Any) -> ServiceSettings:
    return ServiceSettings(database=url, **({"clusters": (make_cluster(),)} | FAST | others))


async def told(recorder: Recorder, *, ticks: int) -> None:
    while len(recorder.reports) < ticks:
        await recorder.wait()


def policies_of(replica: Replica) -> PolicyDesk:
    assert replica.desk is not None
    assert replica.desk.policies is not None
    return replica.desk.policies


async def stands_by(replica: Replica) -> None:
    while not replica.ready:
        await replica.decisions("shop", limit=1)


async def test_a_service_runs_on_every_database(url: str) -> None:
    recorder, leads = Recorder(), list[bool]()
    async with standing(settings_on(url), observers=[recorder], leads=leads.append) as replica:
        await told(recorder, ticks=12)
        views, acts, ready = replica.views(), replica.acts, replica.ready

    assert (acts, ready, leads) == (True, True, [True, False])
    assert [report.failed for report in recorder.reports] == [None] * len(recorder.reports)
    assert views[0].demand_acu is not None


async def test_a_second_start_goes_on_where_the_first_one_ended(url: str) -> None:
    recorder = Recorder()
    for turn in (1, 2):
        async with standing(settings_on(url), observers=[recorder]):
            await told(recorder, ticks=4 * turn)
    database = Database(url)
    entries = await Journal(database).entries("shop", limit=1000)
    await database.close()

    moments = [entry.decision.at for entry in reversed(entries)]
    assert moments == sorted(set(moments))
    assert State.PLANNED not in {entry.state for entry in entries}


@pytest.mark.parametrize("mistake", [{"settings": {"speed": 9}}, {"rules": {"watch_seconds": -1}}])
async def test_settings_that_cannot_be_used_are_refused_at_the_start(mistake: dict[str, Any], tmp_path: Path) -> None:
    cluster = make_cluster(policy=PolicyDocument.model_validate({"policy": "reactive", **mistake}))
    settings = settings_on(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}").model_copy(update={"clusters": (cluster,)})
    with pytest.raises(InvalidInput):
        async with standing(settings):
            pytest.fail("it started")


async def test_what_makes_acting_impossible_ends_a_replica_on_a_file(tmp_path: Path) -> None:
    settings = settings_on(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}", start="2999-01-01T00:00:00Z")
    recorder = Recorder()
    async with standing(settings, observers=[recorder]):
        await told(recorder, ticks=1)
    now = settings.model_copy(update={"speed": 1.0, "start": None})

    with pytest.raises(StorageError, match="lies in the future"):
        async with standing(now) as replica:
            await replica.ended()


def test_a_call_must_end_before_another_replica_may_act() -> None:
    with pytest.raises(ValueError, match="call_seconds is 13, more than 80% of lease_seconds, 15"):
        settings_on("postgresql+asyncpg://host/db", call_seconds=13)


def test_no_call_begins_that_could_outlast_the_lease(tmp_path: Path) -> None:
    watch = Watch()
    leases = Leases(Database(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}"), holder="one", seconds=15.0)
    tenure = Tenure(leases, Token(7), seconds=15.0, since=watch)
    watch.shown = 4.9
    tenure.demand(10.0)
    watch.shown = 5.1

    with pytest.raises(LeaseLost, match=r"lease 7 ends in 9\.9 s, and a call may take 10 s"):
        tenure.demand(10.0)


async def test_on_a_file_nobody_has_to_wait(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}")

    assert await Candidate(database, holder="one", seconds=1.0).stand() is ALONE


class TestOnAServer:
    pytestmark = needs_postgres

    async def test_a_stand_by_is_ready_and_shows_what_the_other_one_wrote(self, postgres_url: str) -> None:
        first, second, settings = Recorder(), Recorder(), settings_on(postgres_url)
        async with standing(settings, observers=[first]):
            await told(first, ticks=3)
            async with standing(settings, observers=[second]) as waiting:
                await stands_by(waiting)
                (view,) = waiting.views()
                entries = await waiting.decisions("shop", limit=2)
                with pytest.raises(UnknownName):
                    waiting.view("bills")
                acts = waiting.acts

        assert not acts
        assert second.reports == []
        assert (view.cluster_id, view.policy, view.limits.max_acu) == ("shop", "reactive", 64)
        assert view.last_decision is not None
        assert len(entries) == 2

    async def test_a_stand_by_shows_a_bound_policy_and_carries_its_rollout_on(self, postgres_url: str) -> None:
        first, second = Recorder(), Recorder()
        clusters = tuple(make_cluster(name) for name in ("a", "b", "c"))
        settings = settings_on(postgres_url, clusters=clusters, rollout=QUICK, lease_seconds=600.0)
        async with standing(settings, observers=[first]) as acting:
            await told(first, ticks=3)
            policies = policies_of(acting)
            await policies.create("shop", FIXED % 4, ADA)
            for name in ("a", "b", "c"):
                await policies.bind(Binding(policy="shop", cluster_id=name), ADA)
            await policies.replace("shop", FIXED % 8, ADA, at_once=False)
            await policies.steer("shop", "pause", ADA)
            async with standing(settings, observers=[second]) as waiting:
                while not waiting.ready:
                    await waiting.decisions("a", limit=1)
                shown = [(view.policy, view.policy_version, view.limits.max_acu) for view in waiting.views()]
                await acting.stop()
                await policies_of(waiting).steer("shop", "resume", ADA)
                while {report.policy_version for report in second.reports[-3:]} != {2}:
                    await second.wait()

        assert sorted(shown) == [("shop", 1, 32), ("shop", 1, 32), ("shop", 2, 32)]
        assert {report.failed for report in second.reports} == {None}

    async def test_a_stand_by_acts_when_the_other_one_stops(self, postgres_url: str) -> None:
        first, second, settings = Recorder(), Recorder(), settings_on(postgres_url, lease_seconds=600.0)
        async with standing(settings, observers=[first]) as acting:
            await told(first, ticks=2)
            async with standing(settings, observers=[second]) as waiting:
                await stands_by(waiting)
                await acting.stop()
                await told(second, ticks=2)

        assert {report.at for report in first.reports}.isdisjoint(report.at for report in second.reports)
        assert {report.failed for report in second.reports} == {None}

    async def test_who_lost_the_lease_stands_down_and_comes_back(self, postgres_url: str) -> None:
        recorder, leads = Recorder(), list[bool]()
        settings = settings_on(postgres_url, lease_seconds=2.0, call_seconds=1.0)
        async with standing(settings, observers=[recorder], leads=leads.append), opened(settings) as store:
            await told(recorder, ticks=2)
            async with store.database.write() as connection:
                await connection.execute(text("update leases set token = token + 1"))
            while leads[:3] != [True, False, True]:
                await recorder.wait()
            await told(recorder, ticks=len(recorder.reports) + 2)

        assert recorder.reports[-1].failed is None
