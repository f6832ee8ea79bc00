"""What the simulator says beside the real engine: the part that needs no engine."""

import pytest

from autoscaler.simulator.profiles import LOCAL_POSTGRES
from benchmarks.local_postgres import predicted
from benchmarks.local_postgres.__main__ import SHRINK, plans, warming
from benchmarks.local_postgres.measured import Course, Step


def test_a_shrink_below_the_load_queues_and_what_waits_is_served_afterwards() -> None:
    steps = [
        Step(per_second=20.0, seconds=2, hold_acu=4.0),
        Step(per_second=20.0, seconds=3, hold_acu=1.0),
        Step(per_second=20.0, seconds=3, hold_acu=4.0),
    ]

    told = predicted.course(steps, 0.1, least_acu=0.5, most_acu=4.0)

    assert told.due == (20.0,) * 8
    assert told.capacity_acu == (4.0, 4.0, 1.0, 1.0, 1.0, 4.0, 4.0, 4.0)
    assert told.answered == pytest.approx((20.0, 20.0, 10.0, 10.0, 10.0, 40.0, 30.0, 20.0))
    assert told.median_seconds == pytest.approx((0.0, 0.0, 1.0, 2.0, 3.0, 0.25, 0.0, 0.0))


def test_a_rush_is_followed_by_the_governor_of_the_profile() -> None:
    told = predicted.course(
        [Step(per_second=5.0, seconds=2), Step(per_second=25.0, seconds=2)], 0.1, least_acu=0.5, most_acu=4.0
    )

    assert told.capacity_acu[-1] == 3.5
    assert told.answered == pytest.approx((5.0, 5.0, 25.0, 25.0))


@pytest.mark.parametrize(("seconds", "name"), [(0.02, "at once"), (0.3, "tenths"), (4.0, "seconds"), (None, "seconds")])
def test_waits_have_classes(seconds: float | None, name: str) -> None:
    assert predicted.latency_class(seconds) == name


def test_the_profile_tells_between_which_bounds_a_client_waits() -> None:
    low, middle, high = predicted.resume_interval()

    assert middle == LOCAL_POSTGRES.sleeping.resume_median_seconds
    assert low * high == pytest.approx(middle**2)


def test_the_model_of_cold_starts_learns_what_it_is_shown() -> None:
    coverage, learned = predicted.learned_coverage([0.17, 0.18, 0.16] * 10, [5.0] * 30)

    assert coverage > 0.8
    assert learned == pytest.approx(0.17, rel=0.2)


def test_rare_transactions_meet_a_sleeping_cluster_now_and_then() -> None:
    rare = predicted.sleepy_resumes(0.05, 100, pause_after_seconds=1, worlds=3)

    assert 0 < rare < 0.05 * 100 * 2


def test_warming_up_is_told_from_the_memory_after_the_shrink() -> None:
    steps = plans(0.1)[SHRINK]
    seconds = sum(step.seconds for step in steps)
    small, cold = 23, 26  # from which second on, and until when
    course = Course(
        due=(20.0,) * seconds,
        capacity_acu=(4.0,) * seconds,
        answered=(20.0,) * seconds,
        median_seconds=(0.01,) * seconds,
        used_acu=tuple(2.4 if small <= second < cold else 2.0 for second in range(seconds)),
        memory_mib=tuple(160.0 if look < 2 * cold else 290.0 for look in range(2 * seconds)),
    )

    assert warming(steps, course) == "warming up: 130 MiB came back in 3 s; a transaction cost +20% meanwhile"
