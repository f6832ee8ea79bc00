"""How an instance moves whose size is set from outside."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.core.governor import doubled_goal, resize

GRAINS = st.integers(1, 128).map(lambda grain: grain / 2)
LONG_AGO = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Sized:
    """An instance that shrinks 300 s after it could, and 300 s after its last resize, at the soonest."""

    acu: float
    pending_acu: float
    left_seconds: float = 0.0
    low_seconds: float = 0.0
    since_seconds: float = LONG_AGO
    mean_acu: float = 0.0

    def towards(self, goal: float, seconds: float, *, resize_seconds: float = 15.0) -> "Sized":
        acu, mean, pending, left, low, since = resize(
            self.acu,
            self.pending_acu,
            self.left_seconds,
            self.low_seconds,
            self.since_seconds,
            goal,
            seconds,
            resize_seconds,
            300.0,
            300.0,
        )
        return Sized(
            acu=acu, pending_acu=pending, left_seconds=left, low_seconds=low, since_seconds=since, mean_acu=mean
        )


@pytest.mark.parametrize("step_seconds", [1.0, 2.0, 5.0, 15.0, 60.0, 300.0])
@pytest.mark.parametrize("resize_seconds", [1.0, 15.0, 60.0, 900.0])
def test_a_resize_takes_its_time_whatever_the_step(step_seconds: float, resize_seconds: float) -> None:
    instance, steps, held = Sized(acu=2, pending_acu=2), 0, 0.0
    while instance.acu < 8 and steps < 1000:
        instance = instance.towards(8.0, step_seconds, resize_seconds=resize_seconds)
        steps += 1
        held += instance.mean_acu * step_seconds
    span = steps * step_seconds
    assert instance.acu == 8
    assert resize_seconds <= span < resize_seconds + step_seconds
    assert held == pytest.approx(2 * resize_seconds + 8 * (span - resize_seconds))


def test_a_finished_resize_starts_every_clock_anew() -> None:
    done = Sized(acu=2, pending_acu=2, low_seconds=7.0).towards(8.0, 60.0)
    assert done == Sized(acu=8, pending_acu=8, since_seconds=0.0, mean_acu=(15 * 2 + 45 * 8) / 60)


def test_nothing_is_asked_for_while_the_size_fits() -> None:
    content = Sized(acu=2, pending_acu=2, since_seconds=10.0).towards(2.0, 60.0)
    assert content == Sized(acu=2, pending_acu=2, since_seconds=70.0, mean_acu=2)


@pytest.mark.parametrize(("since_seconds", "left_seconds"), [(298.0, 0.0), (299.0, 14.0)])
def test_a_shrink_keeps_its_distance_from_the_last_resize(since_seconds: float, left_seconds: float) -> None:
    instance = Sized(acu=8, pending_acu=8, low_seconds=1000.0, since_seconds=since_seconds)
    assert instance.towards(2.0, 1.0).left_seconds == left_seconds


def test_a_resize_under_way_is_not_changed_by_a_new_goal() -> None:
    instance = Sized(acu=2, pending_acu=2).towards(8.0, 5.0).towards(32.0, 5.0).towards(32.0, 5.0)
    assert (instance.acu, instance.pending_acu) == (8, 8)
    assert instance.towards(32.0, 5.0).pending_acu == 32


def test_a_smaller_size_is_asked_for_only_after_a_while() -> None:
    instance = Sized(acu=8, pending_acu=8)
    asked = []
    for second in range(1, 400):
        instance = instance.towards(2.0, 1.0)
        asked.append((second, instance.left_seconds, instance.acu))
    first = next(moment for moment in asked if moment[1] > 0)
    done = next(moment for moment in asked if moment[2] < 8)
    assert (first[0], done) == (300, (314, 0.0, 2.0))


def test_a_goal_that_rises_in_between_starts_the_while_anew() -> None:
    instance = Sized(acu=8, pending_acu=8).towards(2.0, 299.0).towards(8.0, 1.0)
    assert instance.low_seconds == 0.0
    assert instance.towards(2.0, 299.0).pending_acu == 8


@given(GRAINS, st.lists(st.tuples(GRAINS, st.sampled_from((1.0, 15.0, 60.0, 300.0))), max_size=30))
def test_a_sized_instance_only_ever_has_a_size_that_was_asked_for(start: float, way: list[tuple[float, float]]) -> None:
    instance, asked = Sized(acu=start, pending_acu=start), {start}
    for goal, seconds in way:
        before, instance = instance.acu, instance.towards(goal, seconds)
        asked.add(goal)
        assert instance.acu in asked
        assert min(before, instance.acu) <= instance.mean_acu <= max(before, instance.acu)
        assert 0.0 <= instance.left_seconds <= 15.0


@pytest.mark.parametrize(
    ("acu", "goal", "rung"),
    [(4, 32, 8), (4, 4.5, 8), (4, 4, 4), (4, 2.5, 4), (4, 2, 2), (4, 0.5, 2)],
)
def test_a_ladder_of_doublings_is_climbed_a_rung_at_a_time(acu: float, goal: float, rung: float) -> None:
    assert doubled_goal(acu, goal) == rung
