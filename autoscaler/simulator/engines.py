"""What Aurora's two engines make of a capacity: how many connections they take, how much they cache.

Confidence of each number: [D] documented, [M] measured by somebody, [I] inferred.
"""

from bisect import bisect_right
from collections.abc import Mapping
from math import floor

from autoscaler.errors import UnknownName

GIB_PER_ACU = 2.0  # [D] "approximately 2 GiB"
ENGINES = ("mysql", "postgresql")

# [D] default max_connections of MySQL by maximum ACU. The formula behind it is not public and no logarithm meets every
# row, so a maximum in between counts as the row below it: we rather refuse a connection too many than promise one.
MYSQL_CONNECTIONS = ((1, 90), (4, 135), (8, 1000), (16, 2000), (32, 3000), (64, 4000), (128, 5000), (192, 6000))

# [D] LEAST(memory/9531392, 5000). The memory an engine is given is not public; with this share of it and this much
# kept back [I] the formula meets every documented row exactly: 1: 189, 4: 823, 8: 1669, 16: 3360, 32 and more: 5000.
POSTGRESQL_BYTES_PER_CONNECTION = 9_531_392
POSTGRESQL_MOST_CONNECTIONS = 5000
POSTGRESQL_GIB_PER_ACU = 1.8767
POSTGRESQL_GIB_KEPT_BACK = 0.198
# [D] while the floor is 0 or 0.5
LOW_FLOOR_ACU = 0.5
POSTGRESQL_LOW_FLOOR_CONNECTIONS = 2000

# [D] of a page, which is what a read from storage reads, and is paid for.
PAGE_BYTES: Mapping[str, int] = {"mysql": 16_384, "postgresql": 8192}

# Buffer cache in GiB by current ACU, straight lines in between: innodb_buffer_pool_size [D], shared_buffers [D] at 0.5,
# 8 and 12.5 ACU and [M] at 1, 2.5 and 4.
BUFFER_GIB: Mapping[str, tuple[tuple[float, float], ...]] = {
    "mysql": ((0.0, 0.0), (0.5, 0.656), (8.0, 8.656), (12.5, 14.5)),
    "postgresql": ((0.0, 0.0), (0.5, 0.125), (1.0, 0.375), (2.5, 2.625), (4.0, 5.375), (8.0, 10.875), (12.5, 16.875)),
}
LARGE_BUFFER_GIB_PER_ACU = 0.667 * GIB_PER_ACU  # [M] of each further ACU; for MySQL [I]


def max_connections(engine: str, *, max_acu: float, floor_acu: float) -> int:
    """How many connections an instance takes by default, from the largest capacity its range allows.

    Raises:
        UnknownName: there is no such engine.
    """
    if engine == "mysql":
        return max((count for acu, count in MYSQL_CONNECTIONS if acu <= max_acu), default=MYSQL_CONNECTIONS[0][1])
    if engine != "postgresql":
        raise UnknownName("engine", engine, ENGINES)
    gib = POSTGRESQL_GIB_PER_ACU * max(max_acu, 1.0) - POSTGRESQL_GIB_KEPT_BACK
    most = POSTGRESQL_LOW_FLOOR_CONNECTIONS if floor_acu <= LOW_FLOOR_ACU else POSTGRESQL_MOST_CONNECTIONS
    return min(floor(gib * 2**30 / POSTGRESQL_BYTES_PER_CONNECTION), most)


def pages_per_gib(engine: str) -> float:
    """How many pages a GiB has.

    Raises:
        UnknownName: there is no such engine.
    """
    if engine not in PAGE_BYTES:
        raise UnknownName("engine", engine, ENGINES)
    return 2**30 / PAGE_BYTES[engine]


def buffer_gib(engine: str, capacity_acu: float) -> float:
    """How much an instance of this capacity caches.

    Raises:
        UnknownName: there is no such engine.
    """
    rows = BUFFER_GIB.get(engine)
    if rows is None:
        raise UnknownName("engine", engine, ENGINES)
    above = bisect_right(rows, capacity_acu, key=lambda row: row[0])
    acu, gib = rows[above - 1]
    if above == len(rows):
        return gib + LARGE_BUFFER_GIB_PER_ACU * (capacity_acu - acu)
    next_acu, next_gib = rows[above]
    return gib + (next_gib - gib) * (capacity_acu - acu) / (next_acu - acu)
