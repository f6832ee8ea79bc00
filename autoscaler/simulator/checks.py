"""Checks of a simulated cluster's numbers: a message names the number, its value and what to give instead."""

from dataclasses import fields
from typing import TYPE_CHECKING

from autoscaler.errors import InvalidInput

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def refuse_nonsense(
    settings: "DataclassInstance", *, above_zero: tuple[str, ...] = (), fractions: tuple[str, ...] = ()
) -> None:
    """Refuse negative numbers and NaN anywhere, 0 in ``above_zero``, more than 1 in ``fractions``.

    Raises:
        InvalidInput: naming the class, the number and its bounds.
    """
    for item in fields(settings):
        value = getattr(settings, item.name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if not value >= 0 or (value == 0 and item.name in above_zero):
            least = "a number above 0" if item.name in above_zero else "0 or more"
            raise InvalidInput(f"{type(settings).__name__}.{item.name} is {value}; give {least}")
        if value > 1 and item.name in fractions:
            raise InvalidInput(f"{type(settings).__name__}.{item.name} is {value}; give a fraction, 0 to 1")
