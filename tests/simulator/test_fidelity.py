"""A recorded capacity, lived again: the simulator finds itself, and is told when it does not."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from autoscaler.core.capacity import Range
from autoscaler.core.samples import Sample
from autoscaler.simulator.cluster import SimulatedCluster
from autoscaler.simulator.fidelity import Fidelity, lived_again
from autoscaler.simulator.profiles import AURORA_V2
from autoscaler.simulator.spec import ClusterSpec
from tests.fakes import MONDAY, later, make_range

SPEC = ClusterSpec(cluster_id="orders", profile=AURORA_V2, range=make_range(1, 16))


def demand(minute: int) -> float:
    return 6.0 if minute // 60 % 2 else 0.5


def recorded(changes: dict[int, Range], *, minutes: int = 480) -> list[Sample]:
    """What a simulated cluster would have measured of itself."""
    cluster, samples = SimulatedCluster(SPEC, at=MONDAY, demand_acu=demand(0)), []
    for minute in range(minutes):
        if minute in changes:
            cluster.apply(changes[minute])
        total = 0.0
        for _ in range(4):
            cluster.step(demand(minute), seconds=15.0)
            total += cluster.writer.mean_acu / 4
        at = MONDAY + timedelta(minutes=minute)
        samples.append(Sample(at=at, seconds=60.0, demand_acu=demand(minute), capacity_acu=total))
    return samples


def test_the_simulator_believes_itself() -> None:
    changes = {100: make_range(4, 16)}
    told: list[tuple[datetime, Range]] = [(MONDAY, SPEC.range), (later(6000.0), changes[100])]

    found = lived_again(SPEC, recorded(changes), told)

    assert found.seen_hours == 8.0
    assert found.error_fraction == pytest.approx(0.0, abs=0.02)
    assert not found.doubtful


def test_another_kind_of_cluster_is_doubted() -> None:
    twice = [replace(one, capacity_acu=2 * (one.capacity_acu or 0.0)) for one in recorded({})]

    found = lived_again(SPEC, twice, ())

    assert found.error_fraction == pytest.approx(0.5, abs=0.02)
    assert found.bias_acu == pytest.approx(-found.mean_error_acu)
    assert found.doubtful
    assert "50% of its capacity" in found.sentence


def test_what_is_unknown_is_not_compared_and_little_is_no_judgement() -> None:
    samples = recorded({}, minutes=120)
    holes = [replace(one, demand_acu=None) if number % 2 else one for number, one in enumerate(samples)]

    found = lived_again(SPEC, holes, ())

    assert (found.seen_hours, found.error_fraction, found.doubtful) == (1.0, None, False)
    assert "not known over 1.0 h; 6 h are needed" in found.sentence
    assert lived_again(SPEC, (), ()) == Fidelity(seen_hours=0.0, mean_acu=0.0, mean_error_acu=0.0, bias_acu=0.0)
