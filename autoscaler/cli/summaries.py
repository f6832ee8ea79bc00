"""A backtest's numbers on the terminal."""

from pathlib import Path

from rich.markup import escape

from autoscaler.backtest.compare import Comparison
from autoscaler.backtest.reports.measures import verdict
from autoscaler.backtest.reports.side_by_side import HEADS, bounds, cells
from autoscaler.backtest.reports.words import told_number, told_percent, told_ratio, told_seconds, told_usd
from autoscaler.backtest.summary import Summary
from autoscaler.cli.show import new_table, stdout


def print_summary(summary: Summary, out: Path | None) -> None:
    """One run in a dozen lines."""
    console = stdout()
    console.print(f"[bold]{escape(summary.policy)}[/bold] on {_where(summary)}")
    table = new_table("", "", "")
    table.show_header = False
    for name, figure, rest in _lines(summary):
        table.add_row(name, f"[bold]{figure}[/bold]", rest)
    console.print(table)
    console.print(f"\n{verdict(summary)}")
    if out is not None:
        console.print(f"Everything is in {out}; look at {out / 'report.html'}", style="dim")


def print_comparison(comparison: Comparison, out: Path | None) -> None:
    """A column for each policy, the best of each line marked; beside them the optimum and the reference."""
    console = stdout()
    first = comparison.entries[0].outcome.summary
    console.print(f"{len(comparison.entries)} policies on {_where(first)}")
    names = [escape(entry.name) for entry in comparison.entries]
    beside = bounds(first)
    table = new_table("", *names, *beside, numbers=[*names, *beside])
    told = {entry.name: cells(entry) for entry in comparison.entries}
    for measure, head in HEADS.items():
        best = comparison.best(measure)
        marked = (f"[bold green]* {told[name][measure]}[/]" if name in best else told[name][measure] for name in told)
        table.add_row(head, *marked, *(f"[dim]{figures.get(measure, '')}[/]" for figures in beside.values()))
    console.print(table)
    console.print(
        f"\n* the best of a line. Priced: ACU-hours + {comparison.throttling_price:g} x throttled ACU-hours.",
        style="dim",
    )
    if out is not None:
        console.print(f"Everything is in {out}; look at {out / 'report.html'}", style="dim")


def _where(s: Summary) -> str:
    span = f"{_minute(s.start)} to {_minute(s.end)} UTC, {s.steps:,} steps"
    return f"{escape(s.cluster)}, {escape(s.trace)}\n[dim]{span}[/]\n"


def _lines(s: Summary) -> list[tuple[str, str, str]]:
    pauses = f"{s.cold_hits:,} met by a client, who waited {told_seconds(s.cold_wait_seconds)} in all"
    return [
        ("cost", f"{told_number(s.acu_hours)} ACU-hours", told_usd(s.usd)),
        *_reads(s),
        ("cost ratio", told_ratio(s.cost_ratio), f"reference {told_number(s.reference_acu_hours)} ACU-hours"),
        ("optimum", told_number(s.optimum_acu_hours), "ACU-hours, the least without throttling"),
        (
            "throttled",
            told_percent(s.throttled_work_fraction),
            f"of the work, {told_percent(s.throttled_time_fraction)} of the time",
        ),
        (
            "utilization",
            told_percent(s.utilization_p50),
            f"median, {told_percent(s.utilization_p95)} p95, {told_percent(s.utilization_p99)} p99",
        ),
        ("range changes", f"{s.range_changes:,}", ""),
        ("wakes", f"{s.wakes:,}", pauses if s.wakes or s.cold_hits else ""),
        ("paused", f"{told_number(s.paused_hours)} h", f"awake and idle for {told_number(s.awake_idle_hours)} h"),
        (
            "below the need",
            told_percent(s.under_accuracy),
            f"of it missing on average; {told_percent(s.under_timeshare)} of the time",
        ),
        (
            "above the need",
            told_percent(s.over_accuracy),
            f"of it on top on average; {told_percent(s.over_timeshare)} of the time",
        ),
        ("instability", told_percent(s.instability), "of the steps"),
        ("took", told_seconds(s.wall_seconds), ""),
    ]


def _reads(s: Summary) -> list[tuple[str, str, str]]:
    """Where a working set is known."""
    if s.million_reads == 0:
        return []
    return [
        ("read", f"{told_number(s.million_reads)} million pages", f"from storage, {told_usd(s.reads_usd)} of the cost")
    ]


def _minute(text: str) -> str:
    return text.replace("T", " ").removesuffix("Z")[:16]
