"""The coming days of a policy, on a clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from autoscaler.config import ClusterDocument, PolicyDocument
from policies.localtime import first_instant, zone_named
from policies.preview import BoundsFrom, ClockChange, clock_changes, preview, time_zones


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What is shown: the bounds of some whole local days, and the clock changes in them."""

    name: str
    zone: ZoneInfo
    days: tuple[date, ...]
    bounds: tuple[BoundsFrom, ...]
    changes: tuple[ClockChange, ...]
    max_acu: float


def preview_of(
    document: PolicyDocument, *, now: datetime, first: date | None, days: int, time_zone: str | None
) -> Preview:
    """The coming days of a policy, from today on unless ``first`` is given, on the policy's clock unless told.

    Raises:
        InvalidInput: the time zone does not exist.
    """
    policy = document.build_policy()
    zone = zone_named(time_zone if time_zone is not None else next(iter(time_zones(policy)), "UTC"))
    day = first or now.astimezone(zone).date()
    start, end = (midnight(day + timedelta(days=count), zone) for count in (0, days))
    limits = ClusterDocument().under(document).build_limits()
    return Preview(
        name=document.name,
        zone=zone,
        days=tuple(day + timedelta(days=count) for count in range(days)),
        bounds=preview(policy, limits, start=start, end=end),
        changes=clock_changes(zone, start=start, end=end),
        max_acu=limits.max_acu,
    )


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins in a time zone."""
    # In UTC: two times of one zone are compared by what the clock shows, not by when they are.
    return datetime.fromtimestamp(first_instant(day, 0, zone), UTC)
