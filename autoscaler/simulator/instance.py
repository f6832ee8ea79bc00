"""One serverless instance: its capacity, its queue and its cache."""

from numpy.random import Generator

from autoscaler.core.governor import doubled_goal, goal_acu, govern, resize
from autoscaler.simulator.profiles import GIB_PER_ACU, Climbing, Profile, Resizing
from autoscaler.simulator.queue import WorkQueue

LONG_AGO_SECONDS = 1e9


class Instance:
    """A writer or reader; ``mean_acu`` is the capacity it had on average over its last step."""

    __slots__ = (
        "_climbing",
        "_left",
        "_low",
        "_pending",
        "_profile",
        "_resizing",
        "_rng",
        "_since",
        "_tokens",
        "arrived_acu_seconds",
        "capacity_acu",
        "mean_acu",
        "queue",
        "served_acu_seconds",
        "throttled_acu_seconds",
        "tier",
        "warm_gib",
    )

    def __init__(self, profile: Profile, *, capacity_acu: float, tier: int, rng: Generator) -> None:
        self._profile = profile
        dynamics = profile.dynamics
        self._climbing = dynamics if isinstance(dynamics, Climbing) else None
        self._resizing = dynamics if isinstance(dynamics, Resizing) else None
        self._rng = rng
        self._tokens = self._climbing.bucket_acu if self._climbing else 0.0
        self._low = 0.0
        self._since = LONG_AGO_SECONDS
        self._pending = capacity_acu
        self._left = 0.0
        self.capacity_acu = self.mean_acu = capacity_acu
        self.queue = WorkQueue()
        self.arrived_acu_seconds = self.served_acu_seconds = self.throttled_acu_seconds = 0.0
        self.tier = tier
        self.warm_gib = self._cache_gib()

    def step(
        self,
        *,
        now: float,
        seconds: float,
        demand_acu: float,
        floor_acu: float,
        ceiling_acu: float,
        ready_fraction: float = 1.0,
    ) -> None:
        """Serve ``demand_acu`` for ``seconds`` inside the range; ``ready_fraction`` of the step it is up."""
        if self._profile.caching.working_set_gib > 0:
            demand_acu *= self._inflation(seconds)
        if ready_fraction > 0.0:
            self._move(demand_acu, floor_acu, ceiling_acu, seconds)
            self.mean_acu *= ready_fraction
        else:
            self.mean_acu = 0.0
        self.arrived_acu_seconds = demand_acu * seconds
        self.served_acu_seconds, self.throttled_acu_seconds = self.queue.step(
            now=now,
            seconds=seconds,
            arriving_acu_seconds=self.arrived_acu_seconds,
            capacity_acu=self.mean_acu,
            timeout_seconds=self._profile.client_timeout_seconds,
        )

    def fall_asleep(self) -> None:
        """Capacity and cache are given back."""
        self.capacity_acu = self.warm_gib = 0.0

    def wake_up(self, capacity_acu: float) -> None:
        """Start again at ``capacity_acu`` with a full bucket and a cold cache."""
        self.capacity_acu = self._pending = capacity_acu
        self._left = self._low = 0.0
        self._since = LONG_AGO_SECONDS
        if self._climbing:
            self._tokens = self._climbing.bucket_acu

    def _move(self, demand_acu: float, floor_acu: float, ceiling_acu: float, seconds: float) -> None:
        if self._climbing:
            self._climb(self._climbing, demand_acu, floor_acu, ceiling_acu, seconds)
        elif self._resizing:
            self._resize(self._resizing, demand_acu, floor_acu, ceiling_acu, seconds)

    def _climb(self, c: Climbing, demand_acu: float, floor_acu: float, ceiling_acu: float, seconds: float) -> None:
        step_acu = self._profile.step_acu
        capacity = self.capacity_acu
        if capacity < floor_acu and self._profile.changing.floor_jumps:
            capacity = floor_acu
        self.capacity_acu, self.mean_acu, self._tokens, self._low, self._since = govern(
            capacity,
            self._tokens,
            self._low,
            self._since,
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

    def _resize(self, r: Resizing, demand_acu: float, floor_acu: float, ceiling_acu: float, seconds: float) -> None:
        goal = goal_acu(demand_acu, r.target_utilization, self._profile.step_acu, floor_acu, ceiling_acu)
        if r.doubling:
            goal = min(max(doubled_goal(self.capacity_acu, goal), floor_acu), ceiling_acu)
        was_idle = self._left <= 0.0
        (self.capacity_acu, self.mean_acu, self._pending, self._left, self._low, self._since) = resize(
            self.capacity_acu,
            self._pending,
            self._left,
            self._low,
            self._since,
            goal,
            seconds,
            r.resize_seconds,
            r.shrink_after_seconds,
            r.shrink_spacing_seconds,
        )
        started = was_idle and self._left > 0.0
        if started and r.missed_scaling_points_fraction > self._rng.random():
            self._pending, self._left = self.capacity_acu, r.scaling_point_timeout_seconds

    def _cache_gib(self) -> float:
        return self._profile.caching.buffer_share * GIB_PER_ACU * self.capacity_acu

    def _inflation(self, seconds: float) -> float:
        """How much more work a partly cold cache makes; it warms up meanwhile, a shrink has evicted the rest."""
        caching = self._profile.caching
        room = min(self._cache_gib(), caching.working_set_gib)
        self.warm_gib = min(self.warm_gib, room)
        missing = 1.0 - self.warm_gib / caching.working_set_gib
        self.warm_gib = min(room, self.warm_gib + caching.refill_gib_per_second * seconds)
        return 1.0 + caching.cold_penalty * missing


def steady_acu(
    dynamics: Climbing | Resizing, demand_acu: float, *, step_acu: float, floor_acu: float, ceiling_acu: float
) -> float:
    """The capacity at which a lasting demand settles inside the range."""
    goal = goal_acu(demand_acu, dynamics.target_utilization, step_acu, floor_acu, ceiling_acu)
    if not (isinstance(dynamics, Resizing) and dynamics.doubling):
        return goal
    rung = floor_acu
    while rung < goal:
        rung *= 2.0
    return min(rung, ceiling_acu)
