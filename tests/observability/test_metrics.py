"""The metrics: what they show, and what leaves them again."""

import asyncio
import re
from contextlib import suppress
from dataclasses import replace

import pytest

from autoscaler.core.budget import Spent
from autoscaler.core.capacity import Range
from autoscaler.core.control import NO_CONTROL, Control, Direction, Freeze, Override
from autoscaler.core.cost import Prices
from autoscaler.core.ports import Policy
from autoscaler.core.tally import Tally
from autoscaler.observability.bounds import effective_bounds
from autoscaler.observability.events import Kind
from autoscaler.observability.metrics import Metrics
from autoscaler.service.feed import Feed
from autoscaler.service.savings import saving_of
from autoscaler.storage.scores import ACTING, LEFT_ALONE
from policies.reactive import Reactive
from policies.scheduled import Scheduled
from policies.timetable import Window
from tests.api.fleet import HIGH, LOW, make_decision, make_failed_report, make_forecast, make_report
from tests.fakes import MONDAY, WIDE_LIMITS, ManualClock, later, make_range


def samples_of(metrics: Metrics) -> dict[str, float]:
    """Every sample by its name and labels, as in the text format."""
    text = metrics.expose()[0].decode()
    pairs = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


def test_shows_a_cluster() -> None:
    metrics = Metrics(version="1.2.3")

    metrics.ticked(make_report(decision=make_decision(after=HIGH), outcome="applied", seconds=0.02))

    shown = {name: value for name, value in samples_of(metrics).items() if '"orders"' in name}
    mine, forecast = 'cluster="orders"', "autoscaler_cluster_forecast_acu"
    assert shown == {
        f"autoscaler_cluster_demand_acu{{{mine}}}": 4.25,
        f"autoscaler_cluster_ready_acu{{{mine}}}": 5.5,
        f"autoscaler_cluster_floor_acu{{{mine}}}": 2.0,
        f"autoscaler_cluster_ceiling_acu{{{mine}}}": 64.0,
        f"autoscaler_cluster_wanted_floor_acu{{{mine}}}": 8.0,
        f"autoscaler_cluster_wanted_ceiling_acu{{{mine}}}": 64.0,
        f"autoscaler_cluster_blind_seconds{{{mine}}}": 30.0,
        f"autoscaler_cluster_last_success_timestamp_seconds{{{mine}}}": MONDAY.timestamp(),
        f'{forecast}{{{mine},lead_seconds="300",level="0.5"}}': 4.0,
        f'{forecast}{{{mine},lead_seconds="300",level="0.95"}}': 6.0,
        f'{forecast}{{{mine},lead_seconds="900",level="0.5"}}': 4.0,
        f'{forecast}{{{mine},lead_seconds="900",level="0.95"}}': 6.0,
        f'{forecast}{{{mine},lead_seconds="3600",level="0.5"}}': 4.0,
        f'{forecast}{{{mine},lead_seconds="3600",level="0.95"}}': 6.0,
        f"autoscaler_cluster_paused{{{mine}}}": 0.0,
        f"autoscaler_cluster_last_scale_timestamp_seconds{{{mine}}}": MONDAY.timestamp(),
        f'autoscaler_clamped_total{{{mine},reason="space_the_changes"}}': 1.0,
        f'autoscaler_decisions_total{{{mine},direction="grow",driver="space_the_changes",outcome="applied"}}': 1.0,
        f"autoscaler_ticks_total{{{mine}}}": 1.0,
        f'autoscaler_tick_troubles_total{{{mine},trouble="tick"}}': 0.0,
        f'autoscaler_tick_troubles_total{{{mine},trouble="metrics"}}': 0.0,
        f'autoscaler_tick_troubles_total{{{mine},trouble="forecaster"}}': 0.0,
    }


def test_shows_the_process() -> None:
    metrics = Metrics(version="1.2.3")
    metrics.ticked(make_report(seconds=0.02))

    shown = samples_of(metrics)

    assert shown["autoscaler_tick_seconds_count"] == 1
    assert shown['autoscaler_tick_seconds_bucket{le="0.01"}'] == 0
    assert shown['autoscaler_tick_seconds_bucket{le="0.025"}'] == 1
    assert any(name.startswith("autoscaler_build_info{") and 'version="1.2.3"' in name for name in shown)


def test_what_becomes_unknown_has_no_series_instead_of_its_last_value() -> None:
    metrics = Metrics(version="test")
    metrics.ticked(make_report())

    metrics.ticked(make_failed_report(at=later(60)))

    shown = samples_of(metrics)
    mine = '{cluster="orders"}'
    assert f"autoscaler_cluster_demand_acu{mine}" not in shown
    assert f"autoscaler_cluster_ready_acu{mine}" not in shown
    assert not any(name.startswith("autoscaler_cluster_forecast_acu") for name in shown)
    assert shown[f"autoscaler_cluster_last_success_timestamp_seconds{mine}"] == MONDAY.timestamp()
    assert shown['autoscaler_tick_troubles_total{cluster="orders",trouble="tick"}'] == 1


def test_a_forecast_shows_only_the_levels_and_leads_it_has() -> None:
    """The nearest level would be shown under a wrong name."""
    metrics = Metrics(version="test")
    short = replace(make_forecast(), levels=(0.5, 0.99), demand_acu=((4.0,) * 3, (9.0,) * 3))

    metrics.ticked(make_report(forecast=short))

    shown = [name for name in samples_of(metrics) if "forecast_acu{" in name]
    assert [re.findall(r'="([\d.]+)"', name) for name in shown] == [["300", "0.5"], ["900", "0.5"]]


@pytest.mark.parametrize(
    ("after", "direction"),
    [
        (LOW, "none"),
        (HIGH, "grow"),
        (make_range(1.0, 64.0), "shrink"),
        (make_range(2.0, 64.0, 300), "shrink"),
        (make_range(4.0, 32.0), "both"),
    ],
)
def test_decisions_are_counted_by_the_way_they_go(after: Range, direction: str) -> None:
    metrics = Metrics(version="test")

    metrics.ticked(make_report(decision=make_decision(before=LOW, after=after)))

    assert any(f'direction="{direction}"' in name for name in samples_of(metrics))


def test_a_cluster_that_goes_leaves_no_series() -> None:
    metrics = Metrics(version="test")
    for name in ("orders", "bills"):
        metrics.ticked(make_report(cluster_id=name))

    metrics.retain({"bills"})

    assert {label for name in samples_of(metrics) for label in re.findall('cluster="(.*?)"', name)} == {"bills"}


def test_a_cluster_that_comes_back_is_shown_again() -> None:
    metrics = Metrics(version="test")
    metrics.ticked(make_report())
    metrics.retain(())

    metrics.ticked(make_report())

    assert samples_of(metrics)['autoscaler_ticks_total{cluster="orders"}'] == 1


async def test_measures_how_late_the_event_loop_wakes() -> None:
    metrics, clock = Metrics(version="test"), ManualClock()

    async def late(seconds: float) -> None:
        await clock.sleep(seconds + 0.3)

    watch = asyncio.create_task(metrics.watch_loop(sleep=late, now=lambda: clock.now().timestamp()))
    await clock.advance(3.0)
    watch.cancel()
    with suppress(asyncio.CancelledError):
        await watch

    shown = samples_of(metrics)
    assert shown["autoscaler_loop_lag_seconds_count"] == 2
    assert shown["autoscaler_loop_lag_seconds_sum"] == pytest.approx(0.6, abs=1e-5)


def test_a_replica_that_stands_by_is_no_leader_and_shows_no_cluster() -> None:
    metrics = Metrics(version="test")
    assert "autoscaler_leader 0.0" in metrics.expose()[0].decode()

    metrics.leads(True)
    metrics.ticked(make_report())
    assert "autoscaler_leader 1.0" in metrics.expose()[0].decode()

    metrics.leads(False)
    text = metrics.expose()[0].decode()
    assert "autoscaler_leader 0.0" in text
    assert 'cluster="' not in text


def test_the_kill_switch_is_asked_for_whenever_somebody_reads() -> None:
    metrics, told = Metrics(version="test"), [False]
    metrics.follow_freeze(lambda: told[0])
    before = metrics.expose()[0]
    told[0] = True

    assert b"autoscaler_frozen 0.0\n" in before
    assert b"autoscaler_frozen 1.0\n" in metrics.expose()[0]


def test_orders_that_hold_a_cluster_are_told_of_it_and_counted_over_the_fleet() -> None:
    metrics, until = Metrics(version="test"), later(3600)
    held = {
        "free": NO_CONTROL,
        "overridden": Control(override=Override(range=HIGH, until=until)),
        "frozen": Control(freeze=Freeze(direction=Direction.GROW, until=until)),
        "halted": Control(halted="a test says so"),
    }
    for name, control in held.items():
        metrics.ticked(make_report(cluster_id=name, control=control))
    metrics.ticked(make_failed_report(cluster_id="unknown"))

    shown = samples_of(metrics)
    names = [*held, "unknown"]
    assert {
        gauge: [shown.get(f'autoscaler_cluster_{gauge}{{cluster="{name}"}}') for name in names]
        for gauge in ("overridden", "frozen")
    } == {"overridden": [0, 1, 0, 0, None], "frozen": [0, 0, 1, 1, None]}
    assert (shown["autoscaler_fleet_overridden"], shown["autoscaler_fleet_frozen"]) == (1, 2)


def test_the_bounds_in_force_are_those_of_limits_calendar_and_orders() -> None:
    """The owner allows 0.5 to 64; a schedule opens at 4; a person orders 8 to 16; a freeze holds what is."""
    business = Scheduled(windows=(Window(start="07:00", end="19:00", floor_acu=4),))
    until = later(3600)
    steps: list[tuple[Policy, Control]] = [
        (Reactive(), NO_CONTROL),
        (business, NO_CONTROL),
        (business, Control(override=Override(range=make_range(8, 16), until=until))),
        (Reactive(), Control(freeze=Freeze(direction=Direction.SHRINK, until=until))),
        (Reactive(), Control(halted="a test says so")),
    ]
    found = [
        effective_bounds(make_report(limits=WIDE_LIMITS, policy=policy, control=control)) for policy, control in steps
    ]

    assert found == [(0.5, 64.0), (4.0, 64.0), (8.0, 16.0), (2.0, 64.0), (2.0, 64.0)]


def test_what_was_wished_and_not_done_is_counted_by_its_reason() -> None:
    metrics = Metrics(version="test")
    metrics.ticked(make_report())
    for outcome in ("applied", "refused", "not-enforced"):
        metrics.ticked(make_report(decision=make_decision(after=HIGH), outcome=outcome))

    shown = {name: value for name, value in samples_of(metrics).items() if "skipped" in name}
    assert shown == {
        'autoscaler_skipped_total{cluster="orders",reason="space_the_changes"}': 1.0,
        'autoscaler_skipped_total{cluster="orders",reason="refused"}': 1.0,
        'autoscaler_skipped_total{cluster="orders",reason="not-enforced"}': 1.0,
    }


def test_the_fleet_is_summed_over_what_is_known() -> None:
    metrics = Metrics(version="test")
    for name in ("orders", "bills"):
        metrics.ticked(make_report(cluster_id=name))
    metrics.ticked(make_failed_report(cluster_id="lost"))

    shown = {name: value for name, value in samples_of(metrics).items() if "fleet" in name}
    assert shown["autoscaler_fleet_demand_acu"] == 8.5
    assert shown['autoscaler_fleet_clusters{phase="available"}'] == 2
    assert shown['autoscaler_fleet_clusters{phase="unknown"}'] == 1


def test_a_condition_has_a_series_while_it_lasts() -> None:
    metrics, feed = Metrics(version="test"), Feed()
    metrics.follow_events(feed)
    metrics.ticked(make_report())
    name = 'autoscaler_cluster_condition{cluster="orders",condition="drift"}'
    feed.follow(Kind.DRIFT, True, "changed from outside", cluster_id="orders")
    during = samples_of(metrics)
    feed.follow(Kind.DRIFT, False, "as we left it", cluster_id="orders")
    after = samples_of(metrics)

    assert during[name] == 1
    assert name not in after
    assert after['autoscaler_events_total{kind="drift"}'] == after['autoscaler_events_total{kind="drift-over"}'] == 1


def test_calls_to_providers_are_counted_and_timed() -> None:
    metrics = Metrics(version="test")
    for outcome in ("ok", "ok", "timeout"):
        metrics.calls.called("status", outcome, 0.02)

    shown = samples_of(metrics)
    assert shown['autoscaler_provider_calls_total{call="status",outcome="ok"}'] == 2
    assert shown['autoscaler_provider_call_seconds_count{call="status"}'] == 3


def test_a_budget_shows_what_is_used_and_what_will_be() -> None:
    metrics = Metrics(version="1.2.3")
    day = Spent(period="day", allowed_acu_hours=50, spent_acu_hours=20, projected_acu_hours=60)

    metrics.ticked(make_report(spent=(day,)))

    shown = {name: value for name, value in samples_of(metrics).items() if "cluster_budget" in name}
    mine = 'cluster="orders",period="day"'
    assert shown == {
        f"autoscaler_cluster_budget_used_ratio{{{mine}}}": 0.4,
        f"autoscaler_cluster_budget_projected_ratio{{{mine}}}": 1.2,
    }


def test_a_stored_policy_is_shown_with_its_version() -> None:
    metrics = Metrics(version="1.2.3")
    metrics.ticked(make_report(policy_name="shop", policy_version=3, document_id=7))

    assert samples_of(metrics)[
        'autoscaler_cluster_policy_info{cluster="orders",document="7",policy="shop",version="3"}'
    ]


def test_what_was_saved_is_shown_by_cluster_and_for_the_fleet_until_a_cluster_goes() -> None:
    metrics = Metrics(version="1.2.3")
    before = {name for name in samples_of(metrics) if "_saved_" in name}
    scores = {LEFT_ALONE: Tally(acu_hours=3.0), ACTING: Tally(seconds=3600, acu_hours=1.0)}
    metrics.saved.take(saving_of(name, scores, Prices(usd_per_acu_hour=0.5)) for name in ("orders", "bills"))
    both = samples_of(metrics)
    metrics.retain(["orders"])
    left = samples_of(metrics)

    assert before == set(), "nothing was scored yet"
    assert both['autoscaler_cluster_saved_acu_hours{cluster="bills"}'] == 2.0
    assert both['autoscaler_cluster_saved_usd{cluster="orders"}'] == 1.0
    assert (both["autoscaler_fleet_saved_acu_hours"], both["autoscaler_fleet_saved_usd"]) == (4.0, 2.0)
    assert 'autoscaler_cluster_saved_usd{cluster="bills"}' not in left
    assert left["autoscaler_fleet_saved_usd"] == 1.0
