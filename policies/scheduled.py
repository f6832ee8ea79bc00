"""The policy that follows a calendar."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import cast
from weakref import ReferenceType, ref

from autoscaler.core.capacity import Limits
from autoscaler.core.decision import Advice, Grounds
from autoscaler.core.snapshot import Snapshot
from autoscaler.errors import InvalidInput
from policies.calendars import Calendar, check_calendars
from policies.checks import check_number, check_tuple
from policies.localtime import zone_named
from policies.occasions import CronWindow, EventWindow, FreezeWindow
from policies.openings import SECONDS_PER_DAY, Asking
from policies.plans import DayPlan, plan_day
from policies.timetable import DatedWindow, Otherwise, Window
from policies.wish import wished_range

OFFICE_HOURS = Window(floor_share=0.25)
OWNERS_MINIMUM = Otherwise()


# Plans are remembered by a weak reference: unlike the schedule itself it computes its hash once only.
@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Scheduled:
    """Follows a calendar of days and hours.

    Inside a window its floor, outside them ``otherwise``. A dated window or an event of a calendar replaces
    the weekly ones and those by cron while it is open, so that a sale may ask for more and a holiday for
    less; of several open windows of a kind the largest wish counts. A ramp only ever raises a floor. Clock
    changes: a window is open from the first time its start is on the clock until the last time its end is;
    a skipped time is the moment of the shift.

    Args:
        time_zone: the IANA name of the clock that the windows are read on.
        windows: the weekly windows.
        crons: the windows that start by a cron expression.
        dates: the dated windows.
        events: the windows that are open during the days and stretches of a calendar.
        freezes: when the range is not to shrink, not to grow, or neither.
        calendars: public holidays, files and days under the names that the windows use.
        otherwise: what to ask for when no window is open; None to know nothing then and leave it to others.
        lead_seconds: how long before it is due a larger wish is made.
    """

    time_zone: str = "UTC"
    windows: tuple[Window, ...] = (OFFICE_HOURS,)
    crons: tuple[CronWindow, ...] = ()
    dates: tuple[DatedWindow, ...] = ()
    events: tuple[EventWindow, ...] = ()
    freezes: tuple[FreezeWindow, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    otherwise: Otherwise | None = OWNERS_MINIMUM
    lead_seconds: float = 600.0

    def __post_init__(self) -> None:
        zone_named(self.time_zone)
        check_tuple("windows", self.windows, Window)
        check_tuple("crons", self.crons, CronWindow)
        check_tuple("dates", self.dates, DatedWindow)
        check_tuple("events", self.events, EventWindow)
        check_tuple("freezes", self.freezes, FreezeWindow)
        check_tuple("calendars", self.calendars, Calendar)
        check_calendars(self.calendars, _references(self))
        check_number("lead_seconds", self.lead_seconds, at_least=0, at_most=SECONDS_PER_DAY)
        _check_ceilings(self)

    @property
    def recent_seconds(self) -> float:
        return 0.0

    @property
    def looks_ahead(self) -> bool:
        return False

    def advise(self, snapshot: Snapshot) -> Advice:
        current = snapshot.status.range
        seconds = snapshot.at.timestamp()
        plan = _plan(ref(self), int(seconds // SECONDS_PER_DAY), snapshot.limits)
        place = bisect_right(plan.starts, seconds) - 1
        wish, freeze = plan.wishes[place], plan.freezes[place]
        if wish is None:
            return Advice(range=current, reason="no window of the schedule is open", known=False, freeze=freeze)
        wanted = wished_range(
            snapshot,
            floor_acu=wish.floor_acu,
            ceiling_acu=current.ceiling_acu if wish.ceiling_acu is None else wish.ceiling_acu,
            pause_after_seconds=wish.pause_after_seconds,
        )
        return Advice(range=wanted, reason=wish.reason, freeze=freeze, grounds=Grounds.SCHEDULE)

    def plan(self, day: int, limits: Limits) -> DayPlan:
        """What it asks for over one UTC day, counted from 1970."""
        return _plan(ref(self), day, limits)


# Ten thousand clusters with a schedule each fit; a plan takes about 2 kB and 0.1 ms.
@lru_cache(maxsize=16_384)
def _plan(schedule: ReferenceType[Scheduled], day: int, limits: Limits) -> DayPlan:
    return plan_day(cast(Scheduled, schedule()), day, limits)  # the caller holds it


def _references(schedule: Scheduled) -> list[tuple[str, str | None]]:
    """Each calendar that is referred to, with the setting that does."""
    limited: tuple[Window | CronWindow | FreezeWindow, ...] = (*schedule.windows, *schedule.crons, *schedule.freezes)
    during: tuple[EventWindow | FreezeWindow, ...] = (*schedule.events, *schedule.freezes)
    return [
        *(("only_on", window.only_on) for window in limited),
        *(("not_on", window.not_on) for window in limited),
        *(("calendar", window.calendar) for window in during),
    ]


def _check_ceilings(schedule: Scheduled) -> None:
    parts: list[Asking | Otherwise] = [*schedule.windows, *schedule.crons, *schedule.dates, *schedule.events]
    if schedule.otherwise is not None:
        parts.append(schedule.otherwise)
    named = [part for part in parts if part.ceiling_acu is not None]
    if named and len(named) < len(parts):
        silent = next(part for part in parts if part.ceiling_acu is None)
        raise InvalidInput(
            f"{_called(named[0])} has a ceiling_acu and {_called(silent)} has none; give it to all or to none of them,"
            " so that a changed ceiling is changed back"
        )


def _called(part: Asking | Otherwise) -> str:
    return "otherwise" if isinstance(part, Otherwise) else f"the window {part}"
