"""What ticks tell the feed: every story is a list of reports and the events that come of it."""

from dataclasses import replace
from typing import Any

from autoscaler.core.capacity import Phase, Status
from autoscaler.core.control import Drift
from autoscaler.observability.events import Event, Kind
from autoscaler.service.feed import Feed
from autoscaler.service.telling import AT_CEILING_FOR, BLIND_TICKS, FAILED_TICKS, FLAPPING_TURNS, TickTeller
from autoscaler.service.views import TickReport
from tests.api.fleet import HIGH, LOW, make_decision, make_failed_report, make_forecast, make_report
from tests.fakes import later


class Story:
    """Ticks of one cluster, a minute apart, and what is said."""

    def __init__(self) -> None:
        self.said: list[Event] = []
        feed = Feed()
        feed.listen(self.said.append)
        self._teller = TickTeller(feed)
        self._ticks = 0

    @property
    def kinds(self) -> list[str]:
        return [event.kind.value for event in self.said]

    def tick(self, times: int = 1, **changes: Any) -> None:
        for _ in range(times):
            self.hear(make_report(**{"decision": make_decision(), **changes}))

    def fail(self, times: int = 1) -> None:
        for _ in range(times):
            self.hear(make_failed_report())

    def hear(self, report: TickReport) -> None:
        at = later(60.0 * self._ticks)
        decision = None if report.decision is None else replace(report.decision, at=at)
        self._teller.ticked(replace(report, at=at, decision=decision))
        self._ticks += 1


GROW, SHRINK = make_decision(before=LOW, after=HIGH), make_decision(before=HIGH, after=LOW)


def test_a_calm_tick_says_nothing() -> None:
    story = Story()
    story.tick(5)
    assert story.said == []


def test_every_applied_change_is_said_with_its_range() -> None:
    story = Story()
    story.tick(decision=GROW, outcome="applied")
    story.tick(decision=GROW, outcome="applied")

    assert story.kinds == [Kind.CHANGE_APPLIED, Kind.CHANGE_APPLIED]
    assert story.said[0].text == GROW.reason
    assert (story.said[0].details["floor_acu_before"], story.said[0].details["floor_acu"]) == (2.0, 8.0)


def test_a_change_that_comes_up_at_every_tick_is_said_once() -> None:
    story = Story()
    story.tick(3, decision=GROW, outcome="refused", detail="busy")
    story.tick(3, decision=GROW, outcome="not-enforced", detail="the mode is observe")
    story.tick()
    story.tick(2, decision=GROW, outcome="not-enforced")

    assert story.kinds == [Kind.CHANGE_REFUSED, Kind.CHANGE_NOT_ENFORCED, Kind.CHANGE_NOT_ENFORCED]
    assert story.said[0].text.endswith("(busy)")


def test_an_outage_is_said_when_it_lasts_and_its_end_once() -> None:
    story = Story()
    story.fail(FAILED_TICKS - 1)
    story.tick()
    assert story.said == []

    story.fail(FAILED_TICKS + 5)
    story.tick(3)
    assert story.kinds == [Kind.FAILING, Kind.RECOVERED]


def test_blindness_is_said_when_it_lasts_and_its_end_once() -> None:
    story = Story()
    story.tick(BLIND_TICKS - 1, blind=True)
    story.tick()
    assert story.said == []

    story.tick(BLIND_TICKS + 2, blind=True, blind_seconds=400.0)
    story.tick(2)
    assert story.kinds == [Kind.BLIND, Kind.SEEING]
    assert story.said[0].text == "no fresh metrics: the newest are 400 s old"


def test_a_cluster_at_its_ceiling_for_long_is_said() -> None:
    story = Story()
    full = Status(phase=Phase.AVAILABLE, ready_acu=64.0, range=LOW)
    minutes = int(AT_CEILING_FOR.total_seconds() // 60)
    story.tick(minutes - 1, status=full)
    story.tick()
    story.tick(minutes, status=full)
    assert story.said == []

    story.tick(5, status=full)
    story.tick(2)
    assert story.kinds == [Kind.AT_CEILING, Kind.BELOW_CEILING]


def test_changes_that_turn_back_again_and_again_are_flapping() -> None:
    story = Story()
    for turn in range(FLAPPING_TURNS + 1):
        story.tick(4)
        story.tick(decision=SHRINK if turn % 2 else GROW, outcome="applied")
    assert story.kinds[-1] == "flapping"

    story.tick(120)
    assert story.kinds[-1] == "calm"
    assert story.kinds.count(Kind.FLAPPING) == 1


def test_a_forecaster_that_cannot_be_fitted_is_said() -> None:
    story = Story()
    story.tick(3, unfitted="ValueError: too short")
    story.tick(2)
    assert story.kinds == [Kind.FORECAST_STOOD_DOWN, Kind.FORECAST_BACK]


def test_a_forecast_that_is_not_trusted_stands_down() -> None:
    story = Story()
    story.tick(2, forecast=replace(make_forecast(), trusted=False))
    story.tick()
    assert story.kinds == [Kind.FORECAST_STOOD_DOWN, Kind.FORECAST_BACK]


def test_a_change_from_outside_is_said_until_somebody_acknowledges_it() -> None:
    story, drift = Story(), Drift(at=later(0), before=LOW, after=HIGH)
    story.tick(3, drift=drift)
    story.tick(2, drift=replace(drift, acknowledged=True))
    assert story.kinds == [Kind.DRIFT, Kind.DRIFT_OVER]
    assert story.said[0].text == "somebody else changed 2 to 64 ACU to 8 to 64 ACU"
