"""Each measure of a run with its value as people read it, and what it means."""

from autoscaler.backtest.reports.words import told_number, told_percent, told_ratio, told_seconds, told_usd
from autoscaler.backtest.summary import Summary


def measures(summary: Summary) -> list[tuple[str, str, str]]:
    """(key, value, meaning) for every measure, in the order of the summary."""
    s = summary
    return [
        ("acu_hours", told_number(s.acu_hours), "capacity held, summed over all instances"),
        ("usd", told_usd(s.usd), "what that costs at the list price, reads included"),
        ("reads_usd", told_usd(s.reads_usd), "of that, pages read from storage"),
        (
            "million_reads",
            told_number(s.million_reads),
            "pages read from storage, in millions; none without a working set",
        ),
        ("reference_acu_hours", told_number(s.reference_acu_hours), "what always having just enough would use"),
        ("cost_ratio", told_ratio(s.cost_ratio), "ACU-hours over reference"),
        ("optimum_acu_hours", told_number(s.optimum_acu_hours), "the least without throttling, all known beforehand"),
        ("throttled_work_fraction", told_percent(s.throttled_work_fraction), "of the work, not served within its step"),
        ("throttled_time_fraction", told_percent(s.throttled_time_fraction), "of the time, with work throttled"),
        ("utilization_p50", told_percent(s.utilization_p50), "of the capacity in use while awake, median"),
        ("utilization_p95", told_percent(s.utilization_p95), "95th percentile"),
        ("utilization_p99", told_percent(s.utilization_p99), "99th percentile"),
        ("wakes", f"{s.wakes:,}", "times the cluster came back from a pause"),
        ("cold_hits", f"{s.cold_hits:,}", "times a client met a paused cluster"),
        ("cold_wait_seconds", told_seconds(s.cold_wait_seconds), "that clients waited for a resume, in all"),
        ("awake_idle_hours", told_number(s.awake_idle_hours), "hours awake with nothing to do"),
        ("paused_hours", told_number(s.paused_hours), "hours paused"),
        ("range_changes", f"{s.range_changes:,}", "changes of the range"),
        ("under_accuracy", told_percent(s.under_accuracy), "of the need missing, on average"),
        ("over_accuracy", told_percent(s.over_accuracy), "of the need held on top, on average"),
        ("under_timeshare", told_percent(s.under_timeshare), "of the time below the need"),
        ("over_timeshare", told_percent(s.over_timeshare), "of the time above the need"),
        ("instability", told_percent(s.instability), "of the steps, capacity and need moved differently"),
    ]


def verdict(summary: Summary) -> str:
    """The run in one sentence."""
    work = summary.throttled_work_fraction
    lost = "there was no work" if work is None else f"{told_percent(work)} of the work was throttled"
    if work == 0:
        lost = "nothing was throttled"
    if summary.cost_ratio is None:
        return f"It used {told_number(summary.acu_hours)} ACU-hours where none were needed, and {lost}."
    extra = summary.cost_ratio - 1
    against = f"{told_percent(abs(extra))} {'more' if extra >= 0 else 'less'} than"
    return f"It used {against} a cluster that always had just enough, and {lost}."
