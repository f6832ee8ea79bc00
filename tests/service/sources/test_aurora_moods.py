"""One service over many accounts, each of which treats it badly in a way of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

import pytest

from autoscaler.awsapi.moods import Gate, Moods
from autoscaler.awsapi.seeding import Seed, sow
from autoscaler.awsapi.world import World, no_load
from autoscaler.service.settings import ClusterSettings
from autoscaler.service.views import TickReport
from autoscaler.service.wiring import assembled
from autoscaler.simulator.profiles import AURORA_V2
from autoscaler.simulator.spec import ClusterSpec
from tests.awsapi.servers import served
from tests.fakes import MONDAY, ManualClock, make_range
from tests.service.builders import Recorder, make_settings, run_for

# The floor that the policy wishes under this demand, so that less to see is the only reason to shrink.
DEMAND_ACU, HELD = 6.0, make_range(5, 32)
# The first ones are enough to be allowed to shrink, and the next ones to do so.
GOOD_TICKS, BAD_TICKS, LAST_TICKS = 16, 12, 10
Harm = Callable[[World], None]


def mood(**given: Any) -> Harm:
    def feel(world: World) -> None:
        world.gate = Gate(Moods(burst=10_000, seed=3, **given), now=world.now)

    return feel


def delete(world: World) -> None:
    del world.clusters["shop"]


NOT_WHOLE = "it is not whole"
NOT_THERE = "there is no cluster with the resource id"
CLOCKS = "the clocks of AWS and of this machine differ; set this one right"
# What goes wrong, and what is told of it; nothing where it is only that less is known.
HARMS: dict[str, tuple[Harm, str]] = {
    "lists are not whole": (mood(left_out_fraction=0.5), NOT_THERE),
    "answers end in the middle": (mood(torn_fraction=0.5), NOT_WHOLE),
    "calls fail": (mood(failing_fraction=0.5), "AWS refused rds:DescribeDBClusters: InternalFailure"),
    "a cluster is deleted": (delete, NOT_THERE),
    "the clusters are busy": (mood(busy_fraction=1.0), ""),
    "ten minutes ahead": (mood(skew_seconds=600.0), CLOCKS),
    "ten minutes late": (mood(skew_seconds=-600.0), CLOCKS),
    "four minutes ahead": (mood(skew_seconds=240.0), ""),
    "four minutes late": (mood(skew_seconds=-240.0), ""),
    "minutes are lost": (mood(missing_fraction=1.0), ""),
    "numbers are none": (mood(wrong_fraction=1.0, wrong=("not-a-number",)), ""),
    "numbers are negative": (mood(wrong_fraction=1.0, wrong=("negative",)), ""),
    "numbers are huge": (mood(wrong_fraction=0.2, wrong=("huge",)), ""),
    "numbers are zero": (mood(wrong_fraction=0.2, wrong=("zero",)), ""),
    "numbers are plausible and wrong": (mood(wrong_fraction=0.2, wrong=("halved", "doubled")), ""),
}


@dataclass
class Account:
    """A world with one cluster under a steady load, its endpoint, and how it is called in the settings."""

    name: str
    world: World
    url: str = ""

    @property
    def floor_acu(self) -> float:
        cluster = self.world.clusters.get("shop")
        held = None if cluster is None else cluster.held
        return inf if held is None else held.floor_acu

    def document(self) -> dict[str, str]:
        return {"name": self.name, "region": "us-east-1", "endpoint_url": self.url}

    def settings(self) -> ClusterSettings:
        resource_id = self.world.clusters["shop"].resource_id
        return ClusterSettings.model_validate(
            {
                "id": self.name,
                "kind": "aurora",
                "mode": "enforce",
                "policy": {"policy": "reactive", "settings": {"down_window_seconds": 180}},
                "source": {"account": self.name, "resource_id": resource_id},
                "cluster": {"limits": {"min_acu": 1, "max_acu": 32}},
            }
        )


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(MONDAY)


@pytest.fixture
def accounts(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Account]]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    with ExitStack() as stack:
        made = []
        for number in range(len(HARMS)):
            world = World(now=clock.now, gate=Gate(Moods(burst=10_000), now=clock.now))
            # Its name is a part of its resource id, and that names a cluster for the whole service.
            sow(
                world,
                Seed(spec=ClusterSpec(cluster_id="shop", profile=AURORA_V2, range=HELD), load=lambda _: DEMAND_ACU),
            )
            world.clusters["shop"].resource_id += str(number)
            url = stack.enter_context(served(world, lambda tags: no_load))
            made.append(Account(f"a{number:02}", world, url))
        yield made


def words(report: TickReport) -> str:
    return " ".join(one for one in (report.failed, report.unmeasured, report.told_outcome) if one)


@pytest.mark.slow
async def test_each_harm_is_told_clearly_and_nothing_shrinks_and_the_loop_goes_on(
    accounts: list[Account], clock: ManualClock, tmp_path: Path
) -> None:
    told = Recorder()
    settings = make_settings(
        tmp_path,
        *(one.settings() for one in accounts),
        sources={"aurora": {"accounts": [one.document() for one in accounts]}},
        savings=False,
    )
    async with assembled(settings, observers=[told], clock=clock) as supervisor:
        await run_for(supervisor, clock, ticks=GOOD_TICKS)
        before = [one.floor_acu for one in accounts]
        told.reports.clear()
        for account, (harm, _) in zip(accounts, HARMS.values(), strict=True):
            harm(account.world)
        lowest = before
        for _ in range(BAD_TICKS):
            await run_for(supervisor, clock, ticks=1)
            lowest = [min(least, one.floor_acu) for least, one in zip(lowest, accounts, strict=True)]
        bad = {name: told.of(one.name) for name, one in zip(HARMS, accounts, strict=True)}
        told.reports.clear()
        for account in accounts:
            mood()(account.world)
        await run_for(supervisor, clock, ticks=LAST_TICKS)
        last = {name: told.of(one.name)[-1] for name, one in zip(HARMS, accounts, strict=True) if told.of(one.name)}

    assert before == [HELD.floor_acu] * len(HARMS)
    assert dict(zip(HARMS, lowest, strict=True)) == dict.fromkeys(HARMS, HELD.floor_acu)
    heard = {name: [message for one in bad[name] if message in words(one)][:1] for name, (_, message) in HARMS.items()}
    assert heard == {name: [message] for name, (_, message) in HARMS.items()}
    unwell = {name for name in HARMS if name not in last or last[name].failed or last[name].blind}
    assert unwell == {"a cluster is deleted"}
