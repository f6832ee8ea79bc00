"""Halts as one, and what keeps a decision from being carried out."""

import pytest

from autoscaler.core.control import Control, Direction, Freeze, Mode, both_freezes
from tests.fakes import later

SHRINK = Freeze(direction=Direction.SHRINK, until=later(60), by="ada")
GROW = Freeze(direction=Direction.GROW, until=later(30), by="bob")


def test_one_halt_alone_is_itself() -> None:
    assert both_freezes(SHRINK, None) == both_freezes(None, SHRINK) == SHRINK
    assert both_freezes(None, None) is None


def test_two_halts_stop_what_either_stops_until_the_first_ends() -> None:
    assert both_freezes(SHRINK, GROW) == Freeze(direction=Direction.BOTH, until=later(30), by="ada and bob")
    later_on = Freeze(direction=Direction.SHRINK, until=later(90), by="ada")
    assert both_freezes(later_on, SHRINK) == SHRINK


@pytest.mark.parametrize(
    ("control", "restraint"),
    [
        (Control(), None),
        (Control(mode=Mode.OBSERVE), "the mode is observe"),
        (Control(mode=Mode.RECOMMEND), "the mode is recommend"),
        (Control(halted="/stop exists"), "the kill switch is on: /stop exists"),
        (Control(mode=Mode.OBSERVE, halted="/stop exists"), "the kill switch is on: /stop exists"),
    ],
)
def test_a_decision_is_carried_out_unless_mode_or_switch_forbid_it(control: Control, restraint: str | None) -> None:
    assert (control.acts, control.restraint) == (restraint is None, restraint)
