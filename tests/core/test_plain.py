"""Core values as documents."""

import json
from math import inf, nan

import pytest
from hypothesis import given

from autoscaler.core.capacity import Phase
from autoscaler.core.control import Control, Direction, Freeze, Override
from autoscaler.core.decide import decide
from autoscaler.core.decision import Memory, RuleSettings
from autoscaler.core.plain import to_plain
from autoscaler.core.ports import Policy
from autoscaler.core.snapshot import Snapshot
from tests import strategies as some
from tests.fakes import later, make_range


def test_a_value_becomes_a_document_field_by_field() -> None:
    control = Control(
        override=Override(range=make_range(1, 2.5, 300), until=later(0.5), by="ada"),
        freeze=Freeze(direction=Direction.GROW, until=later(60)),
    )
    assert to_plain(control) == {
        "override": {
            "range": {"floor_acu": 1, "ceiling_acu": 2.5, "pause_after_seconds": 300},
            "until": "2026-03-02T08:00:00.500000+00:00",
            "by": "ada",
        },
        "freeze": {"direction": "grow", "until": "2026-03-02T08:01:00+00:00", "by": ""},
        "mode": "enforce",
        "halted": "",
    }


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        (True, True),
        (0, 0),
        (0.1, 0.1),
        (inf, "inf"),
        (-inf, "-inf"),
        (nan, "nan"),
        ("ada", "ada"),
        (Phase.PAUSED, "paused"),
        ((1, ("a", None)), [1, ["a", None]]),
        ({Phase.PAUSED: (1.5,), 2: inf}, {"paused": [1.5], "2": "inf"}),
    ],
)
def test_every_kind_of_value_has_a_plain_form(value: object, plain: object) -> None:
    assert to_plain(value) == plain


def test_an_enum_becomes_a_mere_string() -> None:
    assert type(to_plain(Phase.PAUSED)) is str


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", Phase, Memory])
def test_what_no_document_can_hold_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="has no plain form"):
        to_plain(value)


@given(some.snapshots(), some.policies(), some.rule_settings(), some.memories())
def test_every_decision_and_its_inputs_can_be_written_as_strict_json(
    snapshot: Snapshot, policy: Policy, settings: RuleSettings, memory: Memory
) -> None:
    inputs_and_outcome = (snapshot, settings, memory, decide(snapshot, policy, settings, memory))
    plain = to_plain(inputs_and_outcome)
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
