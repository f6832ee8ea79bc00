"""A new version on its way: what lets it go on, and what takes it back."""

from dataclasses import replace
from typing import Any

import pytest

from autoscaler.core.rollout import (
    UNMEASURED,
    Evidence,
    Ring,
    Rollout,
    RolloutState,
    Throttling,
    advance,
    begin,
    next_ring,
    rollout_order,
)
from tests.fakes import MONDAY, later

RINGS = (
    Ring(soak_seconds=600),
    Ring(fraction=0.1, soak_seconds=600),
    Ring(fraction=1.0, soak_seconds=600),
)
CLUSTERS = tuple(f"c{number}" for number in range(20))


def throttled(fraction: float, seconds: float = 60_000.0) -> Throttling:
    return Throttling(known_seconds=seconds, throttled_seconds=fraction * seconds)


FINE = Evidence(touched=throttled(0.0), touched_before=throttled(0.0))


def make_rollout(**changes: Any) -> Rollout:
    fresh = Rollout(
        policy="shop",
        from_version=1,
        to_version=2,
        rings=RINGS,
        most_rise_fraction=0.02,
        order=CLUSTERS,
        started_at=MONDAY,
        ring_at=MONDAY,
    )
    return replace(begin(fresh), **changes)


def test_one_cluster_then_a_tenth_then_all() -> None:
    first = make_rollout()
    second = advance(first, FINE, later(600))
    third = advance(second, FINE, later(1200))
    done = advance(third, FINE, later(1800))

    assert [len(one.touched) for one in (first, second, third)] == [1, 2, 20]
    assert (second.ring_at, second.reason) == (later(600), "ring 2 of 3: 2 of 20 clusters")
    assert (done.state, done.active, done.reason) == (RolloutState.DONE, False, "every ring went well")


def test_nothing_happens_before_the_soak_is_over() -> None:
    rollout = make_rollout()

    assert advance(rollout, FINE, later(599)) is rollout


@pytest.mark.parametrize("state", [one for one in RolloutState if one is not RolloutState.RUNNING])
def test_only_a_running_one_goes_on(state: RolloutState) -> None:
    rollout = make_rollout(state=state)

    assert advance(rollout, Evidence(touched=throttled(0.9)), later(6000)) is rollout


def test_what_nobody_measured_did_not_go_well() -> None:
    waiting = advance(make_rollout(), Evidence(touched=throttled(0.0, 299)), later(6000))

    assert (waiting.ring, waiting.state) == (0, RolloutState.RUNNING)
    assert waiting.reason == "ring 1 has soaked, but too little was measured; waiting for samples"
    assert advance(waiting, Evidence(touched=UNMEASURED), later(6060)) is waiting
    assert advance(waiting, FINE, later(6120)).ring == 1


def test_worse_throttling_stops_it_at_once_and_gives_the_old_version_back() -> None:
    evidence = Evidence(touched=throttled(0.10, 300), touched_before=throttled(0.01), untouched=throttled(0.02))
    stopped = advance(make_rollout(), evidence, later(301))

    assert stopped.state is RolloutState.STOPPED
    assert stopped.touched == ()
    assert stopped.reason == "throttled 10.0% of the time with the new version, 1.0% before"


def test_a_minute_or_two_are_not_judged() -> None:
    rollout = make_rollout()

    assert advance(rollout, Evidence(touched=throttled(1.0, 299)), later(299)) is rollout


def test_a_load_that_hits_all_alike_is_no_fault_of_the_policy() -> None:
    hit = Evidence(
        touched=throttled(0.30),
        touched_before=throttled(0.01),
        untouched=throttled(0.32),
        untouched_before=throttled(0.02),
    )
    alone = replace(hit, untouched=throttled(0.03))

    assert advance(make_rollout(), hit, later(601)).state is RolloutState.RUNNING
    assert advance(make_rollout(), alone, later(601)).reason == (
        "throttled 30.0% of the time with the new version, 1.0% before; with the old version 3.0%, and 2.0% before"
    )


def test_a_small_rise_is_borne() -> None:
    evidence = Evidence(touched=throttled(0.03), touched_before=throttled(0.01))

    assert advance(make_rollout(), evidence, later(601)).ring == 1


def test_a_ring_that_reaches_nobody_new_is_left_out() -> None:
    one = begin(make_rollout(order=("shop",), reached=0))

    assert one.touched == ("shop",)
    assert next_ring(one, later(600)).state is RolloutState.DONE


def test_the_order_is_by_chance_but_always_the_same() -> None:
    order = rollout_order("shop", CLUSTERS)

    assert set(order) == set(CLUSTERS)
    assert order == rollout_order("shop", reversed(CLUSTERS))
    assert order not in (CLUSTERS, rollout_order("bills", CLUSTERS))
