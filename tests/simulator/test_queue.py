"""Work that waits, and clients that give up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.simulator.queue import WorkQueue

TIMEOUT = 60.0


class Counter:
    """A queue and its clock."""

    def __init__(self, timeout_seconds: float = TIMEOUT) -> None:
        self.queue = WorkQueue()
        self.timeout_seconds = timeout_seconds
        self.now = 0.0

    def step(self, demand_acu: float, capacity_acu: float, seconds: float = 15.0) -> tuple[float, float]:
        done = self.queue.step(
            now=self.now,
            seconds=seconds,
            arriving_acu_seconds=demand_acu * seconds,
            capacity_acu=capacity_acu,
            timeout_seconds=self.timeout_seconds,
        )
        self.now += seconds
        return done


def test_work_that_fits_is_served_at_once() -> None:
    counter = Counter()
    assert counter.step(2.0, 4.0) == (30.0, 0.0)
    assert counter.queue.backlog_acu_seconds == 0.0


def test_work_that_does_not_fit_waits_and_is_throttled_once() -> None:
    counter = Counter()
    assert counter.step(3.0, 2.0) == (30.0, 15.0)
    assert counter.queue.backlog_acu_seconds == 15.0
    assert counter.step(1.0, 2.0) == (30.0, 0.0)
    assert counter.queue.backlog_acu_seconds == 0.0


def test_the_backlog_is_served_before_what_arrives() -> None:
    counter = Counter()
    counter.step(4.0, 0.0)
    served, throttled = counter.step(1.0, 4.0)
    assert (served, throttled) == (60.0, 15.0)
    assert counter.queue.backlog_acu_seconds == 15.0


def test_the_oldest_work_is_served_first() -> None:
    counter = Counter()
    counter.step(1.0, 0.0)
    counter.step(2.0, 0.0)
    counter.step(0.0, 1.0)
    counter.step(0.0, 0.0, seconds=46.0)  # the first is served, the second still within its minute
    assert counter.queue.timed_out_acu_seconds == 30.0


def test_clients_give_up_after_a_minute() -> None:
    counter = Counter()
    counter.step(1.0, 0.0)
    for _ in range(3):
        counter.step(0.0, 0.0)
    assert counter.queue.backlog_acu_seconds == 15.0
    counter.step(0.0, 0.0)
    assert counter.queue.backlog_acu_seconds == 0.0
    assert counter.queue.timed_out_acu_seconds == 15.0


def test_in_a_step_longer_than_the_time_out_all_unserved_work_is_given_up() -> None:
    counter = Counter()
    assert counter.step(2.0, 1.0, seconds=300.0) == (300.0, 300.0)
    assert counter.queue.backlog_acu_seconds == 0.0
    assert counter.queue.timed_out_acu_seconds == 300.0


acus = st.just(0.0) | st.floats(0.0, 300.0, allow_subnormal=False)
stretches = st.lists(st.tuples(acus, acus, st.sampled_from((0.1, 1.0, 15.0, 60.0, 300.0))), max_size=60)


@given(stretches, st.sampled_from((1.0, 60.0, 600.0)))
def test_no_work_is_lost_or_invented(steps: list[tuple[float, float, float]], timeout_seconds: float) -> None:
    counter = Counter(timeout_seconds)
    arrived = served = throttled = 0.0
    for demand_acu, capacity_acu, seconds in steps:
        done, late = counter.step(demand_acu, capacity_acu, seconds)
        assert 0 <= done <= capacity_acu * seconds * (1 + 1e-12)
        assert 0 <= late <= demand_acu * seconds
        arrived += demand_acu * seconds
        served += done
        throttled += late
    queue = counter.queue
    assert served + queue.backlog_acu_seconds + queue.timed_out_acu_seconds == pytest.approx(
        arrived, rel=1e-9, abs=1e-9
    )
    assert throttled >= queue.timed_out_acu_seconds + queue.backlog_acu_seconds - 1e-6


@given(stretches)
def test_nobody_waits_longer_than_the_time_out_and_a_step(steps: list[tuple[float, float, float]]) -> None:
    counter = Counter()
    for demand_acu, capacity_acu, seconds in steps:
        counter.step(demand_acu, capacity_acu, seconds)
    for _ in range(5):
        counter.step(0.0, 0.0)
    assert counter.queue.backlog_acu_seconds == 0.0
