"""The safety rules as far as they touch a floor, as plain scalars for compiled backtests.

The rules themselves are in ``rules``; tests hold both against each other, turn by turn. Ceiling and pause stay as they
are here, nobody gives orders by hand, and nothing but pausing and resuming is in flight.
"""

from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autoscaler.core.governor import SLACK

WATCHING_SINCE, CHANGED_AT, SHRINK_SINCE, SHRINK_WISH = range(4)
NEVER = -1.0


class FloorRules(NamedTuple):
    """``RuleSettings`` and limits as numbers; ``max_blind_seconds`` has gone into who is called blind."""

    watch_seconds: float
    shrink_wait_seconds: float
    max_shrink_fraction: float
    change_spacing_seconds: float
    min_acu: float
    max_acu: float
    step_acu: float
    low_floor_acu: float  # up to this floor an instance takes fewer connections
    least_lowered_acu: float  # no floor comes down below this; 0 where the owner agreed to a low one


def remember_the_wish(memory: NDArray[np.float64], now: float, wish: float, floor: float, blind: bool) -> None:
    """A wish for less starts or goes on counting; a blind moment or a wish for no less ends it."""
    if memory[WATCHING_SINCE] < 0.0 and not blind:
        memory[WATCHING_SINCE] = now
    if blind or wish >= floor:
        memory[SHRINK_SINCE], memory[SHRINK_WISH] = NEVER, NEVER
        return
    if memory[SHRINK_SINCE] < 0.0:
        memory[SHRINK_SINCE] = now
    memory[SHRINK_WISH] = max(memory[SHRINK_WISH], wish)


def on_grain(floor: float, ceiling: float, rules: FloorRules) -> float:
    """The floor nearest to this that the owner allows, rounded up to the grain."""
    rounded = ceil(min(floor, ceiling) / rules.step_acu - SLACK) * rules.step_acu
    return float(min(max(rounded, rules.min_acu), rules.max_acu, ceiling))


def next_floor(
    memory: NDArray[np.float64],
    now: float,
    wish: float,
    floor: float,
    ceiling: float,
    blind: bool,
    asleep: bool,
    in_flight: bool,
    changed_at: float,
    rules: FloorRules,
) -> float:
    """The floor a wish comes to, from ``floor`` in force; ``memory`` (4,) is kept from turn to turn, in seconds.

    ``changed_at`` is when the provider last changed the range, below 0 for never, as everywhere in ``memory``.
    """
    wish = on_grain(wish, ceiling, rules)
    remember_the_wish(memory, now, wish, floor, blind)
    wanted = wish
    if memory[WATCHING_SINCE] < 0.0 or now - memory[WATCHING_SINCE] < rules.watch_seconds:
        wanted = max(wanted, floor)
    if blind:  # what was seen before is no ground to shrink or to grow on
        wanted = floor
    if wanted < floor:
        wanted = min(max(wanted, memory[SHRINK_WISH]), floor) if waited_enough(memory, now, rules) else floor
    wanted = max(wanted, min(floor * (1.0 - rules.max_shrink_fraction), floor - rules.step_acu))
    wanted = max(wanted, min(floor, rules.least_lowered_acu))
    changed = max(changed_at, memory[CHANGED_AT])
    if asleep or in_flight or (changed >= 0.0 and now - changed < rules.change_spacing_seconds):
        wanted = floor
    wanted = on_grain(wanted, rules.max_acu, rules)
    if wanted != floor:
        memory[CHANGED_AT], memory[SHRINK_SINCE], memory[SHRINK_WISH] = now, NEVER, NEVER
    elif waited_enough(memory, now, rules) and wish != memory[SHRINK_WISH]:  # a wait in vain starts anew
        memory[SHRINK_SINCE], memory[SHRINK_WISH] = now, wish
    return wanted


def waited_enough(memory: NDArray[np.float64], now: float, rules: FloorRules) -> bool:
    """Whether less has been wanted for long enough without a break."""
    return bool(memory[SHRINK_SINCE] >= 0.0 and now - memory[SHRINK_SINCE] >= rules.shrink_wait_seconds)
