"""From options to an order of backtests."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from autoscaler.errors import InvalidInput

if TYPE_CHECKING:
    from autoscaler.backtest.request import Request

YEARS = range(1971, 2200)  # calendars and time zones are trusted that far
MOMENTS = ("start", "end", "score_from")


def ordered(given: Mapping[str, Any], **replaced: object) -> "Request":
    """The request behind a command's options; they have the names of its fields, what else is there is left out.

    Raises:
        InvalidInput: an option has a value that cannot be.
    """
    from autoscaler.backtest.request import Request
    from autoscaler.core.trace import Interpolation

    told = {**given, **replaced, "interpolation": Interpolation(given["interpolate"])}
    told |= {name: moment(given[name], f"--{name.replace('_', '-')}") for name in MOMENTS}
    return Request(**{item.name: told[item.name] for item in fields(Request)})


def moment(text: str | None, option: str) -> datetime | None:
    """A time given as an option; UTC unless it says otherwise.

    Raises:
        InvalidInput: it does not read as ISO 8601.
    """
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput(f"{option} is '{text}'; give ISO 8601 such as 2026-01-05 or 2026-01-05T08:00:00Z") from None
    if at.year not in YEARS:
        raise InvalidInput(f"{option} is in the year {at.year}; give one between {YEARS[0]} and {YEARS[-1]}")
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
