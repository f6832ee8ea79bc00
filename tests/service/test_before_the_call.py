"""What is made sure of in the last moment before a provider is asked for a change."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from autoscaler.core.capacity import Range
from autoscaler.errors import LeaseLost
from autoscaler.service.leadership import Alone
from autoscaler.service.recovery import recover
from autoscaler.service.tick import tick
from autoscaler.storage.entries import State
from tests.fakes import MONDAY, AlwaysWishes, ManualClock, make_range
from tests.service.fleets import LARGE, FakeCluster, workbench

GROWS = AlwaysWishes(range=LARGE, reason="a test wishes more")
THEIRS = make_range(32, 64)


class Ended(Alone):
    """A lease that will not last as long as the call."""

    def demand(self, seconds: float) -> None:
        raise LeaseLost(f"less than {seconds:g} s are left")


@dataclass(frozen=True, slots=True)
class ChangedBy:
    """Somebody else who changes a cluster while the service still thinks."""

    cluster: FakeCluster
    range: Range

    def __call__(self) -> None:
        self.cluster.range = self.range


async def test_a_range_that_somebody_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock)
    cluster.at_samples = ChangedBy(cluster, THEIRS)
    async with workbench(tmp_path, clock=clock, policy=GROWS) as bench:
        job = await bench.job(cluster)
        report = await tick(job, bench.means, await recover(job, bench.means), MONDAY)

    assert (cluster.asked, cluster.range) == ([], THEIRS)
    assert (report.outcome, report.detail) == ("refused", f"somebody else changed the range to {THEIRS} meanwhile")


async def test_nothing_is_asked_for_when_the_lease_may_end_before_the_answer(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock)
    async with workbench(tmp_path, clock=clock, policy=GROWS) as bench:
        job = await bench.job(cluster)
        means = replace(bench.means, lead=Ended())
        with pytest.raises(LeaseLost):
            await tick(job, means, await recover(job, means), MONDAY)
        (planned,) = await bench.journal.planned("orders")
        await recover(job, bench.means)
        (settled,) = await bench.journal.entries("orders", limit=9)

    assert cluster.asked == []
    assert (planned.id, settled.state) == (settled.id, State.ABANDONED)
