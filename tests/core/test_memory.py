"""What the rules remember from one decision to the next, and what they forget."""

import json
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import pytest

from autoscaler.core.capacity import Range
from autoscaler.core.control import Control, Direction, Freeze
from autoscaler.core.decide import decide
from autoscaler.core.decision import Decision, Memory, RuleSettings
from autoscaler.core.plain import to_plain
from autoscaler.core.ports import Policy
from autoscaler.core.snapshot import Snapshot
from tests.core.story import WATCHED, YESTERDAY, acu
from tests.fakes import MONDAY, AlwaysWishes, FollowsAList, later, make_range, make_snapshot

CAREFUL = RuleSettings()


def remembered(snapshot: Snapshot, wish: Range, memory: Memory) -> Memory:
    return decide(snapshot, AlwaysWishes(range=wish), CAREFUL, memory)[1]


def run(policy: Policy, memory: Memory, *, in_force: Range, minutes: range) -> list[Decision]:
    """A decision every minute; each is in force at the next."""
    decisions = []
    for minute in minutes:
        snapshot = make_snapshot(in_force=in_force, at=later(60 * minute))
        decision, memory = decide(snapshot, policy, CAREFUL, memory)
        in_force = decision.after
        decisions.append(decision)
    return decisions


def read_back(document: str) -> Memory:
    """As a journal does: from JSON, field by field."""
    plain: dict[str, Any] = json.loads(document)
    wish = plain.pop("shrink_wish")
    refusals = plain.pop("refusals")
    times = {name: text and datetime.fromisoformat(text) for name, text in plain.items()}
    return Memory(**times, shrink_wish=wish and Range(**wish), refusals=refusals)


def test_an_hour_evolves_the_memory_as_told() -> None:
    memory, in_force, told = Memory(), acu(8), []
    for seconds, wish in [(0, 12), (300, 6), (420, 7), (480, 12), (600, 4), (840, 5), (900, 4)]:
        snapshot = make_snapshot(in_force=in_force, at=later(seconds))
        decision, memory = decide(snapshot, AlwaysWishes(range=acu(wish)), CAREFUL, memory)
        in_force = decision.after
        told.append((seconds, in_force.floor_acu, memory))
    watching = Memory(watching_since=MONDAY, changed_at=MONDAY)
    assert told == [
        (0, 12, watching),
        (300, 12, replace(watching, shrink_since=later(300), shrink_wish=acu(6))),
        (420, 12, replace(watching, shrink_since=later(300), shrink_wish=acu(7))),
        (480, 12, watching),
        (600, 12, replace(watching, shrink_since=later(600), shrink_wish=acu(4))),
        (840, 12, replace(watching, shrink_since=later(600), shrink_wish=acu(5))),
        # 6, not 5: one change takes at most half of the floor.
        (900, 6, replace(watching, changed_at=later(900))),
    ]


def test_an_empty_memory_never_shrinks_at_once_and_needs_a_full_window() -> None:
    decisions = run(AlwaysWishes(range=acu(4)), Memory(), in_force=acu(8), minutes=range(16))
    assert [decision.after.floor_acu for decision in decisions] == [8.0] * 15 + [4.0]


def test_blind_minutes_do_not_count_as_watching() -> None:
    blind = make_snapshot(in_force=acu(8), blind_seconds=float("inf"))
    assert remembered(blind, acu(4), Memory()) == Memory()
    assert remembered(blind, acu(4), WATCHED) == WATCHED


def test_a_blind_moment_ends_the_waiting() -> None:
    waiting = replace(WATCHED, shrink_since=later(-299), shrink_wish=acu(4))
    blind = make_snapshot(in_force=acu(8), blind_seconds=301)
    assert remembered(blind, acu(4), waiting) == WATCHED
    seeing = make_snapshot(in_force=acu(8), at=later(60))
    assert remembered(seeing, acu(4), WATCHED) == replace(WATCHED, shrink_since=later(60), shrink_wish=acu(4))


@pytest.mark.parametrize("wish", [acu(8), acu(9), acu(8, 40), acu(20, 40)])
def test_a_wish_for_no_less_ends_the_waiting(wish: Range) -> None:
    waiting = replace(WATCHED, changed_at=later(-10), shrink_since=later(-299), shrink_wish=acu(4))
    memory = remembered(make_snapshot(in_force=acu(8)), wish, waiting)
    assert memory == replace(WATCHED, changed_at=later(-10))


def test_the_largest_wish_of_the_while_is_what_shrinking_comes_down_to() -> None:
    wishes = FollowsAList(ranges=(acu(2), acu(6), acu(5, 16), acu(2)))
    decisions = run(wishes, WATCHED, in_force=acu(8), minutes=range(6))
    assert [decision.after for decision in decisions] == [acu(8)] * 5 + [acu(6)]


def test_waiting_never_lifts_a_cluster_above_what_it_has() -> None:
    # 6 was wanted while 8 was in force; then somebody else went down to 4.
    waiting = replace(WATCHED, shrink_since=later(-300), shrink_wish=acu(6))
    decision, _ = decide(make_snapshot(in_force=acu(4)), AlwaysWishes(range=acu(2), reason="wished"), CAREFUL, waiting)
    assert decision.after == acu(4)


@pytest.mark.parametrize(
    "tried",
    [
        (acu(7.9),),  # rounded up, this is the range in force
        (make_range(8, 16), make_range(2, 32)),  # together they take nothing
    ],
    ids=["off the grain", "one bound at a time"],
)
def test_a_wait_in_vain_does_not_hold_the_floor_up_for_ever(tried: tuple[Range, ...]) -> None:
    frozen = Control(freeze=Freeze(direction=Direction.BOTH, until=later(600)))
    memory, wishes = WATCHED, [*tried, acu(4)]
    for minute in range(10):
        snapshot = make_snapshot(in_force=acu(8), at=later(60 * minute), control=frozen)
        memory = remembered(snapshot, wishes[min(minute, len(tried) - 1)], memory)
    decisions = run(AlwaysWishes(range=acu(4)), memory, in_force=acu(8), minutes=range(10, 22))
    assert decisions[-1].after == acu(4)


def test_a_wait_that_ends_without_a_change_begins_again_with_the_wish_of_the_day() -> None:
    frozen = Control(freeze=Freeze(direction=Direction.BOTH, until=later(60)))
    snapshot = make_snapshot(in_force=acu(8), control=frozen)
    over = replace(WATCHED, shrink_since=later(-300), shrink_wish=acu(6))
    not_yet = replace(WATCHED, shrink_since=later(-299), shrink_wish=acu(6))
    assert remembered(snapshot, acu(4), over) == replace(WATCHED, shrink_since=MONDAY, shrink_wish=acu(4))
    assert remembered(snapshot, acu(6), over) == over
    assert remembered(snapshot, acu(4), not_yet) == not_yet


def test_any_change_ends_the_waiting_and_starts_the_spacing() -> None:
    waiting = replace(WATCHED, shrink_since=later(-100), shrink_wish=acu(4))
    memory = remembered(make_snapshot(in_force=acu(8)), make_range(4, 40), waiting)
    assert memory == replace(WATCHED, changed_at=MONDAY)


def test_a_memory_read_back_from_the_journal_decides_as_if_nothing_had_happened() -> None:
    wishes = FollowsAList(ranges=tuple(acu(floor) for floor in [9, 4, 5, 4, 4, 4, 4, 2, 2, 2, 2, 2, 2] * 3))
    whole = run(wishes, WATCHED, in_force=acu(8), minutes=range(40))
    assert sum(decision.changes for decision in whole) > 3
    for restart in range(1, 40):
        memory, in_force = WATCHED, acu(8)
        for minute in range(restart):
            snapshot = make_snapshot(in_force=in_force, at=later(60 * minute))
            decision, memory = decide(snapshot, wishes, CAREFUL, memory)
            in_force = decision.after
        restored = read_back(json.dumps(to_plain(memory)))
        assert restored == memory
        assert run(wishes, restored, in_force=in_force, minutes=range(restart, 40)) == whole[restart:]


def test_every_field_of_a_memory_survives_the_journal() -> None:
    full = Memory(
        watching_since=YESTERDAY,
        changed_at=later(0.25),
        shrink_since=later(1),
        shrink_wish=make_range(0.1, 2, 300),
        refused_at=later(2),
        refusals=3,
    )
    assert all(value is not None for value in asdict(full).values())
    assert [read_back(json.dumps(to_plain(memory))) for memory in (full, Memory())] == [full, Memory()]
