"""One serverless instance: its capacity, its queue and its cache."""

from numpy.random import Generator

from autoscaler.core.governor import doubled_goal, goal_acu, govern, resize
from autoscaler.simulator.engines import GIB_PER_ACU, buffer_gib, pages_per_gib
from autoscaler.simulator.nap import Nap
from autoscaler.simulator.profiles import Climbing, Profile, Resizing
from autoscaler.simulator.queue import WorkQueue

LONG_AGO_SECONDS = 1e9
WARM_FRACTION = 0.9
# Of the memory beside its cache an instance keeps so much free [I].
SPARE_FRACTION = 0.05


class Instance:
    """A writer or reader; ``mean_acu`` is the capacity it had on average over its last step.

    ``nap`` is its sleep, shared by those who sleep and wake together.
    """

    __slots__ = (
        "_climbing",
        "_jumps",
        "_left",
        "_low",
        "_pages_per_gib",
        "_pending",
        "_profile",
        "_resizing",
        "_rng",
        "_since",
        "_size_before_acu",
        "_step_acu",
        "_tokens",
        "arrived_acu_seconds",
        "asleep",
        "caches",
        "capacity_acu",
        "down_until",
        "mean_acu",
        "most_connections",
        "name",
        "nap",
        "pages",
        "pages_read",
        "queue",
        "served_acu_seconds",
        "throttled_acu_seconds",
        "tier",
        "warm_gib",
    )

    def __init__(
        self,
        profile: Profile,
        *,
        capacity_acu: float,
        tier: int,
        rng: Generator,
        name: str = "",
        nap: Nap | None = None,
    ) -> None:
        self.name = name
        self.tier = tier
        self.nap = nap or Nap(profile.sleeping, rng)
        self._profile = profile
        dynamics = profile.dynamics
        self._climbing = dynamics if isinstance(dynamics, Climbing) else None
        self._resizing = dynamics if isinstance(dynamics, Resizing) else None
        self._step_acu = profile.step_acu
        self._jumps = profile.changing.floor_jumps
        self.caches = profile.caching.working_set_gib > 0
        self._pages_per_gib = pages_per_gib(profile.connecting.engine)
        self._rng = rng
        self._tokens = self._climbing.bucket_acu if self._climbing else 0.0
        self._low = 0.0
        self._since = LONG_AGO_SECONDS
        self._left = 0.0
        self.capacity_acu = self.mean_acu = self._pending = self._size_before_acu = capacity_acu
        self.asleep = False
        self.down_until = 0.0  # in cluster time, of a failover
        self.most_connections = 0  # taken over from the range at each start
        self.queue = WorkQueue()
        self.arrived_acu_seconds = self.served_acu_seconds = self.throttled_acu_seconds = 0.0
        self.warm_gib = self._room_gib() if self.caches else 0.0
        self.pages = self.pages_read = 0.0  # looked at in the last step, and read from storage for that

    def step(
        self,
        *,
        now: float,
        seconds: float,
        demand_acu: float,
        floor_acu: float,
        ceiling_acu: float,
        up_fraction: float = 1.0,
    ) -> None:
        """Serve ``demand_acu`` for ``seconds`` inside the range; ``up_fraction`` of the step it is up."""
        up_seconds = seconds * up_fraction
        self.pages = self.pages_read = 0.0
        if up_seconds > 0.0:
            if self.caches:
                demand_acu *= self._inflation(demand_acu, up_seconds)
            if self._climbing is not None:
                self._climb(self._climbing, demand_acu, floor_acu, ceiling_acu, up_seconds)
            elif self._resizing is not None:
                self._resize(self._resizing, demand_acu, floor_acu, ceiling_acu, up_seconds)
            self.mean_acu *= up_fraction
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

    @property
    def is_warm(self) -> bool:
        """Whether its cache holds nearly all that it can of what is used."""
        return self.warm_gib >= WARM_FRACTION * self._room_gib()

    @property
    def freeable_gib(self) -> float:
        """Memory that nothing is kept in: of its cache, and a little besides."""
        if self.asleep:
            return 0.0
        unused = buffer_gib(self._profile.connecting.engine, self.capacity_acu) - self.warm_gib
        return max(0.0, unused) + SPARE_FRACTION * GIB_PER_ACU * self.capacity_acu

    def fall_asleep(self) -> None:
        """Capacity and cache are given back."""
        if not self.asleep:
            self._size_before_acu = self.capacity_acu
        self.capacity_acu = self.warm_gib = 0.0
        self.asleep = True

    def wake_up(self, *, ceiling_acu: float) -> None:
        """Start again with a full bucket and a cold cache, at the size the provider starts with."""
        resume_acu = self._profile.sleeping.resume_acu
        if resume_acu is None:
            resume_acu = self._size_before_acu
        self.capacity_acu = self._pending = min(resume_acu, ceiling_acu)
        self._left = self._low = 0.0
        self._since = LONG_AGO_SECONDS
        if self._climbing:
            self._tokens = self._climbing.bucket_acu
        self.asleep = False

    def keep_up_with(self, acu: float) -> None:
        """Be at least this large, at once: readers of the closest tiers scale with their writer."""
        if not self.asleep:
            self.capacity_acu = max(self.capacity_acu, acu)

    def _climb(self, c: Climbing, demand_acu: float, floor_acu: float, ceiling_acu: float, seconds: float) -> None:
        capacity = self.capacity_acu
        if capacity < floor_acu and self._jumps:
            capacity = floor_acu
        self.capacity_acu, self.mean_acu, self._tokens, self._low, self._since = govern(
            capacity,
            self._tokens,
            self._low,
            self._since,
            goal_acu(demand_acu, c.target_utilization, self._step_acu, floor_acu, ceiling_acu),
            seconds,
            self._step_acu,
            c.bucket_acu,
            c.refill_acu_per_second,
            c.refill_per_acu,
            c.descent_delay_per_acu_seconds,
            c.shortest_descent_delay_seconds,
            c.longest_descent_delay_seconds,
            c.halving_spacing_seconds,
        )

    def _resize(self, r: Resizing, demand_acu: float, floor_acu: float, ceiling_acu: float, seconds: float) -> None:
        before = self.capacity_acu
        goal = self._resize_goal(r, demand_acu, floor_acu, ceiling_acu)
        was_idle = self._left <= 0.0
        (self.capacity_acu, self.mean_acu, self._pending, self._left, self._low, self._since) = resize(
            before,
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
        started = was_idle and (self._left > 0.0 or self.capacity_acu != before)
        if started and r.missed_scaling_points_fraction > 0 and r.missed_scaling_points_fraction > self._rng.random():
            # No quiet moment: it is tried until the time-out, then rolled back.
            self.capacity_acu = self.mean_acu = self._pending = before
            self._left = max(0.0, r.scaling_point_timeout_seconds - seconds)

    def _resize_goal(self, r: Resizing, demand_acu: float, floor_acu: float, ceiling_acu: float) -> float:
        capacity = self.capacity_acu
        goal = goal_acu(demand_acu, r.target_utilization, self._step_acu, floor_acu, ceiling_acu)
        if r.doubling:
            goal = min(max(doubled_goal(capacity, goal), floor_acu), ceiling_acu)
        if goal < capacity <= ceiling_acu and demand_acu > r.shrink_below_utilization * capacity:
            return capacity
        return goal

    def _room_gib(self) -> float:
        """How much of the working set fits into the cache."""
        cache_gib = buffer_gib(self._profile.connecting.engine, self.capacity_acu)
        return min(cache_gib, self._profile.caching.working_set_gib)

    def _inflation(self, demand_acu: float, seconds: float) -> float:
        """How much more work a partly cold cache makes; it warms up meanwhile, a shrink has evicted the rest.

        What a shrink evicts first is unknown; here every part of the cache is worth the same. What is missing is read
        from storage whenever it is looked at, as fast as that reads; what warms up was read, too.
        """
        caching = self._profile.caching
        room = self._room_gib()
        self.warm_gib = min(self.warm_gib, room)
        missing = 1.0 - self.warm_gib / caching.working_set_gib
        if demand_acu > 0.0:
            refill_gib = caching.refill_gib_per_second * seconds
            before_gib = self.warm_gib
            self.warm_gib = min(room, before_gib + refill_gib)
            self.pages = caching.pages_per_acu_second * demand_acu * seconds
            missed = min(self.pages * missing, refill_gib * self._pages_per_gib)
            self.pages_read = max(missed, (self.warm_gib - before_gib) * self._pages_per_gib)
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
