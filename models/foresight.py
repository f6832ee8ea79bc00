"""Floors planned by the ways the next minutes may go; plain functions on arrays, compiled by who calls them.

The plan keeps an instance of its own in mind: how it stands follows from what was seen of the demand and from the
floors planned so far. Each way is what followed on a moment of the past that was like this one; the floor whose cost,
throttling at its price included, is the least on the average of them is taken.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autoscaler.core.planning import CAPACITY, Climb, cheapest, live, not_above, weigh_floors
from models.analogs import DAY_SECONDS, Likeness, draw_evenly, moments_like, most_moments

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]


class Rhythm(NamedTuple):
    """When plans are made: ``first_seconds`` after the start and every ``every_seconds``, with what delay."""

    sample_seconds: float
    first_seconds: float
    every_seconds: float
    delay_seconds: float


class Worth(NamedTuple):
    """What floors would have cost and throttled after samples; found out where needed.

    ``sums`` (starts, samples, 2 floors): from that start, after this sample, what each floor cost and then what each
    throttled; ``known`` (starts, samples). For starts see ``start_of``.
    """

    sums: NDArray[np.float32]
    known: NDArray[np.bool_]


def samples_ahead(rhythm: Rhythm, climb: Climb) -> int:
    """How many samples after a moment its way is looked at."""
    steps = climb.held_steps + climb.descent_steps
    return int((rhythm.delay_seconds + steps * climb.seconds) / rhythm.sample_seconds - 1e-9) + 1


def catch_up(
    state: Numbers,
    demand: Numbers,
    lived: int,
    newest: int,
    planned: Numbers,
    count: int,
    rhythm: Rhythm,
    climb: Climb,
) -> None:
    """An instance lives through the samples after ``lived`` up to ``newest``, under the first ``count`` ``planned``."""
    steps = max(1, round(rhythm.sample_seconds / climb.seconds))
    seconds = rhythm.sample_seconds / steps
    for place in range(lived + 1, newest + 1):
        for step in range(steps):
            at = place * rhythm.sample_seconds + step * seconds
            number = min(int((at - rhythm.first_seconds) // rhythm.every_seconds), count - 1)
            live(state, demand[place], planned[number] if number >= 0 else climb.min_acu, seconds, climb)


def start_of(floors: Numbers, capacity: float, floor: float) -> int:
    """The start that stands for a capacity under a floor: even where it comes down, odd where the floor holds it."""
    place = not_above(floors, capacity)
    return 2 * place + (1 if floor >= floors[place] else 0)


def expect(
    worth: Worth,
    demand: Numbers,
    chosen: Places,
    start: int,
    floors: Numbers,
    rhythm: Rhythm,
    climb: Climb,
    expected: Numbers,
) -> None:
    """What each floor costs, and then what each throttles, from a start on: (2 floors,), over the chosen moments.

    A moment that was chosen several times, one after the other, counts as often.
    """
    ahead, sums, known = samples_ahead(rhythm, climb), worth.sums[start], worth.known[start]
    expected[:] = 0.0
    times = 0
    for number in range(len(chosen)):
        times += 1
        place = chosen[number]
        if number + 1 < len(chosen) and chosen[number + 1] == place:
            continue
        if not known[place]:
            known[place] = True
            weigh_floors(
                demand[place + 1 : place + 1 + ahead],
                rhythm.sample_seconds,
                rhythm.delay_seconds,
                floors[start // 2],
                start % 2 == 1,
                floors,
                climb,
                sums[place, : len(floors)],
                sums[place, len(floors) :],
            )
        row = sums[place]
        for column in range(len(expected)):
            expected[column] += times * row[column]
        times = 0


def plan(
    demand: Numbers,
    like: Numbers,
    began: Places,
    newest: Places,
    prices: Numbers,
    floors: Numbers,
    likeness: Likeness,
    rhythm: Rhythm,
    climb: Climb,
    worth: Worth,
    states: Numbers,
    lived: int,
    first: int,
    planned: Numbers,
) -> int:
    """Plan from the moment ``first`` on, into ``planned`` (prices, moments); the newest sample lived through.

    ``newest`` (moments - first,) is the newest sample that may be seen at each moment: nothing after it is looked at.
    ``states`` (prices, 4) are the instances kept in mind. Before a day has been seen the floor is the least one.
    """
    most = most_moments(rhythm.sample_seconds, likeness)
    places, weights, chosen = np.zeros(most, np.int64), np.zeros(most), np.zeros(likeness.ways, np.int64)
    expected, expected_at = np.zeros((2 * len(floors), 2 * len(floors))), np.full(2 * len(floors), -1, np.int64)
    ahead = samples_ahead(rhythm, climb)
    for number in range(len(newest)):
        now, moment = newest[number], first + number
        for price in range(len(prices)):
            catch_up(states[price], demand, lived, now, planned[price], moment, rhythm, climb)
        lived = max(lived, now)
        planned[:, moment] = climb.min_acu
        if (now + 1) * rhythm.sample_seconds < DAY_SECONDS:
            continue
        count = moments_like(like, began, now, now - ahead, rhythm.sample_seconds, likeness, places, weights)
        if draw_evenly(places[:count], weights[:count], chosen) == 0:
            continue
        for price in range(len(prices)):
            before = planned[price, moment - 1] if moment else climb.min_acu
            start = start_of(floors, states[price, CAPACITY], before)
            if expected_at[start] != moment:
                expected_at[start] = moment
                expect(worth, demand, chosen, start, floors, rhythm, climb, expected[start])
            acu, throttled = expected[start, : len(floors)], expected[start, len(floors) :]
            planned[price, moment] = floors[cheapest(acu, throttled, prices[price])]
    return lived
