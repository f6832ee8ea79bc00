"""A change whose call failed: it is asked for again soon and then less often, unless it came into force after all."""

from dataclasses import dataclass, replace
from pathlib import Path

from autoscaler.core.decision import Advice
from autoscaler.core.snapshot import Snapshot
from autoscaler.errors import ClusterError
from autoscaler.service.recovery import recover
from autoscaler.service.tick import tick
from tests.fakes import AlwaysWishes, ManualClock, later
from tests.service.fleets import LARGE, Bench, FakeCluster, raising, workbench

STEP_SECONDS = 30.0
GROWS = AlwaysWishes(range=LARGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneStepMore:
    recent_seconds: float = 3600.0
    looks_ahead: bool = False

    def advise(self, snapshot: Snapshot) -> Advice:
        held = snapshot.status.range
        return Advice(range=replace(held, floor_acu=held.floor_acu + 1), reason="one step more")


async def asked_at(bench: Bench, cluster: FakeCluster, *, turns: int, restarts: bool = False) -> list[float]:
    """The seconds at which the provider was asked."""
    job, moments = await bench.job(cluster), list[float]()
    mind = await recover(job, bench.means)
    for seconds in (turn * STEP_SECONDS for turn in range(turns)):
        before = len(cluster.asked)
        mind = await recover(job, bench.means) if restarts else mind
        await tick(job, bench.means, mind, later(seconds))
        moments += [seconds] * (len(cluster.asked) - before)
        await bench.clock.advance(STEP_SECONDS)
    return moments


async def test_a_failed_call_is_made_again_soon_and_then_less_and_less_often(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock)
    cluster.before_change = raising(ClusterError("no answer"))
    async with workbench(tmp_path, clock=clock, policy=GROWS) as bench:
        moments = await asked_at(bench, cluster, turns=20)

    assert moments == [0, 30, 90, 210, 450]


async def test_one_that_is_found_in_force_counts_for_the_spacing(tmp_path: Path) -> None:
    await assert_spaced(tmp_path, restarts=False)


async def test_so_does_one_that_a_new_process_finds_in_force(tmp_path: Path) -> None:
    await assert_spaced(tmp_path, restarts=True)


async def assert_spaced(folder: Path, *, restarts: bool) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock)

    def answer_nothing() -> None:
        cluster.changed_at = None  # a provider that does not tell when
        raise ClusterError("the answer was lost")

    cluster.after_change = answer_nothing
    async with workbench(folder, clock=clock, policy=OneStepMore()) as bench:
        moments = await asked_at(bench, cluster, turns=23, restarts=restarts)

    assert moments == [60, 360, 660], "the first samples come after a minute"
