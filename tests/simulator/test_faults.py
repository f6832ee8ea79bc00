"""The fault layer does what it says, as often as it says, and nothing when it says nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.core.samples import Sample
from autoscaler.errors import ClusterBusy, ClusterError, InvalidInput
from autoscaler.simulator.cluster import ClusterSpec, SimulatedCluster
from autoscaler.simulator.faults import HUGE_ACU, Corruption, FaultSettings, FaultyCluster, corrupt
from autoscaler.simulator.profiles import AURORA_V2
from tests.fakes import MONDAY, later, make_range

RANGE, LARGER = make_range(1, 16), make_range(2, 16)
SAMPLE = Sample(at=MONDAY, seconds=60.0, demand_acu=3.0, capacity_acu=4.0, connections=30)
HOURS = 10
SAMPLES = 60 * HOURS - 1  # the last one is not visible yet


def lived(settings: FaultSettings, *, hours: int = HOURS) -> tuple[FaultyCluster, SimulatedCluster]:
    """A faulty cluster and the one behind it, after some hours of a steady load."""
    cluster = SimulatedCluster(
        ClusterSpec(cluster_id="orders", profile=AURORA_V2, range=RANGE), at=MONDAY, demand_acu=3.0
    )
    faulty = FaultyCluster(cluster, settings)
    for _ in range(240 * hours):
        faulty.step(3.0, seconds=15.0)
    return faulty, cluster


def share(answers: list[Sample], wanted: Callable[[Sample], bool]) -> float:
    return sum(wanted(sample) for sample in answers) / SAMPLES


def test_without_faults_it_is_the_cluster_behind_it() -> None:
    faulty, cluster = lived(FaultSettings(seed=7))

    assert faulty.now == cluster.now == later(3600.0 * HOURS)
    assert faulty.samples_since(None) == cluster.samples_since(None)
    faulty.apply(LARGER)
    assert faulty.status() == cluster.status()
    assert cluster.range == LARGER


def test_samples_get_lost_as_often_as_asked() -> None:
    faulty, cluster = lived(FaultSettings(dropped_fraction=0.3))

    left = faulty.samples_since(None)

    assert len(cluster.samples_since(None)) == SAMPLES
    assert len(left) / SAMPLES == pytest.approx(0.7, abs=0.07)
    assert set(left) < set(cluster.samples_since(None))


def test_duplicates_follow_their_originals() -> None:
    faulty, cluster = lived(FaultSettings(duplicated_fraction=1.0), hours=1)

    assert faulty.samples_since(None) == [one for one in cluster.samples_since(None) for _ in range(2)]


def test_late_samples_arrive_in_the_end() -> None:
    faulty, cluster = lived(FaultSettings(delayed_fraction=1.0, delay_seconds=600.0))

    visible = faulty.samples_since(None)

    missing = set(cluster.samples_since(None)) - set(visible)
    assert missing
    assert min(sample.at for sample in missing) > later(3600.0 * HOURS - 60.0 - 60.0 - 600.0 - 60.0)


@pytest.mark.parametrize(
    ("how", "wrong"),
    [
        (Corruption.NOT_A_NUMBER, isnan),
        (Corruption.NEGATIVE, lambda acu: acu < 0),
        (Corruption.HUGE, lambda acu: acu == HUGE_ACU),
        (Corruption.ZERO, lambda acu: acu == 0),
    ],
)
def test_each_corruption_is_wrong_in_its_own_way(how: Corruption, wrong: Callable[[float], bool]) -> None:
    told = corrupt(SAMPLE, how)

    assert told.demand_acu is not None
    assert wrong(told.demand_acu)
    assert replace(told, demand_acu=3.0) == SAMPLE


def test_every_kind_of_corruption_occurs() -> None:
    faulty, _ = lived(FaultSettings(corrupted_fraction=0.5))

    answers = faulty.samples_since(None)

    assert share(answers, lambda sample: sample.demand_acu != 3.0) == pytest.approx(0.5, abs=0.07)
    assert any(isnan(sample.demand_acu or 0.0) for sample in answers)
    assert {-4.0, 0.0, HUGE_ACU} < {sample.demand_acu for sample in answers}


@given(
    seed=st.integers(0, 1000),
    fractions=st.tuples(*[st.sampled_from((0.0, 0.3, 1.0))] * 4),
    after=st.none() | st.integers(0, 30).map(lambda minutes: later(60.0 * minutes)),
)
def test_a_sample_has_one_fate_however_often_it_is_asked_for(
    seed: int, fractions: tuple[float, float, float, float], after: datetime | None
) -> None:
    dropped, delayed, duplicated, corrupted = fractions
    settings = FaultSettings(
        dropped_fraction=dropped,
        delayed_fraction=delayed,
        duplicated_fraction=duplicated,
        corrupted_fraction=corrupted,
        corruptions=(Corruption.NEGATIVE, Corruption.ZERO, Corruption.HUGE),  # a NaN is not even equal to itself
        seed=seed,
    )
    faulty, again = lived(settings, hours=1)[0], lived(settings, hours=1)[0]

    answer = faulty.samples_since(after)

    assert answer == faulty.samples_since(after) == again.samples_since(after)
    assert answer == [sample for sample in faulty.samples_since(None) if after is None or sample.at > after]


def test_a_busy_provider_changes_nothing() -> None:
    faulty, cluster = lived(FaultSettings(busy_fraction=1.0), hours=1)

    with pytest.raises(ClusterBusy, match="orders says it is still busy"):
        faulty.apply(LARGER)

    assert faulty.status() == cluster.status()
    assert cluster.range == RANGE


def test_a_provider_that_is_gone_answers_nothing() -> None:
    faulty, cluster = lived(FaultSettings(refused_fraction=1.0), hours=1)

    for call in (faulty.status, lambda: faulty.samples_since(None), lambda: faulty.apply(LARGER)):
        with pytest.raises(ClusterError, match="orders did not answer"):
            call()

    assert cluster.range == RANGE


def test_refusals_come_as_often_as_asked_and_a_second_try_may_succeed() -> None:
    faulty, _ = lived(FaultSettings(refused_fraction=0.25), hours=1)

    refused = sum(_is_refused(faulty) for _ in range(1000))

    assert refused / 1000 == pytest.approx(0.25, abs=0.05)


def _is_refused(faulty: FaultyCluster) -> bool:
    try:
        faulty.status()
    except ClusterError:
        return True
    return False


@pytest.mark.parametrize(
    "wrong",
    [
        {"dropped_fraction": 1.1},
        {"busy_fraction": -0.1},
        {"corrupted_fraction": float("nan")},
        {"delay_seconds": -1.0},
        {"seed": -1},
        {"corruptions": ()},
    ],
)
def test_settings_that_cannot_be_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(wrong))):
        FaultSettings(**wrong)  # type: ignore[arg-type] # numbers for all, for the sake of the table
