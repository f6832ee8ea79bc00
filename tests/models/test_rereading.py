"""What is learned of a cache, sample by sample."""

from collections.abc import Iterable
from dataclasses import replace
from functools import reduce

import pytest

from autoscaler.core.plain import to_plain
from autoscaler.core.samples import Sample
from autoscaler.core.working_set import WorkingSet, rung_of
from autoscaler.errors import InvalidInput
from autoscaler.registry import read_back
from models.rereading import learned
from tests.fakes import later

MINUTE = 60.0
HITS = {2.0: 0.2, 4.0: 0.6, 8.0: 0.999}  # what a cache of each capacity hits


def minute(number: int, acu: float, **told: float | None) -> Sample:
    """A minute at a capacity, at work."""
    usual: dict[str, float | None] = {
        "demand_acu": 1.0,
        "cache_hit_fraction": HITS.get(acu),
        "reads_per_second": None if acu not in HITS else 1000.0 * (1.0 - HITS[acu]),
    }
    return Sample(at=later(MINUTE * number), seconds=MINUTE, capacity_acu=acu, **(usual | told))  # type: ignore[arg-type]


def day(*hours: tuple[float, float], begin: int = 0) -> list[Sample]:
    """So many hours at each capacity."""
    capacities = [acu for many, acu in hours for _ in range(int(many * 60))]
    return [minute(begin + number, acu) for number, acu in enumerate(capacities)]


def after(samples: Iterable[Sample], before: WorkingSet | None = None) -> WorkingSet:
    """What is known after all of them."""
    known = reduce(learned, samples, before)
    assert known is not None
    return known


def test_a_size_that_misses_and_a_larger_one_that_does_not_tell_what_is_needed() -> None:
    known = after(day((1, 8.0), (2, 2.0), (2, 4.0), (1, 8.0)))
    assert known.enough_acu == pytest.approx(8.0)
    assert known.short is not None
    assert known.short.acu == pytest.approx(4.0)
    assert known.reads_per_second(4.0, 1.0) == pytest.approx(400.0, rel=0.05)


def test_where_no_cache_is_measured_nothing_is_kept() -> None:
    assert reduce(learned, [minute(0, 3.0), minute(1, 3.0)], None) is None


def test_one_bad_sample_is_no_floor() -> None:
    samples = day((6, 8.0))
    samples[100] = replace(samples[100], cache_hit_fraction=0.0, reads_per_second=1e12)
    assert after(samples).short is None


def test_a_cache_that_warms_up_after_a_shrink_blames_the_size_it_had() -> None:
    cold = [minute(120 + number, 8.0, cache_hit_fraction=0.3, reads_per_second=700.0) for number in range(20)]
    known = after([*day((1, 8.0), (1, 2.0)), *cold])
    assert known.enough_acu == pytest.approx(8.0)
    assert known.short is not None
    assert known.short.rung == rung_of(2.0)


def test_missing_data_forgets_nothing() -> None:
    known = after(day((1, 8.0), (2, 4.0)))
    silent = [minute(100_000 + number, 8.0, cache_hit_fraction=None) for number in range(10_000)]
    assert after(silent, known).sizes == known.sizes


def test_a_size_that_is_not_seen_again_is_forgotten_within_a_week() -> None:
    known = after(day((1, 8.0), (8, 4.0)))
    assert after(day((5 * 24, 8.0), begin=600), known).enough_acu is not None
    assert after(day((8 * 24, 8.0), begin=600), known).enough_acu is None


def test_what_was_learned_is_the_same_after_it_was_kept() -> None:
    known = after(day((1, 8.0), (2, 4.0)))
    plain = to_plain(known)
    assert isinstance(plain, dict)
    assert read_back(WorkingSet, plain, "what is kept") == known
    with pytest.raises(InvalidInput, match="what is kept"):
        read_back(WorkingSet, {"sizes": "many"}, "what is kept")
