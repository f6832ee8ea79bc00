"""Connections and buffer cache by engine and capacity."""

from itertools import pairwise

import pytest

from autoscaler.errors import UnknownName
from autoscaler.simulator.engines import BUFFER_GIB, ENGINES, buffer_gib, max_connections

# Maximum ACU, MySQL, PostgreSQL: the provider's own table.
DOCUMENTED = [
    (1, 90, 189),
    (4, 135, 823),
    (8, 1000, 1669),
    (16, 2000, 3360),
    (32, 3000, 5000),
    (64, 4000, 5000),
    (128, 5000, 5000),
    (192, 6000, 5000),
    (256, 6000, 5000),
]


@pytest.mark.parametrize(("max_acu", "mysql", "postgresql"), DOCUMENTED)
def test_the_documented_rows_come_out_exactly(max_acu: float, mysql: int, postgresql: int) -> None:
    assert max_connections("mysql", max_acu=max_acu, floor_acu=1.0) == mysql
    assert max_connections("postgresql", max_acu=max_acu, floor_acu=1.0) == postgresql


@pytest.mark.parametrize("engine", ENGINES)
def test_a_larger_maximum_never_takes_fewer_connections(engine: str) -> None:
    counts = [max_connections(engine, max_acu=half / 2, floor_acu=1.0) for half in range(1, 513)]
    assert counts == sorted(counts)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_maximum_below_the_first_row_counts_as_the_first_row(engine: str) -> None:
    least, first = (max_connections(engine, max_acu=acu, floor_acu=0.25) for acu in (0.25, 1.0))
    assert least == first


def test_between_the_rows_postgresql_follows_its_formula_and_mysql_the_row_below() -> None:
    assert max_connections("postgresql", max_acu=12.0, floor_acu=1.0) == pytest.approx((1669 + 3360) / 2, abs=1)
    assert max_connections("mysql", max_acu=12.0, floor_acu=1.0) == 1000


@pytest.mark.parametrize(("floor_acu", "most"), [(0.0, 2000), (0.5, 2000), (1.0, 5000)])
def test_postgresql_takes_two_thousand_at_most_on_a_low_floor(floor_acu: float, most: int) -> None:
    assert max_connections("postgresql", max_acu=64.0, floor_acu=floor_acu) == most
    assert max_connections("postgresql", max_acu=4.0, floor_acu=floor_acu) == 823
    assert max_connections("mysql", max_acu=64.0, floor_acu=floor_acu) == 4000


def test_an_unknown_engine_is_told_which_ones_there_are() -> None:
    for ask in (
        lambda: max_connections("oracle", max_acu=1.0, floor_acu=1.0),
        lambda: buffer_gib("oracle", 1.0),
    ):
        with pytest.raises(UnknownName, match="mysql, postgresql"):
            ask()


# PostgreSQL: shared_buffers pages of 8 KiB [documented] and MiB [measured]; MySQL: innodb_buffer_pool_size.
@pytest.mark.parametrize(
    ("engine", "acu", "gib"),
    [
        ("postgresql", 0.5, 16_384 * 8 / 2**20),
        ("postgresql", 1.0, 384 / 1024),
        ("postgresql", 2.5, 2688 / 1024),
        ("postgresql", 4.0, 5504 / 1024),
        ("postgresql", 8.0, 1_425_408 * 8 / 2**20),
        ("postgresql", 12.5, 2_211_840 * 8 / 2**20),
        ("mysql", 0.5, 672 / 1024),
        ("mysql", 8.0, 8.656),
        ("mysql", 12.5, 14.5),
    ],
)
def test_the_known_cache_sizes_come_out(engine: str, acu: float, gib: float) -> None:
    assert buffer_gib(engine, acu) == pytest.approx(gib, rel=0.001)


@pytest.mark.parametrize("engine", sorted(BUFFER_GIB))
def test_the_cache_grows_with_capacity_and_stays_below_the_memory(engine: str) -> None:
    sizes = [buffer_gib(engine, quarter / 4) for quarter in range(1025)]
    assert all(smaller < larger for smaller, larger in pairwise(sizes))
    assert all(gib <= 2.0 * quarter / 4 for quarter, gib in enumerate(sizes))
    assert sizes[-1] == pytest.approx(0.67 * 512, rel=0.02)


def test_without_capacity_nothing_is_cached() -> None:
    assert {buffer_gib(engine, 0.0) for engine in ENGINES} == {0.0}
