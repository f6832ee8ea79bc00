"""What a pause would interrupt, from rows as a server would tell them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest

from autoscaler.adapters.postgres.holds import JOBS, WORK, Holds
from autoscaler.errors import ClusterError
from tests.fakes import MONDAY, later

VACUUM = (True, "VACUUM", "app")
CRON = (False, "pg_cron", "")
Rows = list[tuple[object, ...]]


class FakeServer:
    """Answers with the rows it was given, by statement."""

    def __init__(self, work: Rows, jobs: Sequence[tuple[object, ...]] = ()) -> None:
        self.rows: Mapping[str, Rows] = {WORK: work, JOBS: list(jobs)}
        self.asked: list[str] = []
        self.ill = False

    async def ask(self, statement: str, *values: object) -> Rows:
        self.asked.append(statement)
        if self.ill:
            raise ClusterError("the PostgreSQL server does not answer")
        return self.rows[statement]


async def found(*jobs: tuple[object, ...], now: datetime = MONDAY) -> tuple[str, ...]:
    holds = Holds(FakeServer([CRON], jobs).ask)
    await holds.look(now)
    return holds.seen


async def test_long_work_is_named_and_without_pg_cron_nobody_asks_for_jobs() -> None:
    server = FakeServer([VACUUM, (True, "CREATE INDEX", "shop")])
    holds = Holds(server.ask)

    await holds.look(MONDAY)

    assert holds.seen == ("a VACUUM that runs in app", "a CREATE INDEX that runs in shop")
    assert server.asked == [WORK]


async def test_a_job_that_runs_is_named() -> None:
    assert await found(("nightly", "0 3 * * *", "GMT", True)) == ("job nightly of pg_cron, which runs",)


@pytest.mark.parametrize(
    ("schedule", "time_zone", "now", "due"),
    [
        ("5 3 * * *", "GMT", datetime(2026, 3, 2, 3, 0, tzinfo=UTC), True),
        ("5 3 * * *", "GMT", datetime(2026, 3, 2, 2, 50, tzinfo=UTC), False),
        ("5 3 * * *", "Europe/Berlin", datetime(2026, 3, 2, 2, 0, tzinfo=UTC), True),
        ("5 3 * * *", "Europe/Berlin", datetime(2026, 3, 2, 3, 0, tzinfo=UTC), False),
        ("0 12 $ * *", "GMT", datetime(2026, 2, 28, 11, 55, tzinfo=UTC), True),
        ("0 12 $ * *", "GMT", datetime(2026, 2, 27, 11, 55, tzinfo=UTC), False),
        ("30 seconds", "GMT", MONDAY, True),
    ],
)
async def test_a_job_holds_when_its_own_clock_says_that_it_is_due(
    schedule: str, time_zone: str, now: datetime, due: bool
) -> None:
    told = await found(("job", schedule, time_zone, False), now=now)

    assert told == (("job job of pg_cron, which is due within 10 min",) if due else ())


@pytest.mark.parametrize(("schedule", "time_zone"), [("@reboot", "GMT"), ("5 3 * * *", "Mars/Olympus")])
async def test_a_job_whose_time_is_not_understood_may_be_due(schedule: str, time_zone: str) -> None:
    told = await found(("odd", schedule, time_zone, False))

    assert told == (f"job odd of pg_cron, which is due nobody knows when: {schedule} in {time_zone}",)


async def test_it_asks_every_ten_seconds_and_what_it_knew_stays_while_nobody_answers() -> None:
    server = FakeServer([VACUUM])
    holds = Holds(server.ask)
    for seconds in range(15):
        await holds.look(later(seconds))
    asked, server.ill = len(server.asked), True
    await holds.look(later(30))
    ill, server.ill, server.rows = holds.seen, False, {WORK: []}
    await holds.look(later(40))

    assert (asked, ill, holds.seen) == (2, ("a VACUUM that runs in app",), ())
