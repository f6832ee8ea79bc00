"""The report of one run: report.html."""

from dataclasses import dataclass

from autoscaler.backtest.reports.measures import measures, verdict
from autoscaler.backtest.reports.page import chart, legend, page, pairs, section, table, tiles
from autoscaler.backtest.reports.plots import Stretch, course
from autoscaler.backtest.reports.settings import settings
from autoscaler.backtest.reports.totals import cost_over_time
from autoscaler.backtest.reports.track import LEAD_SECONDS, Diary, Track, episodes, worst_moment
from autoscaler.backtest.reports.words import (
    UNDEFINED,
    told_moment,
    told_number,
    told_percent,
    told_ratio,
    told_seconds,
    told_usd,
)
from autoscaler.backtest.request import Request
from autoscaler.backtest.run import Plan
from autoscaler.backtest.summary import Summary

CLOSE_LOOK_SECONDS = 6 * 3600.0
MOST_EPISODES = 12
# A run this much longer than the close look gets one.
WORTH_A_CLOSE_LOOK = 2.0
BAD_FRACTION = 0.005  # half a percent of throttled work is what the evaluation grants


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that a report tells of."""

    request: Request
    plan: Plan
    summary: Summary
    track: Track
    diary: Diary


def report(findings: Findings) -> str:
    """The whole page."""
    summary = findings.summary
    return page(
        title=f"{summary.policy} on {summary.trace}",
        heading=f"{summary.policy} on {summary.cluster}",
        subtitle=(
            f"{summary.trace} · {_moment(summary.start)} to {_moment(summary.end)} UTC · "
            f"{summary.steps:,} steps of {told_seconds(findings.plan.step_seconds)}"
        ),
        body=[
            _figures(summary),
            _whole_run(findings),
            _close_look(findings),
            _cost(findings),
            _throttling(findings),
            _decisions(findings),
            section("All measures", "Only measured steps after the start of scoring count.", _measures(summary)),
            settings(findings.request, findings.plan),
        ],
        closing=f"Computed in {told_seconds(summary.wall_seconds)} by",
    )


def key_of_the_course(track: Track, diary: Diary) -> str:
    """What the lines and colours of the course chart mean."""
    items = [
        ("background:var(--demand)", "", "demand (paler: its peaks)"),
        ("background:var(--capacity)", "thin", "capacity"),
        ("background:var(--floor)", "thin", "floor"),
        ("background:var(--throttled)", "", "throttled"),
    ]
    if diary.band:
        words = f"forecast {told_seconds(LEAD_SECONDS)} ahead, median to 95 %"
        items.insert(3, ("background:var(--band);opacity:.5", "", words))
    if not track.scored.all():
        items.append(("background:var(--soft);opacity:.3", "", "not scored"))
    return legend(items)


def _figures(summary: Summary) -> str:
    paused = f"wakes, {summary.cold_hits:,} by a client who had to wait" if summary.wakes else "wakes from a pause"
    lost = summary.throttled_work_fraction
    return tiles(
        [
            (told_ratio(summary.cost_ratio), "cost ratio (1 = always just enough)", False),
            (told_number(summary.acu_hours), f"ACU-hours, {told_usd(summary.usd)}", False),
            (told_percent(lost), "of the work throttled", lost is not None and lost > BAD_FRACTION),
            (f"{summary.range_changes:,}", "changes of the range", False),
            (f"{summary.wakes:,}", paused, False),
        ]
    )


def _whole_run(findings: Findings) -> str:
    track, diary = findings.track, findings.diary
    drawing = course(track, diary, Stretch(begin=0, end=track.seconds), name="course")
    return section("Demand and capacity", verdict(findings.summary), key_of_the_course(track, diary), chart(drawing))


def _close_look(findings: Findings) -> str:
    stretch = close_look([findings.track])
    if stretch is None:
        return ""
    lead = told_close_look([findings.track], stretch)
    drawing = course(findings.track, findings.diary, stretch, name="close")
    return section("A closer look", lead, key_of_the_course(findings.track, findings.diary), chart(drawing))


def close_look(tracks: list[Track]) -> Stretch | None:
    """The hours around the worst moment of some runs; None when they are short enough to see everything."""
    seconds = tracks[0].seconds
    if seconds < WORTH_A_CLOSE_LOOK * CLOSE_LOOK_SECONDS:
        return None
    begin = min(max(worst_moment(tracks) - CLOSE_LOOK_SECONDS / 2, 0), seconds - CLOSE_LOOK_SECONDS)
    return Stretch(begin=begin, end=begin + CLOSE_LOOK_SECONDS)


def told_close_look(tracks: list[Track], stretch: Stretch) -> str:
    """Which hours these are."""
    what = "the worst throttling" if any(episodes(track) for track in tracks) else "the highest demand"
    return (
        f"The {told_seconds(CLOSE_LOOK_SECONDS)} around {what}, from {told_moment(tracks[0].at(stretch.begin))} UTC on."
    )


def _cost(findings: Findings) -> str:
    drawing = cost_over_time([findings.track], ["var(--capacity)"], findings.summary.optimum_acu_hours)
    lead = (
        "Reference: what a cluster that always had just enough would use. Optimum: the least without throttling "
        "when everything is known beforehand; only its total is known."
    )
    return section("Cost over time", lead, chart(drawing))


def _throttling(findings: Findings) -> str:
    track, diary = findings.track, findings.diary
    found = episodes(track)
    if not found:
        return section("Where it throttled", "Nowhere.")
    total = sum(episode.throttled_acu_seconds for episode in found)
    rows = []
    for episode in found[:MOST_EPISODES]:
        last = diary.last_change_before(track.at(episode.begin))
        told = UNDEFINED if last is None else f"{last.at:%m-%d %H:%M} {last.reason}"
        rows.append(
            [
                (told_moment(track.at(episode.begin)), ""),
                (told_seconds(episode.end - episode.begin), "number"),
                (told_percent(episode.throttled_acu_seconds / total), "number"),
                (told_number(episode.peak_demand_acu), "number"),
                (told_number(episode.capacity_acu), "number"),
                (told_number(episode.floor_acu), "number"),
                (told, "soft"),
            ]
        )
    head = ("begin (UTC)", "lasted", "of all throttled", "demand, ACU", "capacity", "floor", "last change before")
    caption = f"The {len(rows)} worst of {len(found):,} episodes; capacity and floor as they began."
    return section("Where it throttled", "", table(caption, head, rows))


def _decisions(findings: Findings) -> str:
    diary = findings.diary
    held = [
        (rule.replace("_", " "), f"{count:,}", "decisions that would have changed the range")
        for rule, count in diary.held_back.most_common()
    ]
    lead = f"{diary.decisions:,} decisions, {len(diary.changes):,} of them changes."
    return section("Decisions", lead, pairs("What the rules held back:", held) if held else "")


def _measures(summary: Summary) -> str:
    return pairs("As in summary.json.", measures(summary))


def _moment(text: str) -> str:
    return text.replace("T", " ").removesuffix("Z")[:16]
