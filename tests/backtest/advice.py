"""Advice and findings as values, for those who only tell of them."""

from dataclasses import replace

import numpy as np

from autoscaler.backtest.advice import Advice, Confidence, Finding, Kind, Option
from tests.backtest.builders import START


def make_option(name: str, *, kind: Kind = Kind.OURS, usd: float = 100.0, throttled: float = 0.0) -> Option:
    """Throttled work doubles its price; today costs 200."""
    priced = usd * (2.0 if throttled else 1.0)
    return Option(
        name=name,
        kind=kind,
        setting=f"as {name}",
        usd_per_month=usd,
        throttled_work_fraction=throttled,
        priced_usd_per_month=priced,
        saving_usd_per_month=200.0 - priced,
        saving_low_usd_per_month=190.0 - priced,
        saving_high_usd_per_month=210.0 - priced,
        cold_hits_per_month=0.0,
    )


ADVICE = Advice(
    trace="orders",
    region="us-east-1",
    storage="standard",
    prices_of="2025-08-05",
    days=16,
    measured_days=8,
    throttling_price=50.0,
    options=(
        make_option("today", kind=Kind.TODAY, usd=200.0),
        make_option("auto"),
        make_option("provisioned r6g", kind=Kind.COMPARISON, usd=400.0, throttled=0.02),
    ),
    best="auto",
    saving_usd_per_month=100.0,
    confidence=Confidence.HIGH,
    min_acu=1.0,
    max_acu=8.0,
    pause_after_seconds=None,
)


def make_finding(trace: str = "orders", saving: float = 100.0) -> Finding:
    """Two days of demand, of which one was measured."""
    return Finding(
        advice=replace(ADVICE, trace=trace, saving_usd_per_month=saving),
        today_acu=4.0,
        start=START,
        hourly_peak_acu=np.array([2.0, np.nan, 3.0]),
        saved_usd=np.array([3.0, -1.0]),
    )
