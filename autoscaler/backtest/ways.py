"""The dynamic program behind the optimum of a cluster that climbs by itself.

Its slots are as long as the spacing of range changes. A state is the way the instance stands at the end of
a slot (capacity, tokens, timers), moved by the very governor the simulator runs; the choices are floors.
Of two ways the one that is both smaller and dearer is dropped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autoscaler.core.capacity import round_up
from autoscaler.core.governor import goal_acu, govern
from autoscaler.simulator.instance import LONG_AGO_SECONDS, steady_acu
from autoscaler.simulator.profiles import Climbing, Profile

# Capacity, tokens, seconds the goal has been lower, seconds since the last halving.
State = tuple[float, float, float, float]
Move = Callable[[State, float, float], tuple[State, float]]

MOST_WAYS = 24
SHORTFALL_ACU = 1e-9
# A full climb through the token bucket from the smallest to the largest size fits into this.
LONGEST_CLIMB_SECONDS = 1800.0


@dataclass(frozen=True, slots=True)
class Way:
    """One way through the slots so far: where it stands, and the weighted ACU-steps it has cost."""

    state: State
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What to serve: demand and weight (1 where a step counts) for each step, inside which bounds."""

    demand_acu: Sequence[float]
    weight: Sequence[float]
    lowest_acu: float
    highest_acu: float
    step_seconds: float
    spacing_seconds: float


def least_acu_steps(profile: Profile, dynamics: Climbing, course: Course) -> float:
    """The least weighted sum of capacities over steps with which nothing is throttled.

    Work that even the highest floor cannot serve is left throttled.
    """
    move = _mover(profile, dynamics, course)
    length = max(1, round(course.spacing_seconds / course.step_seconds))
    begins = range(0, len(course.demand_acu), length)
    slots = [course.demand_acu[begin : begin + length] for begin in begins]
    needs = [min(round_up(max(slot), profile.step_acu), course.highest_acu) for slot in slots]
    early = 0 if profile.changing.floor_jumps else int(LONGEST_CLIMB_SECONDS // course.spacing_seconds)
    steady = steady_acu(
        dynamics,
        course.demand_acu[0],
        step_acu=profile.step_acu,
        floor_acu=course.lowest_acu,
        ceiling_acu=course.highest_acu,
    )
    ways = [Way((steady, dynamics.bucket_acu, 0.0, LONG_AGO_SECONDS), 0.0)]
    for number, (begin, slot) in enumerate(zip(begins, slots, strict=True)):
        grid = _Grid(course.lowest_acu, max(needs[number], course.lowest_acu), profile.step_acu)
        reached = [
            _live(way, slot, course.weight[begin : begin + length], floor, move)
            for way in ways
            for floor in _floors(way, slot, grid, needs[number + 1 : number + 1 + early], move)
        ]
        served = [way for way in reached if way is not None]
        ways = _worth_keeping(
            served
            or [_suffer(way, slot, course.weight[begin : begin + length], grid.highest_acu, move) for way in ways]
        )
    return min(way.cost for way in ways)


@dataclass(frozen=True, slots=True)
class _Grid:
    lowest_acu: float
    highest_acu: float
    step_acu: float


def _floors(way: Way, slot: Sequence[float], grid: _Grid, coming: Sequence[float], move: Move) -> list[float]:
    """The least floor that serves this slot, and higher ones that prepare for the next."""
    least = _least_floor(way.state, slot, grid, move)
    return [least, *sorted({need for need in coming if need > max(least, way.state[0])})]


def _least_floor(state: State, slot: Sequence[float], grid: _Grid, move: Move) -> float:
    if _serves(state, slot, grid.lowest_acu, move):
        return grid.lowest_acu
    low, high = 0, round((grid.highest_acu - grid.lowest_acu) / grid.step_acu)
    while low < high:
        middle = (low + high) // 2
        if _serves(state, slot, grid.lowest_acu + middle * grid.step_acu, move):
            high = middle
        else:
            low = middle + 1
    return grid.lowest_acu + high * grid.step_acu


def _serves(state: State, slot: Sequence[float], floor_acu: float, move: Move) -> bool:
    for demand in slot:
        state, mean = move(state, demand, floor_acu)
        if mean < demand - SHORTFALL_ACU:
            return False
    return True


def _live(way: Way, slot: Sequence[float], weights: Sequence[float], floor_acu: float, move: Move) -> Way | None:
    return _suffer(way, slot, weights, floor_acu, move) if _serves(way.state, slot, floor_acu, move) else None


def _suffer(way: Way, slot: Sequence[float], weights: Sequence[float], floor_acu: float, move: Move) -> Way:
    state, cost = way.state, way.cost
    for demand, weight in zip(slot, weights, strict=True):
        state, mean = move(state, demand, floor_acu)
        cost += weight * mean
    return Way(state, cost)


def _worth_keeping(ways: list[Way]) -> list[Way]:
    """The cheapest of those that are at least as large, from the cheapest on."""
    kept: list[Way] = []
    for way in sorted(ways, key=lambda way: (way.cost, -way.state[0])):
        if not kept or way.state[0] > kept[-1].state[0]:
            kept.append(way)
    return kept[:MOST_WAYS]


def _mover(profile: Profile, c: Climbing, course: Course) -> Move:
    """One step of the instance: (state, demand, floor) to (state, mean capacity)."""
    seconds, ceiling_acu = course.step_seconds, course.highest_acu
    step_acu, jumps = profile.step_acu, profile.changing.floor_jumps

    def move(state: State, demand_acu: float, floor_acu: float) -> tuple[State, float]:
        capacity, tokens, low, since = state
        if jumps and capacity < floor_acu:
            capacity = floor_acu
        end, mean, tokens, low, since = govern(
            capacity,
            tokens,
            low,
            since,
            goal_acu(demand_acu, c.target_utilization, step_acu, floor_acu, ceiling_acu),
            seconds,
            step_acu,
            c.bucket_acu,
            c.refill_acu_per_second,
            c.refill_per_acu,
            c.descent_delay_per_acu_seconds,
            c.shortest_descent_delay_seconds,
            c.longest_descent_delay_seconds,
            c.halving_spacing_seconds,
        )
        return (end, tokens, low, since), mean

    return move
