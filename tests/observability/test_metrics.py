"""The metrics: what they show, and what leaves them again."""

import asyncio
import re
from contextlib import suppress
from dataclasses import replace

import pytest

from autoscaler.core.capacity import Range
from autoscaler.observability.metrics import Metrics
from tests.api.fleet import HIGH, LOW, make_decision, make_failed_report, make_forecast, make_report
from tests.fakes import MONDAY, ManualClock, later, make_range


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
