"""One instance whose size is set from outside: sized ones take their time, Aurora v1 climbs a ladder."""

from dataclasses import replace

import numpy as np
import pytest

from autoscaler.simulator.profiles import AURORA_V1, SIZED_15MIN, SIZED_15S, Profile, Resizing
from tests.simulator.builders import MUCH, Box


def missing(fraction: float) -> Profile:
    """Aurora v1 that misses this share of its scaling points."""
    assert isinstance(AURORA_V1.dynamics, Resizing)
    return replace(AURORA_V1, dynamics=replace(AURORA_V1.dynamics, missed_scaling_points_fraction=fraction))


@pytest.mark.parametrize(("profile", "seconds"), [(SIZED_15S, 15), (SIZED_15MIN, 900)])
def test_a_sized_instance_takes_its_time_both_ways(profile: Profile, seconds: int) -> None:
    box = Box(profile, 2.0)
    sizes = box.live(6.0, seconds)
    assert sizes == [2.0] * (seconds - 1) + [8.0]
    assert isinstance(profile.dynamics, Resizing)
    patience = round(profile.dynamics.shrink_after_seconds)
    sizes = box.live(1.5, patience + seconds)
    # The resize begins with the step in which the patience ends.
    assert sizes[: patience + seconds - 2] == [8.0] * (patience + seconds - 2)
    assert sizes[-2:] == [2.0, 2.0]


def test_a_resize_under_way_is_finished_before_the_next_one() -> None:
    box = Box(SIZED_15S, 2.0)
    box.live(3.0, 5.0)
    sizes = box.live(12.0, 25.0)
    assert sorted(set(sizes)) == [2.0, 4.0, 16.0]
    assert sizes.index(4.0) == 9
    assert sizes.index(16.0) == 24


def test_aurora_v1_doubles_step_by_step() -> None:
    box = Box(missing(0.0), 1.0, ceiling=64.0)
    sizes = box.live(MUCH, 6 * 45.0)
    assert sorted(set(sizes)) == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]
    assert sizes[44] == 2.0


def test_aurora_v1_cools_down_before_it_halves() -> None:
    box = Box(missing(0.0), 1.0, ceiling=64.0)
    box.live(2.5, 90.0)
    assert box.instance.capacity_acu == 4.0
    sizes = box.live(0.1, 3000.0)
    assert sizes.index(2.0) + 1 == pytest.approx(900 + 45, abs=2)
    assert sizes.index(1.0) + 1 == pytest.approx(2 * (900 + 45), abs=4)


def test_aurora_v1_stays_while_it_is_used_by_three_tenths() -> None:
    box = Box(missing(0.0), 8.0, ceiling=64.0)
    assert set(box.live(2.5, 7200.0, step=15.0)) == {8.0}
    assert box.live(2.3, 7200.0, step=15.0)[-1] == 4.0


def test_aurora_v1_gives_way_to_a_lowered_ceiling_however_busy_it_is() -> None:
    box = Box(missing(0.0), 8.0, ceiling=4.0)
    assert set(box.live(MUCH, 3600.0)) == {8.0, 4.0}
    assert box.instance.capacity_acu == 4.0


@pytest.mark.parametrize("step", [1.0, 15.0, 60.0])
def test_without_a_scaling_point_a_resize_is_rolled_back_whatever_the_step(step: float) -> None:
    assert set(Box(missing(1.0), 2.0).live(MUCH, 3600.0, step)) == {2.0}


def test_a_missed_scaling_point_costs_its_time_out() -> None:
    waits = []
    for seed in range(200):
        sizes = Box(missing(0.5), 1.0, ceiling=2.0, seed=seed).live(MUCH, 3600.0, step=15.0)
        waits.append((sizes.index(2.0) + 1) * 15.0)
    assert set(waits) <= {45.0 + 300.0 * missed for missed in range(12)}
    assert np.mean(np.array(waits) == 45.0) == pytest.approx(0.5, abs=0.1)
