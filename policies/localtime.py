"""From the wall clock of a time zone to instants, on the two odd days of the year too."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from autoscaler.errors import InvalidInput

MINUTES_PER_DAY = 1440


def zone_named(name: str) -> ZoneInfo:
    """The IANA time zone of this name.

    Raises:
        InvalidInput: there is none.
    """
    try:
        if name:
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        # OSError: names like "Europe" are folders where the zones are files.
        pass
    raise InvalidInput(f"time_zone is {name!r}; give an IANA name such as Europe/Berlin, America/New_York or UTC")


def first_instant(day: date, minutes: int, zone: ZoneInfo) -> float:
    """When the clock of ``zone`` first shows this time, in seconds since 1970 UTC.

    ``minutes`` count from the midnight that begins ``day``; 1440 and more reach into the next one. A time
    that is skipped is taken for the moment of the shift.
    """
    return _instant(day, minutes, zone, fold=0)


def last_instant(day: date, minutes: int, zone: ZoneInfo) -> float:
    """When the clock of ``zone`` last shows this time; otherwise like ``first_instant``."""
    return _instant(day, minutes, zone, fold=1)


def _instant(day: date, minutes: int, zone: ZoneInfo, *, fold: int) -> float:
    wall = datetime.combine(day, time(), tzinfo=zone) + timedelta(minutes=minutes)
    earlier, later = wall.replace(fold=0), wall.replace(fold=1)
    # PEP 495: of a skipped time, fold=0 takes the offset before the shift and comes out after it, fold=1 the
    # offset after the shift and comes out before it; of a repeated time fold=0 is the earlier one.
    if later.timestamp() < earlier.timestamp():
        return shift_between(later.timestamp(), earlier.timestamp(), zone)
    return wall.replace(fold=fold).timestamp()


def shift_between(before: float, after: float, zone: ZoneInfo) -> float:
    """The first second in (before, after] at which the offset is that of ``after``."""
    low, high = int(before), int(after)
    offset = datetime.fromtimestamp(high, zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return float(high)
