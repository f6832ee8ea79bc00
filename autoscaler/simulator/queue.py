"""Work that waits: a fluid queue with clients that give up."""

from collections import deque

from autoscaler.core.governor import serve

NOTHING = 1e-12


class WorkQueue:
    """The work one instance has not done yet, oldest first, in ACU-seconds."""

    __slots__ = ("_waiting", "backlog_acu_seconds", "timed_out_acu_seconds")

    def __init__(self) -> None:
        self._waiting: deque[list[float]] = deque()
        self.backlog_acu_seconds = 0.0
        self.timed_out_acu_seconds = 0.0

    def step(
        self, *, now: float, seconds: float, arriving_acu_seconds: float, capacity_acu: float, timeout_seconds: float
    ) -> tuple[float, float]:
        """One step: the backlog is served first, then what arrives; the rest waits until it times out.

        Returns:
            served and throttled work. Work is throttled once, in the step it arrived in and was not served.
        """
        done_old, done_new = serve(self.backlog_acu_seconds, arriving_acu_seconds, capacity_acu, seconds)
        throttled = arriving_acu_seconds - done_new
        if not self._waiting and throttled <= NOTHING:
            return done_new, 0.0
        self._take(done_old)
        if throttled > NOTHING:
            self._waiting.append([now, throttled])
        self._give_up(now + seconds - timeout_seconds)
        self.backlog_acu_seconds = sum((work for _, work in self._waiting), 0.0)
        return done_old + done_new, throttled

    def _take(self, done: float) -> None:
        while self._waiting and done > NOTHING:
            first = self._waiting[0]
            taken = min(first[1], done)
            first[1] -= taken
            done -= taken
            if first[1] <= NOTHING:
                self._waiting.popleft()

    def _give_up(self, arrived_before: float) -> None:
        while self._waiting and self._waiting[0][0] < arrived_before:
            self.timed_out_acu_seconds += self._waiting.popleft()[1]
