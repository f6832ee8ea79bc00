"""Special days of a policy document: calendars, and what each multiplies demand by where that is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from autoscaler.errors import InvalidInput
from models.special_days import Occasion
from policies.calendars import Calendar, check_calendars
from policies.localtime import MINUTES_PER_DAY, first_instant, zone_named


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialDays:
    """Days on which demand is not as usual; a forecaster learns from earlier ones how, calendar by calendar.

    Args:
        calendars: days that are alike, under a name: holidays, paydays, launches.
        factors: by the name of a calendar, what demand is multiplied by on its days; left out, it is learned.
        time_zone: whose midnights begin and end a day.
    """

    calendars: tuple[Calendar, ...]
    factors: Mapping[str, float] = field(default_factory=dict)
    time_zone: str = "UTC"

    def __post_init__(self) -> None:
        zone_named(self.time_zone)
        check_calendars(self.calendars, [("factors", name) for name in self.factors])
        for name, factor in self.factors.items():
            if not 0 < factor <= 100:
                raise InvalidInput(f"factors.{name} is {factor}; give a number above 0 and at most 100")

    def occasions(self) -> tuple[Occasion, ...]:
        """All of them, by their start."""
        found = [
            Occasion(start=start, end=end, kind=calendar.name, factor=self.factors.get(calendar.name))
            for calendar in self.calendars
            for start, end in self._stretches(calendar)
        ]
        return tuple(sorted(found, key=lambda one: (one.start, one.kind)))

    def _stretches(self, calendar: Calendar) -> list[tuple[datetime, datetime]]:
        zone = zone_named(self.time_zone)
        days = [
            (first_instant(day, 0, zone), first_instant(day, MINUTES_PER_DAY, zone))
            for day in sorted(set(calendar.days))
        ]
        spans = [
            tuple(at.replace(tzinfo=zone) if at.tzinfo is None else at for at in (span.start, span.end))
            for span in calendar.spans
        ]
        moments = [(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)) for start, end in days]
        return [*moments, *((start, end) for start, end in spans if end - start > timedelta(0))]
