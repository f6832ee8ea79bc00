"""What was measured and what is expected, over HTTP."""

import pytest

from autoscaler.service.desk import Desk
from autoscaler.storage.repositories import Journal
from tests.api.reader import Reader
from tests.fakes import later
from tests.storage.builders import make_decision, make_forecast, make_record, make_sample

SAMPLES = "/v1/clusters/orders/samples"
FORECAST = "/v1/clusters/orders/forecast"
WHOLE = "since=2026-03-02T06:00:00Z&until=2026-03-02T09:00:00Z"


@pytest.fixture(autouse=True)
async def measured(desk: Desk) -> None:
    """Ten minutes of samples before now, and a forecast."""
    samples = tuple(make_sample(60.0 * number - 600, float(number)) for number in range(10))
    record = make_record(make_decision(later(3600)), samples=samples, forecast=make_forecast())
    await Journal(desk.database).write(record)


async def test_a_forecast_comes_with_the_demand_before_it(api: Reader) -> None:
    told = (await api.get(FORECAST)).json
    recent = told.pop("recent")

    assert told == {
        "cluster_id": "orders",
        "at": "2026-03-02T08:00:00Z",
        "model": "seasonal-naive",
        "made_at": "2026-03-02T08:00:00Z",
        "step_seconds": 300.0,
        "levels": [0.5, 0.95],
        "windows": [
            {"at": "2026-03-02T08:00:00Z", "demand_acu": [1.0, 3.0]},
            {"at": "2026-03-02T08:05:00Z", "demand_acu": [2.0, 4.1]},
        ],
    }
    assert [(one["at"], one["demand_acu"], one["seconds"]) for one in recent] == [
        ("2026-03-02T07:50:00Z", 4.0, 300.0),
        ("2026-03-02T07:55:00Z", 9.0, 300.0),
    ]


async def test_the_past_may_be_left_out(api: Reader) -> None:
    assert (await api.get(f"{FORECAST}?recent_hours=0")).json["recent"] == []


async def test_without_a_forecast_nothing_is_expected(api: Reader) -> None:
    told = (await api.get("/v1/clusters/bills/forecast")).json

    assert (told["model"], told["levels"], told["windows"], told["recent"]) == (None, [], [], [])


async def test_samples_come_as_they_are_kept(api: Reader) -> None:
    items = (await api.get(SAMPLES)).json["items"]

    assert items[3] == {
        "at": "2026-03-02T07:53:00Z",
        "seconds": 60.0,
        "demand_acu": 3.0,
        "censored": True,
        "capacity_acu": 4.0,
        "connections": 7,
        "queries_per_second": None,
        "active_sessions": None,
        "cache_hit_fraction": None,
        "reads_per_second": None,
        "freeable_gib": None,
    }


@pytest.mark.parametrize(
    ("query", "demand_acu"),
    [
        ("resolution=5m", [4.0, 9.0]),
        ("resolution=1h", [9.0]),
        (f"{WHOLE}&resolution=1h", [9.0]),
        ("since=2026-03-02T07:58:00Z", [8.0, 9.0]),
        ("until=2026-03-02T07:51:00Z", [0.0]),
        ("until=2026-03-02T07:50:00Z", []),
    ],
)
async def test_samples_are_cut_and_rolled_up(api: Reader, query: str, demand_acu: list[float]) -> None:
    assert [one["demand_acu"] for one in (await api.get(f"{SAMPLES}?{query}")).json["items"]] == demand_acu


@pytest.mark.parametrize(("resolution", "pages"), [("kept", 3), ("5m", 9), ("1h", 1)])
async def test_pages_hold_every_sample_once(api: Reader, resolution: str, pages: int) -> None:
    whole = (await api.get(f"{SAMPLES}?{WHOLE}&resolution={resolution}")).json["items"]
    found: list[dict[str, object]] = []
    count = 0
    following: str | None = f"{SAMPLES}?{WHOLE}&limit=4&resolution={resolution}"
    while following is not None:
        page = (await api.get(following)).json
        found, following, count = [*found, *page["items"]], page["next"], count + 1

    assert (found, count) == (whole, pages)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("since=2026-03-02T09:00:00Z", "since is 2026-03-02T09:00:00+00:00, not before until"),
        ("until=0001-01-01T00:00:00Z", "until is 0001-01-01T00:00:00+00:00, before everything that can be told"),
        ("since=yesterday", "since is 'yesterday'"),
        ("since=2026-03-02T09:00:00", "it should have timezone info"),
        ("resolution=2m", "resolution is '2m'; it should be 'kept', '5m' or '1h'"),
        ("cursor=MTA", "cursor is 'MTA', which is none of ours"),
        ("cursor=MjAyNi0wMy0wMg", "cursor is 'MjAyNi0wMy0wMg', which is none of ours"),
    ],
)
async def test_a_period_that_makes_no_sense_is_refused(api: Reader, query: str, told: str) -> None:
    assert told in (await api.get(f"{SAMPLES}?{query}", 400)).detail
