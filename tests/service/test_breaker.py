"""A cluster that fails is left alone for longer and longer, and never given up."""

from itertools import pairwise

from autoscaler.service.breaker import LONGEST_BACKOFF_SECONDS, SPREAD_FRACTION, Breaker, BreakerState
from tests.fakes import MONDAY, later


def fail_always(name: str, *, times: int) -> list[float]:
    """The seconds between one try and the next."""
    breaker, tries = Breaker(name, interval_seconds=60.0), [MONDAY]
    for _ in range(times):
        breaker.failed(tries[-1])
        assert breaker.next_at is not None
        tries.append(breaker.next_at)
    return [(after - before).total_seconds() for before, after in pairwise(tries)]


def test_waits_double_up_to_a_quarter_of_an_hour_and_some() -> None:
    waits = fail_always("orders", times=12)

    assert waits[:2] == [60, 120]
    assert all(LONGEST_BACKOFF_SECONDS <= one <= (1 + SPREAD_FRACTION) * LONGEST_BACKOFF_SECONDS for one in waits[4:])
    assert {one % 60 for one in waits} == {0.0}


def test_those_that_failed_together_do_not_come_back_together() -> None:
    assert len({sum(fail_always(f"cluster-{number}", times=6)) for number in range(50)}) > 3


def test_it_opens_after_three_failures_tries_once_and_closes_with_the_first_success() -> None:
    breaker = Breaker("orders", interval_seconds=60.0)
    states = []
    for minute in (0, 1, 3):
        breaker.failed(later(60.0 * minute))
        states.append(breaker.state(later(60.0 * minute)))
    assert states == [BreakerState.CLOSED, BreakerState.CLOSED, BreakerState.OPEN]

    assert breaker.next_at is not None
    assert breaker.state(breaker.next_at) is BreakerState.HALF_OPEN
    breaker.decided(breaker.next_at)
    assert (breaker.failures, breaker.state(breaker.next_at)) == (0, BreakerState.CLOSED)
