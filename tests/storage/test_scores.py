"""Scores add up by day."""

from datetime import timedelta

from autoscaler.core.tally import Tally
from autoscaler.storage.repositories import Clusters
from autoscaler.storage.scores import ScoreKey, Scores, day_of
from tests.fakes import MONDAY
from tests.storage.builders import empty_store

SOME = Tally(seconds=60, acu_hours=1.5, work_acu_hours=1, throttled_acu_hours=0.25, changes=2, cold_hits=1)


def key(days: int, policy: str = "acting") -> ScoreKey:
    return ScoreKey(cluster_id="orders", day=day_of(MONDAY) + timedelta(days=days), policy=policy)


async def test_what_is_added_on_a_day_adds_up_and_older_days_are_left_out(url: str) -> None:
    async with empty_store(url) as database:
        await Clusters(database).register("orders", at=MONDAY, document={})
        scores = Scores(database)
        await scores.add({})
        await scores.add({key(0): SOME, key(1): SOME, key(1, "reactive"): SOME})
        await scores.add({key(1): SOME})
        everything = await scores.since(key(0).day)
        newest = await scores.since(key(1).day, "orders")
        nobody = await scores.since(key(0).day, "bills")
    assert everything == {("orders", "acting"): SOME + SOME + SOME, ("orders", "reactive"): SOME}
    assert newest == {("orders", "acting"): SOME + SOME, ("orders", "reactive"): SOME}
    assert nobody == {}
