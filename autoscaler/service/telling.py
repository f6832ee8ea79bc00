"""What the ticks have to tell the feed: changes and what became of them, and conditions that begin and end."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf

from autoscaler.core.capacity import Range
from autoscaler.core.decision import Decision
from autoscaler.observability.events import Detail, Kind
from autoscaler.service.feed import Feed
from autoscaler.service.views import TickReport
from autoscaler.storage.entries import State

# A single tick that fails, or sees nothing, is no outage yet.
FAILED_TICKS, BLIND_TICKS = 3, 3
AT_CEILING_FOR = timedelta(minutes=15)
# Changes that turn back what the one before did: so many within an hour are a nuisance, so few are none any more.
FLAPPING_TURNS, CALM_TURNS = 6, 2
ONE_HOUR = timedelta(hours=1)

CHANGES = {
    State.APPLIED: Kind.CHANGE_APPLIED,
    State.REFUSED: Kind.CHANGE_REFUSED,
    State.FAILED: Kind.CHANGE_FAILED,
    State.NOT_ENFORCED: Kind.CHANGE_NOT_ENFORCED,
}


@dataclass(slots=True, kw_only=True)
class _Course:
    """What must be remembered of a cluster to say each thing once."""

    told: tuple[str, Range] | None = None
    failures: int = 0
    blind_ticks: int = 0
    at_ceiling_since: datetime | None = None
    grew: bool | None = None
    turns: deque[datetime] = field(default_factory=deque)


class TickTeller:
    """An observer of ticks that tells the feed."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._courses: dict[str, _Course] = {}

    def ticked(self, report: TickReport) -> None:
        """Tell what is new about a tick that has just ended."""
        course = self._courses.setdefault(report.cluster_id, _Course())
        course.failures = 0 if report.failed is None else course.failures + 1
        if course.failures in (0, FAILED_TICKS):
            text = f"{FAILED_TICKS} ticks in a row failed: {report.failed}" if report.failed else "ticks go well again"
            self._follow(report, Kind.FAILING, course.failures > 0, text)
        if report.failed is not None:
            return
        self._tell_change(report, course)
        self._tell_sight(report, course)
        self._tell_ceiling(report, course)
        self._tell_flapping(report, course)
        self._tell_forecast(report)
        self._tell_drift(report)

    def _tell_change(self, report: TickReport, course: _Course) -> None:
        """A change that is refused, or only recommended, comes up at every tick; it is said once."""
        decision = report.decision
        if decision is None or not decision.changes or report.outcome not in CHANGES:
            course.told = None
            return
        new = report.outcome, decision.after
        if new != course.told:
            kind, text = CHANGES[State(report.outcome)], decision.reason
            text = text if report.detail is None else f"{text} ({report.detail})"
            self._feed.emit(kind, text, cluster_id=report.cluster_id, **_change(decision))
        course.told = new
        if report.outcome == State.APPLIED:
            course.told = None
            _count_turn(course, decision)

    def _tell_sight(self, report: TickReport, course: _Course) -> None:
        course.blind_ticks = course.blind_ticks + 1 if report.blind else 0
        if 0 < course.blind_ticks < BLIND_TICKS:
            return
        text = "there are fresh metrics again"
        if report.blind:
            age = report.blind_seconds
            since = "there never were usable ones" if age in (None, inf) else f"the newest are {age:.0f} s old"
            text = f"no fresh metrics: {report.unmeasured or since}"
        self._follow(report, Kind.BLIND, report.blind, text)

    def _tell_ceiling(self, report: TickReport, course: _Course) -> None:
        status = report.status
        if status is None or status.ready_acu < status.range.ceiling_acu:
            course.at_ceiling_since = None
        elif course.at_ceiling_since is None:
            course.at_ceiling_since = report.at
        since = course.at_ceiling_since
        if status is None or (since is not None and report.at - since < AT_CEILING_FOR):
            return
        minutes, ceiling = AT_CEILING_FOR // timedelta(minutes=1), f"{status.range.ceiling_acu:g} ACU"
        text = f"at its ceiling, {ceiling}, for {minutes} minutes" if since else f"below its ceiling, {ceiling}, again"
        self._follow(report, Kind.AT_CEILING, since is not None, text)

    def _tell_flapping(self, report: TickReport, course: _Course) -> None:
        while course.turns and report.at - course.turns[0] > ONE_HOUR:
            course.turns.popleft()
        turns = len(course.turns)
        if turns <= CALM_TURNS or turns >= FLAPPING_TURNS:
            text = f"its changes turned back {turns} times within an hour"
            self._follow(report, Kind.FLAPPING, turns >= FLAPPING_TURNS, text)

    def _tell_forecast(self, report: TickReport) -> None:
        trouble = None if report.unfitted is None else f"the forecaster cannot be fitted: {report.unfitted}"
        if trouble is None and report.forecast is not None and not report.forecast.trusted:
            trouble = "its recent forecasts were too far off to act on"
        self._follow(report, Kind.FORECAST_STOOD_DOWN, trouble is not None, trouble or "the forecast is used again")

    def _tell_drift(self, report: TickReport) -> None:
        drift = report.drift
        if drift is not None and not drift.acknowledged:
            self._follow(report, Kind.DRIFT, True, f"somebody else changed {drift.before} to {drift.after}")
            return
        self._follow(report, Kind.DRIFT, False, "the change from outside is acknowledged, or over")

    def _follow(self, report: TickReport, kind: Kind, holds: bool, text: str) -> None:
        self._feed.follow(kind, holds, text, cluster_id=report.cluster_id)


def _count_turn(course: _Course, decision: Decision) -> None:
    grows = decision.after.grows(decision.before)
    if course.grew is not None and grows != course.grew:
        course.turns.append(decision.at)
    course.grew = grows


def _change(decision: Decision) -> dict[str, Detail]:
    before, after = decision.before, decision.after
    return {
        "driver": decision.driver,
        "floor_acu_before": before.floor_acu,
        "ceiling_acu_before": before.ceiling_acu,
        "floor_acu": after.floor_acu,
        "ceiling_acu": after.ceiling_acu,
        "pause_after_seconds": after.pause_after_seconds,
    }
