"""The shared storage volume."""

from dataclasses import replace

import pytest

from autoscaler.errors import InvalidInput
from autoscaler.simulator.profiles import Profile
from autoscaler.simulator.volume import LARGEST_GIB, Volume
from tests.simulator.builders import PUNCTUAL, live, make_cluster, told


@pytest.mark.parametrize(
    ("used", "allocated"), [(0.0, 0.0), (0.1, 10.0), (10.0, 10.0), (10.1, 20.0), (99.0, 100.0), (131_071.0, 131_072.0)]
)
def test_space_is_allocated_by_segments_of_ten_gib(used: float, allocated: float) -> None:
    assert Volume(used).allocated_gib == allocated


def test_many_small_writes_allocate_what_one_large_one_does() -> None:
    volume = Volume(0.0)
    for _ in range(250):
        volume.write(0.4)  # adds up to a little more than 100
    assert volume.allocated_gib == Volume(100.0).allocated_gib == 100.0


def test_the_largest_volume_has_128_tib_and_takes_no_more() -> None:
    volume = Volume(LARGEST_GIB - 4.0)
    assert volume.write(10.0) == 4.0
    assert volume.is_full
    assert volume.write(1.0) == 0.0
    assert volume.used_gib == volume.allocated_gib == LARGEST_GIB == 128 * 1024


def test_less_than_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="-1"):
        Volume(-1.0)


def growing(gib_per_acu_hour: float, gib: float = 10.0) -> Profile:
    return replace(PUNCTUAL, volume_gib_per_acu_hour=gib_per_acu_hour, volume_gib=gib)


def test_the_work_done_fills_the_volume() -> None:
    cluster = make_cluster(growing(3.0), demand_acu=4.0)
    live(cluster, 4.0, 2 * 3600.0, step=60.0)
    assert cluster.volume.used_gib == pytest.approx(10.0 + 2 * 4 * 3.0)
    assert cluster.volume.allocated_gib == 40.0


def test_all_instances_fill_the_same_volume() -> None:
    cluster = make_cluster(growing(3.0), demand_acu=4.0, readers=(1, 2), reader_share=0.5)
    live(cluster, 4.0, 2 * 3600.0, step=60.0)
    assert cluster.volume.used_gib == pytest.approx(10.0 + 2 * 4 * 3.0)


def test_a_full_volume_is_told_once() -> None:
    cluster = make_cluster(growing(1000.0, gib=LARGEST_GIB - 1.0), demand_acu=4.0)
    live(cluster, 4.0, 120.0)
    assert told(cluster) == ["the volume is full"]
