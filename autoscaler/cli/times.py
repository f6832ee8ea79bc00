"""Times as people type them: 90m, 2h, 7d, or a moment."""

import re
from datetime import datetime, timedelta

from autoscaler.errors import InvalidInput

UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
LONGEST_SECONDS = 3660 * 86_400


def read_duration(text: str) -> timedelta:
    """Seconds, minutes, hours or days.

    Raises:
        InvalidInput: it is none of these.
    """
    match = re.fullmatch(r"(\d{1,9})([smhd]?)", text.strip().lower())
    seconds = int(match[1]) * UNITS[match[2]] if match else 0
    if not 0 < seconds <= LONGEST_SECONDS:
        raise InvalidInput(f"'{text}' is no length of time; give one such as 90m, 2h or 7d")
    return timedelta(seconds=seconds)


def expiry(lasting: str | None, until: str | None) -> dict[str, object]:
    """The members that say when an order ends.

    Raises:
        InvalidInput: neither or both are given, or one cannot be read.
    """
    if (lasting is None) == (until is None):
        raise InvalidInput("say when it ends: either --for 2h or --until 2026-01-14T18:00:00Z")
    if lasting is not None:
        return {"for_seconds": read_duration(lasting).total_seconds()}
    try:
        moment = datetime.fromisoformat(until or "")
    except ValueError:
        raise InvalidInput(f"'{until}' is no moment; give one such as 2026-01-14T18:00:00Z") from None
    if moment.tzinfo is None:
        raise InvalidInput(f"'{until}' has no time zone; add Z for UTC, or an offset such as +01:00")
    return {"until": moment.isoformat()}
