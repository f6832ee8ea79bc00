"""What providers say has happened is told once, however often it is read."""

from collections.abc import Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from autoscaler.core.happenings import Happening, What
from autoscaler.errors import ClusterError
from autoscaler.observability.events import Event
from autoscaler.service.feed import Feed
from autoscaler.service.news import ReadTheNews
from tests.fakes import MONDAY, ManualClock, later


def happening(what: What, seconds: float, text: str = "said") -> tuple[str, Happening]:
    return "orders", Happening(at=later(seconds), what=what, source="orders-1", text=text)


class Paper:
    """Sources that tell what they were told to tell."""

    def __init__(self) -> None:
        self.printed: list[tuple[str, Happening]] = []
        self.asked: list[tuple[datetime, datetime]] = []
        self.failing = False

    async def news(self, clusters: Sequence[Any], *, since: datetime, until: datetime) -> list[tuple[str, Happening]]:
        self.asked.append((since, until))
        if self.failing:
            raise ClusterError("no answer")
        return [one for one in self.printed if since <= one[1].at <= until]


def reader(paper: Paper, clock: ManualClock) -> tuple[ReadTheNews, list[Event]]:
    told: list[Event] = []
    feed = Feed(now=clock.now)
    feed.listen(told.append)
    roster: Any = SimpleNamespace(settings=lambda: ())
    sources: Any = paper
    return ReadTheNews(sources=sources, roster=roster, feed=feed, clock=clock, since=MONDAY), told


async def test_each_happening_is_told_once_and_a_resume_with_its_length() -> None:
    paper, clock = Paper(), ManualClock(MONDAY)
    read, told = reader(paper, clock)
    paper.printed = [happening(What.PAUSED, 10), happening(What.RESUMING, 20), happening(What.RESUMED, 38)]
    for _ in range(3):
        await clock.advance(60.0)
        await read()

    assert [(one.kind, one.cluster_id) for one in told] == [("cluster-paused", "orders"), ("cluster-resumed", "orders")]
    assert told[1].details["resume_seconds"] == 18.0
    assert told[1].text == "it is awake again after 18 s: said"


async def test_one_that_comes_late_is_told_and_a_silent_provider_is_asked_for_all_of_it_later() -> None:
    paper, clock = Paper(), ManualClock(MONDAY)
    read, told = reader(paper, clock)
    await clock.advance(60.0)
    await read()
    paper.failing = True
    await clock.advance(1800.0)
    await read()
    paper.failing = False
    paper.printed = [happening(What.FAILED_OVER, 30), happening(What.DELETED, 900)]
    await read()

    assert [one.kind for one in told] == ["failed-over", "cluster-deleted"]
    assert [since for since, _ in paper.asked] == [MONDAY, MONDAY, MONDAY]
