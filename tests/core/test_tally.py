"""Tallies of stretches of time add up, each part on its own."""

from dataclasses import fields

from autoscaler.core.tally import Tally


def test_every_part_adds_up() -> None:
    names = [item.name for item in fields(Tally)]
    one = Tally(**{name: number for number, name in enumerate(names)})
    other = Tally(**{name: 10 * number for number, name in enumerate(names)})

    assert one + other == Tally(**{name: 11 * number for number, name in enumerate(names)})
