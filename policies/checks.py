"""Checks of a policy's settings: a message names the setting, its value and what to give instead."""

from math import inf, isfinite

from autoscaler.errors import InvalidInput

LONGEST_WINDOW_SECONDS = 30 * 86_400


def check_number(
    setting: str, value: object, *, above: float = -inf, at_least: float = -inf, at_most: float = inf
) -> None:
    """Refuse what is not a finite number inside these bounds.

    Raises:
        InvalidInput: naming the setting, its value and the bounds.
    """
    if not isinstance(value, int | float) or isinstance(value, bool):
        fits = False
    else:
        fits = isfinite(value) and above < value <= at_most and value >= at_least
    if fits:
        return
    bounds = [
        text
        for text, bound in (
            (f"above {above:g}", above),
            (f"at least {at_least:g}", at_least),
            (f"at most {at_most:g}", at_most),
        )
        if isfinite(bound)
    ]
    raise InvalidInput(f"{setting} is {value!r}; give a number {' and '.join(bounds)}".rstrip())


def check_acu(setting: str, value: object) -> None:
    """Refuse what is neither None nor an amount of ACU."""
    if value is not None:
        check_number(setting, value, at_least=0)


def check_floor_and_ceiling(whose: str, floor_acu: float | None, ceiling_acu: float | None) -> None:
    """Refuse amounts that cannot be, and a floor above its ceiling."""
    check_acu(f"{whose}floor_acu", floor_acu)
    check_acu(f"{whose}ceiling_acu", ceiling_acu)
    if floor_acu is not None and ceiling_acu is not None and floor_acu > ceiling_acu:
        raise InvalidInput(
            f"{whose}floor_acu is {floor_acu:g}, above the ceiling_acu of {ceiling_acu:g}; lower one or raise the other"
        )


def check_pause(setting: str, value: object) -> None:
    """Refuse what is neither None (never pauses) nor a positive whole number of seconds."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return
    raise InvalidInput(f"{setting} is {value!r}; give a whole number of seconds above 0, or leave it out to stay awake")


def check_window(setting: str, value: object) -> None:
    """Refuse what is not a stretch of time to look at."""
    check_number(setting, value, above=0, at_most=LONGEST_WINDOW_SECONDS)


def check_tuple(setting: str, value: object, kinds: type | tuple[type, ...]) -> None:
    """Refuse what is not a tuple of values of these kinds; a list could be changed behind a policy's back."""
    if not isinstance(value, tuple) or not all(isinstance(item, kinds) for item in value):
        names = " or ".join(kind.__name__ for kind in (kinds if isinstance(kinds, tuple) else (kinds,)))
        raise InvalidInput(f"{setting} is {value!r}; give a tuple of {names}")
