"""Looking at the past: on both databases the same."""

from dataclasses import replace

import pytest

from autoscaler.storage.archive import Archive, Wanted
from autoscaler.storage.entries import State
from autoscaler.storage.repositories import Clusters, Journal
from autoscaler.storage.rollup import FIVE_MINUTES
from tests.fakes import MONDAY, later
from tests.storage.builders import LARGE, empty_store, make_decision, make_forecast, make_record, make_sample

CALM = replace(make_decision(), steps=())
GROWS = make_decision(later(60), after=LARGE)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), [2, 1]),
        (Wanted(changes=True), [2]),
        (Wanted(changes=False), [1]),
        (Wanted(driver="policy"), [1]),
        (Wanted(driver="shrink_gently"), [2]),
        (Wanted(state=State.PLANNED), [2]),
        (Wanted(since=later(60)), [2]),
        (Wanted(until=later(60)), [1]),
        (Wanted(changes=True, until=later(60)), []),
    ],
)
async def test_decisions_are_found_by_what_is_known_of_them(url: str, wanted: Wanted, found: list[int]) -> None:
    async with empty_store(url) as database:
        await Clusters(database).register("orders", at=MONDAY, document={})
        for decision in (CALM, GROWS):
            await Journal(database).write(make_record(decision))
        lines = await Archive(database).decisions("orders", limit=9, wanted=wanted)

    assert [(line.id, line.decision) for line in lines] == [(number, (CALM, GROWS)[number - 1]) for number in found]


async def test_samples_and_the_newest_forecast_are_found(url: str) -> None:
    samples = tuple(make_sample(60.0 * number, float(number)) for number in range(7))
    async with empty_store(url) as database:
        await Clusters(database).register("orders", at=MONDAY, document={})
        for number, sample in enumerate(samples):
            at = later(60.0 * number + 60)
            record = make_record(make_decision(at), samples=(sample,), forecast=make_forecast(at))
            await Journal(database).write(record)
        archive = Archive(database)
        kept = await archive.samples("orders", since=later(60), until=later(240), limit=2)
        rolled = await archive.rolled_samples("orders", FIVE_MINUTES, since=later(120), until=later(301))
        forecast, none = await archive.newest_forecast("orders"), await archive.newest_forecast("bills")

    assert kept == samples[1:3]
    assert [(one.at, one.demand_acu) for one in rolled] == [(MONDAY, 4.0), (later(300), 6.0)]
    assert (forecast, none) == (make_forecast(later(420)), None)
