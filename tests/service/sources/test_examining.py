"""A registered cluster of the simulated AWS, examined through the desk."""

from pathlib import Path

import pytest

from autoscaler.awsapi.moods import Moods
from autoscaler.core.doctor import Verdict
from autoscaler.errors import NotPossible, UnknownName
from autoscaler.service.wiring import assembled
from autoscaler.simulator.blockers import PauseBlocker
from tests.adapters.aurora_clusters import aurora
from tests.fakes import MONDAY, ManualClock, make_range
from tests.service.builders import make_cluster, make_settings, run_for
from tests.service.sources.registered import registered, sources_of


async def test_the_desk_tells_what_keeps_a_cluster_awake_and_what_a_pause_would_save(tmp_path: Path) -> None:
    clock = ManualClock(MONDAY)
    async with aurora(clock, held=make_range(0.5, 16, 300), blockers=(PauseBlocker.ZERO_ETL,)) as one:
        one.demand_acu = 0.0
        await clock.advance(7200.0)
        settings = make_settings(tmp_path, registered(one), make_cluster("lab"), sources=sources_of(one), savings=False)
        async with assembled(settings, clock=clock) as supervisor:
            await run_for(supervisor, clock, ticks=1)
            assert supervisor.desk is not None
            doctor = supervisor.desk.doctor
            examined = await doctor.examine("orders", days=1)
            with pytest.raises(NotPossible, match="only of aurora clusters"):
                await doctor.examine("lab", days=1)
            with pytest.raises(UnknownName):
                await doctor.examine("bills", days=1)
            one.world.gate.moods = Moods(denied=("rds:DescribeDBClusters",))
            with pytest.raises(NotPossible, match="may not call rds:DescribeDBClusters"):
                await doctor.examine("orders", days=1)

    assert examined.diagnosis.sentence == "it does not pause: zero-etl"
    assert examined.diagnosis.findings[0].verdict is Verdict.BLOCKS
    assert examined.saving.idle_hours == pytest.approx(1.8, abs=0.1)
    assert examined.monthly_idle_usd == pytest.approx(examined.monthly_idle_acu_hours * 0.12)
    assert examined.monthly_idle_acu_hours > 300
