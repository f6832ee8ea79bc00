"""What is made sure of in the last moment before a provider is asked for a change."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from autoscaler.core.capacity import Range
from autoscaler.core.decision import Memory
from autoscaler.errors import ClusterBusy, LeaseLost
from autoscaler.service.leadership import Alone
from autoscaler.service.recovery import recover
from autoscaler.service.steering import KillSwitch, Steering
from autoscaler.service.tick import tick
from autoscaler.storage.entries import State
from tests.fakes import MONDAY, AlwaysWishes, ManualClock, later, make_range
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


async def test_a_kill_switch_that_goes_on_while_a_tick_runs_still_stops_it(tmp_path: Path) -> None:
    clock, file = ManualClock(), tmp_path / "stop"
    cluster = FakeCluster("orders", clock)
    cluster.at_samples = file.touch
    async with workbench(tmp_path, clock=clock, policy=GROWS) as bench:
        means = replace(bench.means, steering=Steering(switch=KillSwitch(path=file)))
        job = await bench.job(cluster)
        mind = await recover(job, means)
        report = await tick(job, means, mind, MONDAY)
        restored = await recover(job, means)

    assert cluster.asked == []
    assert report.told_outcome == f"not-enforced: the kill switch is on: {file} exists"
    assert report.decision is not None
    assert report.decision.changes
    assert mind.memory == restored.memory == Memory()


async def test_a_refused_change_is_tried_again_after_a_wait_of_its_own_also_after_a_restart(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock)

    def refuse() -> None:
        raise ClusterBusy("orders is busy")

    cluster.before_change = refuse
    asked, memory = [], Memory()
    async with workbench(tmp_path, clock=clock, policy=GROWS) as bench:
        job = await bench.job(cluster)
        for turn in range(12):
            mind = await recover(job, bench.means)  # every tick is a new process
            report = await tick(job, bench.means, mind, later(30.0 * turn))
            asked.append(report.outcome)
            memory = (await recover(job, bench.means)).memory
            assert mind.memory == memory

    assert [turn for turn, outcome in enumerate(asked) if outcome == "refused"] == [0, 1, 3, 7]
    assert memory == Memory(refused_at=later(210), refusals=4)


def test_a_key_of_a_configmap_switches_it_on_and_off_also_while_it_is_being_swapped(tmp_path: Path) -> None:
    """As the kubelet does it: a new folder of data, one rename of the link to it, then the links to its keys."""
    switch = KillSwitch(path=tmp_path / "stop")
    told: list[tuple[str, bool]] = []
    for keys in ({"other": ""}, {"other": "", "stop": ""}, {"other": ""}):
        told += [(step, bool(switch.reason())) for step in _swap(tmp_path, keys)]

    assert told == [
        ("data", False),
        ("links", False),
        ("cleaned", False),
        ("data", False),
        ("links", True),
        ("cleaned", True),
        ("data", True),  # the link to the key leads nowhere now: it still counts as there
        ("links", True),
        ("cleaned", False),
    ]


def _swap(folder: Path, keys: dict[str, str]) -> Iterator[str]:
    data = folder / f"..data-{len(list(folder.iterdir()))}"
    data.mkdir()
    for key, text in keys.items():
        (data / key).write_text(text)
    (folder / "..data_tmp").symlink_to(data.name)
    (folder / "..data_tmp").rename(folder / "..data")
    yield "data"
    for key in keys:
        if not (folder / key).is_symlink():
            (folder / key).symlink_to(Path("..data") / key)
    yield "links"
    for link in folder.iterdir():
        if not link.name.startswith("..") and link.name not in keys:
            link.unlink()
    yield "cleaned"
