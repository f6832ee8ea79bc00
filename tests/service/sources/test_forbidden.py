"""What may not be changed is told before anybody asks for it, and as soon as AWS has said so."""

from pathlib import Path

import pytest

from autoscaler.adapters.aurora_ranges import no_range
from autoscaler.awsapi.moods import Moods
from autoscaler.service.wiring import assembled
from tests.adapters.aurora_clusters import aurora
from tests.fakes import MONDAY, ManualClock, make_range
from tests.service.builders import Recorder, make_settings, run_for
from tests.service.sources.registered import registered, sources_of


async def test_a_role_that_only_reads_cannot_enforce(tmp_path: Path) -> None:
    async with aurora(ManualClock(MONDAY), held=make_range(2, 16)) as one:
        enforced = registered(one, mode="enforce")
        with pytest.raises(ValueError, match="mode of orders is enforce, but the role of account 'default' only reads"):
            make_settings(tmp_path, enforced, sources=sources_of(one, reads_only=True))


async def test_a_role_that_only_reads_observes(tmp_path: Path) -> None:
    clock, told = ManualClock(MONDAY), Recorder()
    async with aurora(clock, held=make_range(2, 16)) as one:
        settings = make_settings(tmp_path, registered(one), sources=sources_of(one, reads_only=True), savings=False)
        async with assembled(settings, observers=[told], clock=clock) as supervisor:
            await run_for(supervisor, clock, ticks=2)
            assert supervisor.desk is not None
            refusal = supervisor.desk.refusal("orders")

    assert refusal.startswith("the role of account 'default' only reads (reads_only)")
    assert [one.failed for one in told.reports] == [None, None]


async def test_what_aws_forbade_is_remembered_until_it_allows_it(tmp_path: Path) -> None:
    clock, told = ManualClock(MONDAY), Recorder()
    async with aurora(clock, held=make_range(2, 16)) as one:
        one.world.gate.moods = Moods(denied=("rds:ModifyDBCluster",))
        limits = {"limits": {"min_acu": 4, "max_acu": 16}}
        settings = make_settings(
            tmp_path, registered(one, mode="enforce", cluster=limits), sources=sources_of(one), savings=False
        )
        async with assembled(settings, observers=[told], clock=clock) as supervisor:
            assert supervisor.desk is not None
            before = supervisor.desk.refusal("orders")
            await run_for(supervisor, clock, ticks=2)
            refused = supervisor.desk.refusal("orders")
            one.world.gate.moods = Moods()
            await run_for(supervisor, clock, ticks=5)
            after = supervisor.desk.refusal("orders")

    assert (before, after) == ("", "")
    assert "the role may not call rds:ModifyDBCluster" in refused
    assert told.reports[0].outcome == "failed"
    assert one.world.clusters["orders"].held == make_range(4, 16)


def test_the_first_generation_is_told_apart() -> None:
    of_v1 = {"DBClusterIdentifier": "old", "EngineMode": "serverless"}
    provisioned = {"DBClusterIdentifier": "big", "EngineMode": "provisioned"}

    assert "old is of Serverless v1, which ended in March 2025" in no_range(of_v1)
    assert "big has no range of Serverless v2" in no_range(provisioned)
