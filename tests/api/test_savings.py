"""Savings over HTTP."""

import pytest

from autoscaler.core.tally import Tally
from autoscaler.service.desk import Desk
from autoscaler.storage.scores import ACTING, LEFT_ALONE, MEASURED, ScoreKey, Scores, day_of
from tests.api.reader import Reader
from tests.fakes import MONDAY

HOUR = Tally(seconds=3600, acu_hours=4, work_acu_hours=2, throttled_acu_hours=0.1, changes=3)


async def fill(desk: Desk) -> None:
    day = day_of(MONDAY)
    left_alone = HOUR + Tally(acu_hours=5)
    tallies = {MEASURED: HOUR, ACTING: HOUR, LEFT_ALONE: left_alone, "reactive": HOUR}
    await Scores(desk.database).add(
        {ScoreKey(cluster_id="orders", day=day, policy=name): one for name, one in tallies.items()}
    )


async def test_a_cluster_tells_what_it_saves_and_how_its_shadows_score(api: Reader, desk: Desk) -> None:
    await fill(desk)
    told = (await api.get("/v1/clusters/orders/savings?days=1")).json
    assert (told["saved_acu_hours"], told["metered"]) == (5, True)
    assert told["saved_usd"] == pytest.approx(0.6)
    assert [one["policy"] for one in told["scores"]] == ["acting", "left-alone", "measured", "reactive"]
    assert told["scores"][3]["tally"]["changes"] == 3


async def test_the_fleet_tells_what_it_saves(api: Reader, desk: Desk) -> None:
    await fill(desk)
    told = (await api.get("/v1/savings")).json
    assert (told["days"], told["saved_acu_hours"]) == (30, 5)
    assert [one["cluster_id"] for one in told["clusters"]] == ["orders"]


async def test_a_cluster_never_scored_saves_nothing(api: Reader) -> None:
    told = (await api.get("/v1/clusters/bills/savings")).json
    assert (told["saved_usd"], told["scores"], told["twin_error_fraction"]) == (0, [], None)


async def test_days_are_checked(api: Reader) -> None:
    answer = await api.get("/v1/savings?days=0", status=400)
    assert "days is '0'" in answer.json["detail"]


async def test_savings_are_priced_where_the_cluster_is(api: Reader, desk: Desk) -> None:
    await fill(desk)
    settings = await api.get("/v1/clusters/orders/settings")
    priced = {"cluster": {"pricing": {"region": "sa-east-1"}}}
    await api.send("PATCH", "/v1/clusters/orders/settings", priced, If_Match=settings.headers["ETag"])
    told = (await api.get("/v1/clusters/orders/savings?days=1")).json
    assert told["saved_usd"] == pytest.approx(5 * 0.25)
