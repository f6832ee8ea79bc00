"""The least capacity whose cache holds the pages in use."""

from dataclasses import replace
from math import nan

import pytest

from autoscaler.core.working_set import CacheReading, working_set_acu

WARM = CacheReading(capacity_acu=8.0, hit_ratio=0.99, reads_per_second=500.0, freeable_gib=None)


@pytest.mark.parametrize(
    ("hit_ratio", "freeable_gib", "acu"),
    [
        (0.99, None, 8.0),  # as wanted: it stays
        (0.985, None, 12.0),  # half as many misses again: half as much again
        (0.90, None, 16.0),  # many more: twice as much, and then look again
        (0.995, None, 4.0),  # half the misses: half would do
        (0.999, None, 4.0),  # never less than half at once
        (0.999, 2.0, 7.0),  # but not below what is in use
        (0.999, 14.0, 4.0),
        (0.90, 12.0, 16.0),
    ],
)
def test_follows_the_misses_but_keeps_what_is_in_use(hit_ratio: float, freeable_gib: float | None, acu: float) -> None:
    reading = replace(WARM, hit_ratio=hit_ratio, freeable_gib=freeable_gib)
    assert working_set_acu(reading) == pytest.approx(acu)


def test_while_hardly_anything_is_read_only_memory_in_use_counts() -> None:
    idle = replace(WARM, hit_ratio=0.2, reads_per_second=1.0)
    assert working_set_acu(idle) is None
    assert working_set_acu(replace(idle, freeable_gib=10.0)) == 3.0


@pytest.mark.parametrize("name", ["hit_ratio", "reads_per_second"])
@pytest.mark.parametrize("odd", [None, nan, -1.0])
def test_what_is_unknown_or_cannot_be_true_tells_nothing(name: str, odd: float | None) -> None:
    assert working_set_acu(replace(WARM, **{name: odd})) is None  # type: ignore[arg-type]
