"""Who slept when: idle, awake, paused and cold hits of several runs, one lane each."""

from collections.abc import Sequence
from html import escape

from autoscaler.backtest.reports.axes import Frame, bottom_axis, time_ticks
from autoscaler.backtest.reports.charts import boxes, path, spans, svg
from autoscaler.backtest.reports.page import chart, legend, section, table
from autoscaler.backtest.reports.track import Track
from autoscaler.backtest.reports.words import told_number, told_seconds
from autoscaler.backtest.summary import Summary
from autoscaler.core.capacity import SECONDS_PER_HOUR

LANE_PIXELS, LABEL_PIXELS = 30, 110
KEY = (
    ("background:var(--demand)", "", "in use"),
    ("background:var(--band);opacity:.5", "", "idle, awake"),
    ("background:var(--paused)", "", "paused"),
    ("background:var(--throttled)", "thin", "cold hit"),
)
HEAD = ("policy", "idle, awake", "paused", "cold hits", "waited")


def sleep_section(tracks: Sequence[Track], summaries: Sequence[Summary]) -> str:
    """A card with the lanes and the sums; nothing where nobody ever paused."""
    if not any(track.paused.any() for track in tracks):
        return ""
    lead = (
        "A cold hit is a client that meets a paused cluster. The clairvoyant sleeps through every idle moment and "
        "keeps nobody waiting."
    )
    return section("Idle, awake, paused", lead, legend(KEY), chart(_drawing(tracks)), _sums(tracks, summaries))


def _drawing(tracks: Sequence[Track]) -> str:
    first = tracks[0]
    frame = Frame(
        start=first.start,
        begin=0.0,
        end=first.seconds,
        most=1.0,
        left=LABEL_PIXELS,
        top=6,
        height=LANE_PIXELS * len(tracks) + 34,
    )
    lanes = (_lane(frame, track, frame.top + LANE_PIXELS * place) for place, track in enumerate(tracks))
    return svg(
        frame,
        "".join(lanes) + bottom_axis(frame, time_ticks(frame)),
        title="When each policy was in use, idle and awake, or paused",
        description=" ".join(_described(track) for track in tracks),
        name="sleep",
    )


def _lane(frame: Frame, track: Track, top: float) -> str:
    used = track.demand_acu > 0
    label = f'<text class="tick" x="{frame.left - 8}" y="{top + 17}" text-anchor="end">{escape(track.name)}</text>'

    def strip(style: str, where: Sequence[tuple[float, float]], height: float = 18.0) -> str:
        return path(style, boxes(frame, where, top=top + 4, bottom=top + 4 + height))

    return (
        label
        + strip("paused", spans(frame, track.paused, track.step_seconds))
        + strip("band", spans(frame, ~used & ~track.paused, track.step_seconds))
        + strip("demand", spans(frame, used, track.step_seconds))
        + strip("throttled", spans(frame, track.cold, track.step_seconds), 24.0)
    )


def _sums(tracks: Sequence[Track], summaries: Sequence[Summary]) -> str:
    rows = [
        [
            (track.name, ""),
            (f"{told_number(summary.awake_idle_hours)} h", "number"),
            (f"{told_number(summary.paused_hours)} h", "number"),
            (f"{summary.cold_hits:,}", "number"),
            (told_seconds(summary.cold_wait_seconds), "number"),
        ]
        for track, summary in zip(tracks, summaries, strict=True)
    ]
    first = tracks[0]
    idle_hours = float(((first.demand_acu <= 0) & first.scored).sum()) * first.step_seconds / SECONDS_PER_HOUR
    least = ("0 h", f"{told_number(idle_hours)} h", "0", told_seconds(0.0))
    rows.append([("clairvoyant", ""), *((figure, "number soft") for figure in least)])
    return table("", HEAD, rows)


def _described(track: Track) -> str:
    hours = track.step_seconds / SECONDS_PER_HOUR
    asleep = told_number(float(track.paused.sum()) * hours)
    return f"{track.name} is paused for {asleep} h and meets {int(track.cold.sum())} clients so."
