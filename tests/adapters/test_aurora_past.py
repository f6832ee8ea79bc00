"""What CloudWatch remembers of an Aurora cluster, as far back and as finely as it does."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from autoscaler.adapters.aurora import AuroraCluster
from autoscaler.adapters.aurora_calls import USD_PER_METRIC
from autoscaler.adapters.aurora_past import MOST_POINTS, Past, Span, next_span, spans
from autoscaler.adapters.aurora_samples import Points, Window
from autoscaler.errors import ClusterError
from autoscaler.service.sources.aurora import SharedCalls
from tests.adapters.aurora_clusters import aurora
from tests.fakes import MONDAY, ManualClock, later, make_range

NOW = MONDAY
DAY = timedelta(days=1)
HORIZON = NOW - 15 * DAY + timedelta(hours=1)


def all_spans(after: datetime, *, before: datetime, instances: int = 1) -> list[Span]:
    found: list[Span] = []
    while (
        span := next_span(found[-1].end if found else after, before=before, now=NOW, instances=instances)
    ) is not None:
        found.append(span)
    return found


@pytest.mark.parametrize("instances", [1, 3, 16])
@pytest.mark.parametrize("days", [63.0, 16.01, 15.0, 14.9583, 3.0, 0.01])
def test_the_past_is_read_whole_and_once_and_as_finely_as_it_is_kept(days: float, instances: int) -> None:
    found = all_spans(NOW - days * DAY, before=NOW, instances=instances)

    assert [one.start for one in found[1:]] == [one.end for one in found[:-1]]
    assert found[-1].end == NOW
    assert found[0].start - (NOW - days * DAY) < timedelta(minutes=5)
    assert all((one.period_seconds == 60) == (one.start >= HORIZON) for one in found)
    points = [(one.end - one.start).total_seconds() / one.period_seconds * 5 * instances for one in found]
    assert all(count <= max(MOST_POINTS, 300 * instances) for count in points)


def test_of_a_cluster_that_is_known_for_long_only_what_lies_before_is_read() -> None:
    before = NOW - 30 * DAY

    found = all_spans(NOW - 40 * DAY, before=before)

    assert {one.period_seconds for one in found} == {300}
    assert found[-1].end == before
    assert all_spans(NOW - 20 * DAY, before=before) == []


def test_the_past_of_a_cluster_costs_a_sixth_of_a_cent() -> None:
    """As docs/aurora.md says: four metrics of minutes, five of longer periods."""
    found = all_spans(NOW - 63 * DAY, before=NOW - timedelta(hours=3))

    metrics = sum(4 if one.period_seconds == 60 else 5 for one in found)
    assert (len(found), round(metrics * USD_PER_METRIC, 4)) == (37, 0.0016)


def test_a_part_of_an_hour_is_never_split() -> None:
    assert {one.start.minute for one in spans(MONDAY, MONDAY + 9 * DAY, period_seconds=60, instances=7)} == {0}


class FakeWatch:
    """Answers every question with the same points."""

    def __init__(self, *answers: Points | ClusterError) -> None:
        self._answers = answers
        self.asked: list[Window] = []

    async def measure(self, windows: Sequence[Window]) -> Sequence[Points | ClusterError]:
        self.asked += windows
        return self._answers


def points(
    instance: str, *minutes: int, cpu: float = 25.0, capacity: float = 8.0
) -> dict[tuple[str, str], dict[float, float]]:
    """Of a maximum of 16 ACU."""
    values = {"ServerlessDatabaseCapacity": capacity, "ACUUtilization": capacity / 0.16, "CPUUtilization": cpu}
    return {
        (name, instance): {later(60.0 * minute).timestamp(): value for minute in minutes}
        for name, value in values.items()
    }


async def test_an_instance_counts_from_its_first_minute_on_and_never_less_again() -> None:
    """What was never there hides nothing; what was there and is missing is unknown."""
    told = points("a", 0, 1, 2, 3) | points("b", 2, cpu=30.0)
    past = Past(("a", "b"), FakeWatch(told).measure)

    first = await past.read(Span(start=MONDAY, end=later(240.0), period_seconds=60))
    second = await past.read(Span(start=MONDAY, end=later(60.0), period_seconds=60))

    assert [one.demand_acu for one in first] == [4.0, 4.0, 4.8, None]
    assert [one.demand_acu for one in second] == [None]


async def test_a_longer_period_tells_its_peak_and_its_mean_capacity() -> None:
    means = points("a", 0, capacity=6.0)
    peaks = points("a", 0, capacity=8.0, cpu=49.0)
    watch = FakeWatch(means, peaks)

    [sample] = await Past(("a",), watch.measure).read(Span(start=MONDAY, end=later(300.0), period_seconds=300))

    assert (sample.seconds, sample.capacity_acu, sample.censored) == (300.0, 6.0, True)
    assert sample.demand_acu == pytest.approx(7.84)  # 49 % of 16, of the 8 ACU it had at its largest
    assert [one.statistic for one in watch.asked] == ["Average", "Maximum"]


async def test_half_an_answer_is_none() -> None:
    watch = FakeWatch(points("a", 0), ClusterError("throttled"))

    with pytest.raises(ClusterError, match="throttled"):
        await Past(("a",), watch.measure).read(Span(start=MONDAY, end=later(300.0), period_seconds=300))


async def test_a_cluster_remembers_since_it_was_made() -> None:
    clock = ManualClock(MONDAY)
    async with aurora(clock, held=make_range(2, 16)) as one:
        one.demand_acu = 3.0
        await clock.advance(7200.0)
        one.world.live()
        calls = SharedCalls(one.account)
        cluster = AuroraCluster("orders", one.resource_id, calls, clock=clock, history=20 * DAY)

        first = await cluster.remembered(None, before=later(3600.0))
        last = await cluster.remembered(first.end, before=later(3600.0))

    assert [sample.at for sample in first.samples] == [later(60.0 * minute) for minute in range(60)]
    assert {round(sample.demand_acu or 0.0, 2) for sample in first.samples} == {3.0}
    assert (first.end, last.samples, last.end) == (later(3600.0), (), later(3600.0))
