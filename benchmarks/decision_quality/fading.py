"""The percentile of a fading load, turn by turn: plain functions on arrays, compiled by who calls them.

A tree of sums over the ranks of demand (Fenwick's) takes a sample in or out, and finds a percentile, in a few steps.
"""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]


def add_at(sums: Numbers, rank: int, load: float) -> None:
    """Count a load at a rank, from 0 on."""
    place = rank + 1
    while place < len(sums):
        sums[place] += load
        place += place & -place


def rank_of(sums: Numbers, wanted: float) -> int:
    """The least rank up to which this much load is counted."""
    step = 1
    while 2 * step < len(sums):
        step *= 2
    place, left = 0, wanted
    while step > 0:
        if place + step < len(sums) and sums[place + step] < left:
            place += step
            left -= sums[place]
        step //= 2
    return min(place, len(sums) - 2)


def fading_percentiles(
    demand: Numbers,
    measured: NDArray[np.bool_],
    newest: Places,
    half_life: float,
    percentiles: Numbers,
    found: Numbers,
) -> None:
    """The demands up to which these parts of the load came, (percentiles, turns), as seen at ``newest`` (turns,).

    The load of a sample halves every ``half_life``, in samples, and ends after two of them; NaN where nothing is known.
    """
    order = np.argsort(demand, kind="mergesort")
    ranks = np.zeros(len(demand), np.int64)
    for rank in range(len(order)):
        ranks[order[rank]] = rank
    sums, kept = np.zeros(len(demand) + 1), int(np.ceil(2.0 * half_life))
    seen, gone, known, total = -1, 0, 0, 0.0
    for turn in range(len(newest)):
        while seen < newest[turn]:
            seen += 1
            if measured[seen]:
                load = demand[seen] * 2.0 ** (seen / half_life)
                add_at(sums, ranks[seen], load)
                known, total = known + 1, total + load
        while gone <= newest[turn] - kept:
            if measured[gone]:
                load = demand[gone] * 2.0 ** (gone / half_life)
                add_at(sums, ranks[gone], -load)
                known, total = known - 1, total - load
            gone += 1
        for number in range(len(percentiles)):
            told = demand[order[rank_of(sums, percentiles[number] * total)]]
            found[number, turn] = told if known > 0 else np.nan
