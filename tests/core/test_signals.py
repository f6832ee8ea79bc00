"""What counts as demand, and that an unknown signal never lets a cluster shrink."""

from dataclasses import replace
from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.core.samples import Sample
from autoscaler.core.signals import CPU_ONLY, Combine, Load, Signals, Worth, counted
from autoscaler.errors import InvalidInput
from tests.fakes import MONDAY

ALL = Signals(acu_per_connection=0.1, acu_per_query_per_second=0.01)
AGREE = replace(ALL, combine=Combine.AGREE_TO_SHRINK)


def make_sample(
    demand_acu: float | None = 2.0,
    *,
    connections: int | None = 10,
    queries_per_second: float | None = 100.0,
    capacity_acu: float | None = 4.0,
) -> Sample:
    return Sample(
        at=MONDAY,
        seconds=60.0,
        demand_acu=demand_acu,
        capacity_acu=capacity_acu,
        connections=connections,
        queries_per_second=queries_per_second,
    )


def test_cpu_alone_is_the_default_and_leaves_samples_as_they_are() -> None:
    sample = make_sample(connections=None)

    assert Signals() == CPU_ONLY
    assert counted(sample, CPU_ONLY) is sample


@pytest.mark.parametrize(
    ("sample", "signals", "demand_acu"),
    [
        (make_sample(2.0), ALL, 2.0),
        (make_sample(2.0, connections=30), ALL, 3.0),
        (make_sample(2.0, queries_per_second=900), ALL, 9.0),
        (make_sample(2.0, connections=30), Signals(cpu=False, acu_per_connection=0.1), 3.0),
        (make_sample(2.0, connections=30), AGREE, 3.0),
        (make_sample(2.0, connections=300), AGREE, 4.0),
        (make_sample(6.0, connections=300), AGREE, 6.0),
        (make_sample(2.0, connections=300, capacity_acu=None), AGREE, 30.0),
    ],
)
def test_known_signals_combine(sample: Sample, signals: Signals, demand_acu: float) -> None:
    told = counted(sample, signals)

    assert told.demand_acu == pytest.approx(demand_acu)
    assert replace(told, demand_acu=sample.demand_acu) == sample


@pytest.mark.parametrize("signals", [ALL, AGREE])
def test_what_is_known_still_proves_a_need_for_more(signals: Signals) -> None:
    busy = make_sample(6.0, connections=None)

    assert counted(busy, signals) == replace(busy, censored=True)


numbers = st.none() | st.floats(0, 100)


@given(demand_acu=numbers, capacity_acu=numbers, signals=st.sampled_from([ALL, AGREE]), lost=st.integers(0, 2))
def test_an_unknown_signal_never_says_that_less_would_do(
    demand_acu: float | None, capacity_acu: float | None, signals: Signals, lost: int
) -> None:
    sample = make_sample(demand_acu, capacity_acu=capacity_acu)
    gone = ({"demand_acu": None}, {"connections": None}, {"queries_per_second": nan})[lost]
    told = counted(replace(sample, **gone), signals)

    assert told.demand_acu is None or (capacity_acu is not None and told.demand_acu > capacity_acu and told.censored)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"cpu": False}, "no other signal counts; name one"),
        ({"acu_per_connection": 0.0}, "acu_per_connection is 0.0; it must be above 0"),
        ({"acu_per_query_per_second": nan}, "it must be above 0"),
        ({"cpu": False, "acu_per_connection": 1.0, "combine": Combine.AGREE_TO_SHRINK}, "cpu must be true"),
    ],
)
def test_signals_that_make_no_sense_are_refused(settings: dict[str, object], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        Signals(**settings)  # type: ignore[arg-type] # as a document gives them


LEARNS = Signals(learns=Load.QUERIES)
WORTH = Worth(load=Load.QUERIES, base_acu=0.5, acu_per_unit=0.01)


@pytest.mark.parametrize(
    ("queries", "demand_acu"),
    [
        (700.0, 7.5),  # told
        (100.0, 4.0),  # less than what was served
        (9999.0, 16.0),  # clients that repeat themselves
        (None, 4.0),
        (nan, 4.0),
    ],
)
def test_load_tells_what_a_saturated_cluster_was_asked_for(queries: float | None, demand_acu: float) -> None:
    saturated = replace(make_sample(4.0, queries_per_second=queries), censored=True)
    assert counted(saturated, LEARNS, WORTH) == replace(saturated, demand_acu=demand_acu)


@pytest.mark.parametrize(
    "sample", [make_sample(4.0, queries_per_second=700.0), replace(make_sample(None), censored=True)]
)
def test_load_says_nothing_where_there_was_room_or_nothing_was_measured(sample: Sample) -> None:
    assert counted(sample, LEARNS, WORTH) is sample


def test_what_was_learned_counts_only_where_it_is_asked_for() -> None:
    saturated = replace(make_sample(4.0, queries_per_second=700.0), censored=True)
    assert counted(saturated, CPU_ONLY, WORTH) is saturated
    assert counted(saturated, Signals(learns=Load.CONNECTIONS), WORTH) is saturated
