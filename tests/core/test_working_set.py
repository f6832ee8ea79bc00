"""Which memory pays: read off the sizes that were seen."""

from dataclasses import replace
from math import nan

import pytest

from autoscaler.core.cost import Prices
from autoscaler.core.decision import Advice, Case, Memory, RuleSettings
from autoscaler.core.rules_of_memory import MEMORY
from autoscaler.core.samples import Sample
from autoscaler.core.working_set import Cached, Size, WorkingSet, acu_of, cached, rung_of
from tests.core import stories_of_memory
from tests.core.story import acu
from tests.fakes import MONDAY, later, make_samples, make_snapshot

HOUR = 3600.0
WARM = Sample(
    at=MONDAY,
    seconds=60.0,
    demand_acu=2.0,
    capacity_acu=8.0,
    cache_hit_fraction=0.999,
    reads_per_second=500.0,
    freeable_gib=1.0,
)


def size(acu: float, *, missed: float) -> Size:
    """An hour at one size."""
    short = HOUR if missed > 0.01 else 0.0
    return Size(
        rung=rung_of(acu), seconds=HOUR, short_seconds=short, missed_seconds=missed * HOUR, acu_seconds=acu * HOUR
    )


KNOWN = WorkingSet(
    sizes=(size(2.0, missed=0.8), size(4.0, missed=0.4), size(8.0, missed=0.0), size(12.0, missed=0.0)),
    pages=1000.0 * HOUR,
    acu_seconds=HOUR,
    used_at=MONDAY,
)


@pytest.mark.parametrize(
    ("told", "seen"),
    [
        ({}, Cached.ENOUGH),
        ({"cache_hit_fraction": 0.98}, Cached.SHORT),
        ({"cache_hit_fraction": 0.5, "reads_per_second": 10.0}, Cached.ENOUGH),  # hardly a read: the ratio is chance
        ({"cache_hit_fraction": 0.5, "freeable_gib": 9.0}, None),  # memory is there, it only is not filled
        ({"cache_hit_fraction": 0.5, "freeable_gib": None}, Cached.SHORT),
        ({"demand_acu": 0.0}, None),  # nobody works
        ({"cache_hit_fraction": None}, None),
        ({"cache_hit_fraction": nan}, None),
        ({"cache_hit_fraction": 1.2}, None),
        ({"reads_per_second": None}, None),
        ({"reads_per_second": -1.0}, None),
        ({"capacity_acu": 0.0}, None),
    ],
)
def test_a_sample_tells_whether_its_cache_was_enough(told: dict[str, float | None], seen: Cached | None) -> None:
    assert cached(replace(WARM, **told)) is seen  # type: ignore[arg-type]


def test_what_is_needed_is_the_least_size_that_was_enough_above_those_that_were_not() -> None:
    assert KNOWN.enough_acu == 8.0
    assert KNOWN.short == KNOWN.sizes[1]


def test_without_a_size_that_was_too_small_or_one_that_was_enough_nothing_is_known() -> None:
    assert replace(KNOWN, sizes=KNOWN.sizes[2:]).enough_acu is None
    assert replace(KNOWN, sizes=KNOWN.sizes[:2]).enough_acu is None
    assert WorkingSet().enough_acu is None


def test_reads_are_those_of_the_next_smaller_size_that_is_known() -> None:
    assert KNOWN.reads_per_second(3.0, 2.0) == pytest.approx(1600.0)
    assert KNOWN.reads_per_second(1.0, 2.0) == pytest.approx(1600.0)
    assert KNOWN.reads_per_second(100.0, 2.0) == pytest.approx(0.0)
    assert WorkingSet().reads_per_second(4.0, 2.0) == 0.0


def test_a_size_is_worth_the_reads_that_it_spares_less_its_capacity() -> None:
    usd = KNOWN.worth_usd_per_hour(8.0, without_acu=2.0, demand_acu=2.0, prices=Prices())
    assert usd == pytest.approx(1600 * 3600 / 1e6 * 0.2 - 6 * 0.12)


@pytest.mark.parametrize(
    ("demand_acu", "usd_per_million_reads", "acu"),
    [
        (2.0, 0.2, pytest.approx(4.7568, rel=1e-4)),  # may be enough, and is looked at before it is 8
        (0.9, 0.2, 4.0),  # the last part is not worth its capacity
        (0.5, 0.2, None),
        (2.0, 0.0, None),  # reads cost nothing
    ],
)
def test_the_best_size_is_a_matter_of_price(demand_acu: float, usd_per_million_reads: float, acu: float | None) -> None:
    prices = Prices(usd_per_million_reads=usd_per_million_reads)
    known = (
        KNOWN
        if demand_acu != 0.9
        else replace(KNOWN, sizes=(size(2, missed=0.8), size(4, missed=0.1), *KNOWN.sizes[2:]))
    )
    assert known.best_acu(without_acu=2.0, demand_acu=demand_acu, prices=prices) == acu


def test_the_next_larger_size_is_looked_at_until_it_is_known() -> None:
    largest = rung_of(4.0)
    assert sorted(KNOWN.tried()) == [2.0, 4.0, pytest.approx(acu_of(largest + 1)), 8.0, 12.0]
    known = replace(KNOWN, sizes=(*KNOWN.sizes[:2], size(acu_of(largest + 1) * 1.01, missed=0.0), *KNOWN.sizes[2:]))
    assert sorted(known.tried()) == [2.0, 4.0, pytest.approx(acu_of(largest + 1) * 1.01), 8.0, 12.0]


def test_of_larger_sizes_twice_as_much_is_hoped_for_as_smaller_ones_gave() -> None:
    unknown = replace(KNOWN, sizes=KNOWN.sizes[:2])  # 0.8 at 2 ACU, 0.4 at 4
    assert [unknown.reads_per_second(acu, 1.0) for acu in (4.0, 4.8, 6.0)] == pytest.approx([400.0, 80.0, 0.0])
    one = replace(KNOWN, sizes=KNOWN.sizes[:1])
    assert [one.reads_per_second(acu, 1.0) for acu in (2.0, 3.0, 4.0)] == pytest.approx([800.0, 400.0, 0.0])


def test_what_every_size_reads_alike_is_worth_no_memory() -> None:
    scans = replace(KNOWN, sizes=tuple(size(acu, missed=0.8) for acu in (1.0, 2.0, 4.0)))
    assert scans.best_acu(without_acu=1.0, demand_acu=50.0, prices=Prices()) is None


def test_who_has_not_worked_for_an_hour_is_idle() -> None:
    assert KNOWN.used(later(3600.0))
    assert not KNOWN.used(later(3601.0))
    assert not WorkingSet().used(MONDAY)


def test_sizes_are_told_apart_by_a_fifth() -> None:
    assert [rung_of(acu) for acu in (0.5, 0.7, 0.71, 1.0, 8.0)] == [0, 1, 2, 4, 16]
    assert rung_of(0.0) < 0 > rung_of(0.49)
    assert acu_of(16) == pytest.approx(8.0)


@pytest.mark.parametrize(
    ("demand_acu", "in_force_acu", "kept_acu"), [(2.0, 2.0, 7.5), (1.4, 2.0, 2.0), (1.4, 7.5, 7.5), (0.9, 7.5, 2.0)]
)
def test_a_floor_is_brought_up_for_more_than_it_costs_and_kept_until_it_is_worth_less(
    demand_acu: float, in_force_acu: float, kept_acu: float
) -> None:
    snapshot = make_snapshot(in_force=acu(in_force_acu), recent=make_samples((demand_acu,)))
    snapshot = replace(snapshot, working_set=stories_of_memory.KNOWN)
    advice = Advice(range=acu(2.0), reason="wished")
    case = Case(snapshot=snapshot, settings=RuleSettings(), memory=Memory(), advice=advice)
    assert MEMORY.apply(acu(2.0), case) == acu(kept_acu)
