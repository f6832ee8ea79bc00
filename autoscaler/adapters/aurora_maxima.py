"""Which maxima a cluster had when, as far as anybody looked: metrics are percentages of them."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

# Aurora may work for hours on a lowered maximum [D]: metrics may be of the old one as long.
SETTLES_WITHIN = timedelta(hours=3)
REMEMBERED = timedelta(hours=9)
# What rounding of a small percentage may do.
ROUGHLY = 0.1


@dataclass(slots=True)
class _Seen:
    """A maximum, and when it was seen first and last in a row."""

    acu: float
    first: datetime
    last: datetime


class Maxima:
    """Remembers looks; between two that differ, it may have been either."""

    def __init__(self) -> None:
        self._seen: deque[_Seen] = deque()

    def saw(self, acu: float, at: datetime) -> None:
        """Somebody looked; looks come in their order."""
        if self._seen and self._seen[-1].acu == acu:
            self._seen[-1].last = at
        else:
            self._seen.append(_Seen(acu, at, at))
        while len(self._seen) > 1 and self._seen[1].first + REMEMBERED < at:
            self._seen.popleft()

    def between(self, start: datetime, end: datetime) -> tuple[float, float] | None:
        """The least and the largest that a percentage of that time may be of; None before anybody looked."""
        if not self._seen or start < self._seen[0].first:
            return None
        seen = list(self._seen)
        before, after = [None, *seen[:-1]], [*seen[1:], None]
        possible = [
            one.acu
            for one, earlier, later in zip(seen, before, after, strict=True)
            if (earlier is None or end > earlier.last) and (later is None or start < later.first + SETTLES_WITHIN)
        ]
        return min(possible), max(possible)


def agreed_maximum_acu(
    told: tuple[float, float] | None, *, capacity_acu: float, of_maximum_percent: float | None
) -> float | None:
    """The maximum that percentages are of: capacity and ACUUtilization tell it, and what was seen has to agree.

    None where nobody knows, or where they do not agree: such a value looks right and is not.

    Args:
        told: the least and the largest that may have been in force, where somebody looked.
    """
    implied = None if not of_maximum_percent else 100.0 * capacity_acu / of_maximum_percent
    if told is None:
        return implied
    least, most = told
    if implied is None:
        return least if least == most else None
    if not least * (1 - ROUGHLY) <= implied <= most * (1 + ROUGHLY):
        return None
    return least if least == most else implied
