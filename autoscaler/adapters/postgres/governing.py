"""Moves the size within the range, by the very functions the simulator has for a sized cluster."""

from collections import deque
from math import inf

from autoscaler.core.capacity import Range
from autoscaler.core.governor import goal_acu, resize
from autoscaler.simulator.profiles import Resizing

# What a saturated cluster needs is not to be seen: the next size is for twice what it used, and so on each second.
UNSEEN = 2.0
# A second with few transactions comes by chance: for a smaller size the busiest of the last seconds counts.
WINDOW_SECONDS = 5.0


class Governor:
    """Follows the demand from one look to the next."""

    def __init__(self, dynamics: Resizing, *, step_acu: float, size_acu: float) -> None:
        self._dynamics = dynamics
        self._step_acu = step_acu
        self.size_acu = size_acu
        self._seen: deque[tuple[float, float]] = deque()
        self._low_seconds = 0.0
        self._since_resize_seconds = inf

    def look(self, used_acu: float, *, short: bool, seconds: float, within: Range) -> float:
        """The size to have after ``seconds`` in which so much was used, ``short`` when more would have been."""
        d = self._dynamics
        self._seen.append((seconds, used_acu * UNSEEN if short else used_acu))
        while sum(length for length, _ in self._seen) - self._seen[0][0] >= WINDOW_SECONDS:
            self._seen.popleft()

        def goal_of(demand: float) -> float:
            return goal_acu(demand, d.target_utilization, self._step_acu, within.floor_acu, within.ceiling_acu)

        goal = goal_of(self._seen[-1][1])
        if goal < self.size_acu:
            goal = min(self.size_acu, goal_of(max(demand for _, demand in self._seen)))
        # A size is taken over at once here: what takes time in the simulator is looking.
        self.size_acu, _, _, _, self._low_seconds, self._since_resize_seconds = resize(
            self.size_acu,
            self.size_acu,
            0.0,
            self._low_seconds,
            self._since_resize_seconds,
            goal,
            seconds,
            min(d.resize_seconds, seconds),
            d.shrink_after_seconds,
            d.shrink_spacing_seconds,
        )
        return self.size_acu

    def obey(self, within: Range) -> float:
        """The size inside a range that has just come into force."""
        self.size_acu = min(max(self.size_acu, within.floor_acu), within.ceiling_acu)
        return self.size_acu
