"""What sleep does, over HTTP: sums by twins, the next wake, and why a cluster is awake."""

from dataclasses import replace

import pytest

from autoscaler.core.capacity import Phase, Status
from autoscaler.core.cost import Prices
from autoscaler.core.tally import Tally
from autoscaler.service.desk import Desk
from autoscaler.service.pauses import Slept, slept_of, why_awake
from autoscaler.service.views import ClusterView
from autoscaler.storage.scores import ACTING, LEFT_ALONE, NEVER_PAUSED, ScoreKey, Scores, day_of
from tests.api.reader import Reader
from tests.fakes import MONDAY, WIDE_LIMITS, make_range

ACTED = Tally(
    seconds=86_400,
    acu_hours=6.0,
    cold_hits=1,
    awake_idle_seconds=7200,
    idle_acu_hours=1.0,
    paused_seconds=50_000,
    waited_seconds=15.0,
)
SCORES = {
    ACTING: ACTED,
    LEFT_ALONE: replace(ACTED, acu_hours=5.5, cold_hits=4, waited_seconds=61.0, awake_idle_seconds=3600),
    NEVER_PAUSED: Tally(seconds=86_400, acu_hours=14.0),
}
SLEPT = Slept(
    awake_idle_hours=2.0,
    paused_hours=50_000 / 3600,
    cold_hits=1,
    waited_seconds=15.0,
    cost_usd=0.72,
    never_paused_usd=1.68,
    left_alone_usd=0.66,
    left_alone_awake_idle_hours=1.0,
    left_alone_cold_hits=4,
    left_alone_waited_seconds=61.0,
    clairvoyant_usd=0.6,
)


def test_savings_are_told_against_no_pause_the_providers_time_out_and_the_clairvoyant() -> None:
    slept = slept_of(SCORES, Prices())
    assert slept is not None
    assert slept.cost_usd == pytest.approx(SLEPT.cost_usd)
    assert slept.saved_usd == pytest.approx(0.96)
    assert slept.saved_against_left_alone_usd == pytest.approx(-0.06)
    assert slept.clairvoyant_saved_usd == pytest.approx(1.08)
    assert replace(slept, cost_usd=0.72, never_paused_usd=1.68, left_alone_usd=0.66, clairvoyant_usd=0.6) == SLEPT


def test_of_a_cluster_that_may_not_pause_nothing_is_told() -> None:
    assert slept_of({ACTING: ACTED}, Prices()) is None


async def fill(desk: Desk) -> None:
    keys = {ScoreKey(cluster_id="orders", day=day_of(MONDAY), policy=name): one for name, one in SCORES.items()}
    await Scores(desk.database).add(keys)


async def test_a_cluster_tells_of_its_sleep(api: Reader, desk: Desk) -> None:
    await fill(desk)
    told = (await api.get("/v1/clusters/orders/pauses?days=1")).json
    assert (told["slept"]["cold_hits"], told["slept"]["left_alone_cold_hits"]) == (1, 4)
    assert told["slept"]["saved_usd"] == pytest.approx(0.96)
    assert told["why_awake"]


async def test_the_fleet_tells_of_those_that_may_pause(api: Reader, desk: Desk) -> None:
    await fill(desk)
    told = (await api.get("/v1/pauses")).json
    assert [one["cluster_id"] for one in told["clusters"]] == ["orders"]
    assert told["slept"] == told["clusters"][0]["slept"]


async def test_a_cluster_that_was_never_scored_has_no_sums(api: Reader) -> None:
    assert (await api.get("/v1/clusters/bills/pauses")).json["slept"] is None


def seen(status: Status | None, *, may_pause: bool = True) -> ClusterView:
    return ClusterView(
        cluster_id="orders",
        title="orders",
        profile="aurora-v2",
        policy="pausing",
        limits=replace(WIDE_LIMITS, may_pause=may_pause),
        status=status,
        demand_acu=None,
        demand_at=None,
        blind_seconds=None,
        forecast=None,
        last_decision=None,
        last_outcome=None,
        last_tick_at=None,
        failures=0,
        error=None,
        breaker="closed",
        acu_hours=None,
        usd_per_acu_hour=0.12,
    )


AWAKE = Status(phase=Phase.AVAILABLE, ready_acu=1.0, range=make_range(0.5, 8, 600))


@pytest.mark.parametrize(
    ("view", "why"),
    [
        (seen(None), ("it has not answered yet",)),
        (seen(replace(AWAKE, phase=Phase.PAUSED)), ()),
        (seen(AWAKE, may_pause=False), ("its owner does not let it pause (consent: pause)",)),
        (seen(AWAKE), ("it has not been idle for 600 s yet",)),
        (seen(replace(AWAKE, range=make_range(0.5, 8))), ("its range has no time-out",)),
        (
            seen(replace(AWAKE, blockers=("rds-proxy", "user-connections"), holds=("cron-due",))),
            (
                "the provider keeps it awake: rds-proxy",
                "the provider keeps it awake: user-connections",
                "a pause would meet: cron-due",
                "it has not been idle for 600 s yet",
            ),
        ),
    ],
)
def test_what_keeps_a_cluster_awake_is_named(view: ClusterView, why: tuple[str, ...]) -> None:
    assert why_awake(view) == why
