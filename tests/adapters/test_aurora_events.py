"""What RDS says happened, by the words it uses."""

import pytest

from autoscaler.adapters.aurora_events import happening_of, resumes_in
from autoscaler.core.happenings import What
from autoscaler.core.resumes import Resume
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


def test_a_resume_without_its_pause_or_its_end_teaches_nothing() -> None:
    words = ["Initiated resume", "Successfully resumed", "Successfully paused", "Initiated resume"]
    told = [
        happening_of(
            {
                "Message": f"{text} the DB instance.".replace("Initiated resume", "Initiated resume for"),
                "Date": later(60.0 * minute),
                "SourceIdentifier": "a",
            }
        )
        for minute, text in enumerate(words)
    ]
    assert list(resumes_in(one for one in told if one is not None)) == []


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
