"""What RDS says happened, by the words it uses."""

import pytest

from autoscaler.adapters.aurora_events import happening_of, resumes_in
from autoscaler.core.happenings import Happening, What
from autoscaler.core.resumes import Resume
from models.cold_start import PRIORS, believe
from tests.adapters.aurora_clusters import aurora
from tests.fakes import MONDAY, ManualClock, later, make_range


@pytest.mark.parametrize(
    ("message", "what"),
    [
        ("Initiated pause for the DB instance.", What.PAUSING),
        ("Successfully paused the DB instance.", What.PAUSED),
        ("Pause was canceled for the DB instance.", What.PAUSE_CANCELLED),
        ("Initiated resume for the DB instance.", What.RESUMING),
        ("Successfully resumed the DB instance.", What.RESUMED),
        ("Completed failover to DB instance: orders-2", What.FAILED_OVER),
        ("DB cluster deleted", What.DELETED),
        ("DB instance put into incompatible-parameters.", What.UNSCALABLE),
        ("DB instance restarted", None),
    ],
)
def test_an_event_is_known_by_its_words(message: str, what: What | None) -> None:
    told = happening_of({"Message": message, "Date": MONDAY, "SourceIdentifier": "orders-1"})
    assert (None if told is None else told.what) == what


def told(*events: tuple[float, What]) -> list[Happening]:
    """What became known of an instance: minutes after Monday began, and what."""
    return [Happening(at=later(60.0 * minute), what=what, source="a", text=what.value) for minute, what in events]


SLEPT, BEGAN, UP = (0.0, What.PAUSED), (60.0, What.RESUMING), (60.25, What.RESUMED)
SLEPT_AGAIN, BEGAN_AGAIN, UP_AGAIN = (120.0, What.PAUSED), (180.0, What.RESUMING), (180.5, What.RESUMED)
FIRST = Resume(at=later(3600.0), slept_seconds=3600.0, resume_seconds=15.0)
SECOND = Resume(at=later(10_800.0), slept_seconds=3600.0, resume_seconds=30.0)


@pytest.mark.parametrize(
    ("events", "resumes"),
    [
        ([SLEPT, BEGAN, UP, SLEPT_AGAIN, BEGAN_AGAIN, UP_AGAIN], [FIRST, SECOND]),
        ([BEGAN, UP], []),  # its pause was never told
        ([SLEPT, UP], []),  # its begin was not
        ([SLEPT, BEGAN], []),  # its end was not, or not yet
        ([SLEPT, BEGAN, SLEPT_AGAIN, BEGAN_AGAIN, UP_AGAIN], [SECOND]),
        ([SLEPT, BEGAN, UP, BEGAN_AGAIN, UP_AGAIN], [FIRST]),
        ([SLEPT, BEGAN, SLEPT_AGAIN, UP_AGAIN], []),  # the begin that is known is an earlier one's
        ([SLEPT, UP, BEGAN_AGAIN, UP_AGAIN], []),  # the pause that is known is an earlier one's
        ([SLEPT, BEGAN, BEGAN, UP, UP], [FIRST]),
    ],
)
def test_a_wake_of_which_an_event_was_lost_is_not_told_and_the_others_are(
    events: list[tuple[float, What]], resumes: list[Resume]
) -> None:
    assert list(resumes_in(told(*events))) == resumes


def test_a_lost_event_teaches_nothing() -> None:
    before = believe(PRIORS["aurora-v2"])
    whole, torn = (resumes_in(told(SLEPT, BEGAN, *end, SLEPT_AGAIN, BEGAN_AGAIN, UP_AGAIN)) for end in ([UP], []))
    assert before.after(torn) == before.after([SECOND])
    assert before.after(whole) == before.after([FIRST, SECOND])


async def test_a_cluster_tells_how_long_its_wakes_took() -> None:
    clock = ManualClock(MONDAY)
    async with aurora(clock, held=make_range(0.5, 16, 300)) as one:
        one.demand_acu = 0.0
        await clock.advance(3600.0)
        one.world.live()
        one.demand_acu = 1.0
        await clock.advance(600.0)

        [wake] = await one.cluster.resumes_since(None)
        later_ones = await one.cluster.resumes_since(wake.at)

    assert isinstance(wake, Resume)
    assert 5 <= wake.resume_seconds <= 60
    assert wake.slept_seconds == pytest.approx(3300, abs=60)
    assert later_ones == []
