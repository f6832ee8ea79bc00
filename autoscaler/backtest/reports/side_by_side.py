"""The report of a comparison."""

from pathlib import Path

from autoscaler.backtest.compare import COMPARISON, LOWER_IS_BETTER, Comparison, Entry
from autoscaler.backtest.outputs import REPORT, OutputFolder
from autoscaler.backtest.reports.frontier import Point, frontier
from autoscaler.backtest.reports.one_run import close_look, told_close_look
from autoscaler.backtest.reports.page import chart, legend, page, preformatted, section, table
from autoscaler.backtest.reports.plots import Stretch, overlaid
from autoscaler.backtest.reports.settings import command_line
from autoscaler.backtest.reports.sleeping import sleep_section
from autoscaler.backtest.reports.totals import cost_over_time, throttled_acu_hours, throttled_over_time
from autoscaler.backtest.reports.track import Track
from autoscaler.backtest.reports.words import (
    UNDEFINED,
    told_number,
    told_percent,
    told_ratio,
    told_seconds,
    told_usd,
)
from autoscaler.backtest.summary import Summary

COLOURS = tuple(f"var(--c{number})" for number in range(8))
HEADS = {
    "cost_ratio": "cost ratio",
    "acu_hours": "ACU-hours",
    "usd": "USD",
    "throttled_work_fraction": "work throttled",
    "throttled_time_fraction": "time throttled",
    "range_changes": "changes",
    "wakes": "wakes",
    "cold_hits": "cold hits",
    "priced_acu_hours": "priced",
}


def write_comparison(comparison: Comparison, out: Path) -> None:
    """The report and the numbers of a comparison; the runs' own outputs are in folders beside them."""
    with OutputFolder(out, summary=COMPARISON) as outputs:
        outputs.write_text(REPORT, comparison_report(comparison))
        outputs.write_json(COMPARISON, comparison.document())


def comparison_report(comparison: Comparison) -> str:
    """The whole page."""
    tracks = [entry.outcome.track for entry in comparison.entries]
    colours = [COLOURS[place % len(COLOURS)] for place in range(len(tracks))]
    first = comparison.entries[0].outcome.summary
    names = ", ".join(entry.name for entry in comparison.entries)
    spent = sum(entry.outcome.summary.wall_seconds for entry in comparison.entries)
    return page(
        title=f"{names} on {first.trace}",
        heading=f"{names} on {first.cluster}",
        subtitle=f"{first.trace} · {_minute(first.start)} to {_minute(first.end)} UTC · {first.steps:,} steps each",
        body=[
            section("Side by side", _lead(comparison), _table(comparison), _links(comparison)),
            _frontier(comparison, colours),
            *_courses(tracks, colours),
            sleep_section(tracks, [entry.outcome.summary for entry in comparison.entries]),
            section(
                "Cost over time",
                "Reference: what a cluster that always had just enough would use.",
                chart(cost_over_time(tracks, colours, first.optimum_acu_hours)),
            ),
            _throttled(tracks, colours),
            section("Settings", "The command that makes this report again.", preformatted(_command(comparison))),
        ],
        closing=f"Computed in {told_seconds(spent)} of all runs together by",
    )


def cells(entry: Entry) -> dict[str, str]:
    """The figures of one policy as people read them, by measure."""
    s = entry.outcome.summary
    return {
        "cost_ratio": told_ratio(s.cost_ratio),
        "acu_hours": told_number(s.acu_hours),
        "usd": told_usd(s.usd),
        "throttled_work_fraction": told_percent(s.throttled_work_fraction),
        "throttled_time_fraction": told_percent(s.throttled_time_fraction),
        "range_changes": f"{s.range_changes:,}",
        "wakes": f"{s.wakes:,}",
        "cold_hits": f"{s.cold_hits:,}",
        "priced_acu_hours": told_number(entry.priced_acu_hours),
    }


def bounds(summary: Summary) -> dict[str, dict[str, str]]:
    """What stands beside the policies: the optimum and the reference, with the figures they have."""
    optimum, reference = summary.optimum_acu_hours, summary.reference_acu_hours
    ratio = None if optimum is None or reference <= 0 else optimum / reference
    capacity_usd = summary.usd - summary.reads_usd
    usd_per_acu_hour = capacity_usd / summary.acu_hours if summary.acu_hours else 0.0
    return {
        "optimum": {
            "cost_ratio": told_ratio(ratio),
            "acu_hours": told_number(optimum),
            "usd": UNDEFINED if optimum is None else told_usd(optimum * usd_per_acu_hour),
        },
        "reference": {
            "cost_ratio": told_ratio(1.0 if reference > 0 else None),
            "acu_hours": told_number(reference),
            "usd": told_usd(reference * usd_per_acu_hour),
        },
    }


def _lead(comparison: Comparison) -> str:
    return (
        f"Priced: ACU-hours and, on top, the throttled ones times {comparison.throttling_price:g} (the throttling "
        "price). A star marks the best of a column."
    )


def _table(comparison: Comparison) -> str:
    best = {measure: comparison.best(measure) for measure in LOWER_IS_BETTER}
    rows = []
    for entry in comparison.entries:
        told = cells(entry)
        marks = ["number best" if entry.name in best.get(measure, ()) else "number" for measure in HEADS]
        rows.append([(entry.name, ""), *((told[measure], mark) for measure, mark in zip(HEADS, marks, strict=True))])
    for name, told in bounds(comparison.entries[0].outcome.summary).items():
        rows.append([(name, ""), *((told.get(measure, ""), "number soft") for measure in HEADS)])
    return table("", ["policy", *HEADS.values()], rows, kind="stars")


def _frontier(comparison: Comparison, colours: list[str]) -> str:
    points = []
    for entry, colour in zip(comparison.entries, colours, strict=True):
        summary = entry.outcome.summary
        if summary.cost_ratio is not None and summary.throttled_work_fraction is not None:
            points.append(
                Point(
                    name=entry.name,
                    cost_ratio=summary.cost_ratio,
                    throttled_fraction=summary.throttled_work_fraction,
                    colour=colour,
                )
            )
    if not points:
        return ""
    first = comparison.entries[0].outcome.summary
    if first.optimum_acu_hours is not None:
        ratio = first.optimum_acu_hours / first.reference_acu_hours
        points.append(Point(name="optimum", cost_ratio=ratio, throttled_fraction=0.0, colour="var(--ink)"))
    lead = "The nearer to the lower left corner, the better; a policy is judged by both, never by one of them."
    return section("Cost against throttling", lead, chart(frontier(points)))


def _courses(tracks: list[Track], colours: list[str]) -> list[str]:
    """The whole run and the hours around the worst moment of all."""
    key = legend(
        [("background:var(--demand)", "", "demand (paler: its peaks)")]
        + [(f"background:{colour}", "thin", track.name) for track, colour in zip(tracks, colours, strict=True)]
    )
    whole = Stretch(begin=0, end=tracks[0].seconds)
    found = [
        section("Demand and capacity", "", key, chart(overlaid(tracks, colours, whole, name="course"))),
    ]
    close = close_look(tracks)
    if close is not None:
        found.append(
            section(
                "A closer look",
                told_close_look(tracks, close),
                key,
                chart(overlaid(tracks, colours, close, name="close")),
            )
        )
    return found


def _throttled(tracks: list[Track], colours: list[str]) -> str:
    if not any(throttled_acu_hours(track) > 0 for track in tracks):
        return section("Throttled work over time", "None of them throttled anything.")
    return section("Throttled work over time", "", chart(throttled_over_time(tracks, colours)))


def _links(comparison: Comparison) -> str:
    links = ", ".join(f'<a href="{entry.folder}/report.html">{entry.folder}</a>' for entry in comparison.entries)
    return f"<p>Each in full: {links}</p>"


def _command(comparison: Comparison) -> str:
    policies = ",".join(entry.policy for entry in comparison.entries)
    return command_line("compare", comparison.request, policies=policies)


def _minute(text: str) -> str:
    return text.replace("T", " ").removesuffix("Z")[:16]
