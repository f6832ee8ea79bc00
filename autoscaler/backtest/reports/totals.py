"""Charts of what adds up over a run: cost and throttled work."""

from collections.abc import Sequence
from html import escape

import numpy as np

from autoscaler.backtest.reports.axes import Frame, axes
from autoscaler.backtest.reports.charts import area_between, line, path, svg
from autoscaler.backtest.reports.track import Floats, Track
from autoscaler.backtest.reports.words import told_number
from autoscaler.core.capacity import SECONDS_PER_HOUR

LABEL_PIXELS = 16
RIGHT_MARGIN = 210
REFERENCE, OPTIMUM = "var(--reference)", "var(--ink)"

Ends = list[tuple[str, float, str]]


def cost_over_time(tracks: Sequence[Track], colours: Sequence[str], optimum_acu_hours: float | None) -> str:
    """ACU-hours summed up over the scored steps, beside the reference and the optimum's total."""
    sums = [_summed(track, track.capacity_acu) for track in tracks]
    reference = _summed(tracks[0], tracks[0].need_acu)
    frame = _frame(tracks[0], [*sums, reference], height=270)
    step = tracks[0].step_seconds
    ends = [*_ends(tracks, sums, colours), ("reference", float(reference[-1]), REFERENCE)]
    optimum = ""
    if optimum_acu_hours is not None:
        ends.append(("optimum", optimum_acu_hours, OPTIMUM))
        optimum = path("optimum", f"M{frame.left} {frame.y(optimum_acu_hours):g}H{frame.x(frame.end):g}")
    content = (
        axes(frame, "ACU-hours, summed up")
        + (path("excess", area_between(frame, sums[0], reference, step)) if len(sums) == 1 else "")
        + optimum
        + path("reference", line(frame, reference, step))
        + "".join(path("series", line(frame, each, step), colour) for each, colour in zip(sums, colours, strict=True))
        + _end_labels(frame, ends)
    )
    return svg(frame, content, title="Cost over time", description=_told(ends, "ACU-hours"), name="cost")


def throttled_over_time(tracks: Sequence[Track], colours: Sequence[str]) -> str:
    """Throttled ACU-hours summed up over the scored steps."""
    sums = [_summed(track, track.throttled_acu_seconds / track.step_seconds) for track in tracks]
    frame, step = _frame(tracks[0], sums, height=240), tracks[0].step_seconds
    ends = _ends(tracks, sums, colours)
    content = (
        axes(frame, "throttled ACU-hours, summed up")
        + "".join(path("series", line(frame, each, step), colour) for each, colour in zip(sums, colours, strict=True))
        + _end_labels(frame, ends)
    )
    told = _told(ends, "throttled ACU-hours")
    return svg(frame, content, title="Throttled work over time", description=told, name="throttled")


def throttled_acu_hours(track: Track) -> float:
    """All throttled work of the scored steps."""
    return float(track.throttled_acu_seconds[track.scored].sum()) / SECONDS_PER_HOUR


def _frame(track: Track, sums: Sequence[Floats], *, height: int) -> Frame:
    most = max(float(values[-1]) for values in sums) or 1.0
    return Frame(start=track.start, begin=0, end=track.seconds, most=1.06 * most, height=height, right=RIGHT_MARGIN)


def _summed(track: Track, acu: Floats) -> Floats:
    return np.cumsum(acu * track.scored) * (track.step_seconds / SECONDS_PER_HOUR)


def _ends(tracks: Sequence[Track], sums: Sequence[Floats], colours: Sequence[str]) -> Ends:
    return [(track.name, float(each[-1]), colour) for track, each, colour in zip(tracks, sums, colours, strict=True)]


def _end_labels(frame: Frame, ends: Ends) -> str:
    """A dot and a label at the right end of each line; labels give way to each other, upwards from the base."""
    parts, lowest = [], float(frame.base + LABEL_PIXELS)
    edge = frame.x(frame.end)
    for label, value, colour in sorted(ends, key=lambda end: end[1]):
        y = frame.y(value)
        lowest = min(y, lowest - LABEL_PIXELS)
        parts.append(f'<circle cx="{edge:g}" cy="{y:g}" r="3.5" style="fill:{colour}"/>')
        parts.append(f'<path class="grid" d="M{edge + 5:g} {y:g}L{edge + 14:g} {lowest:g}"/>')
        told = escape(f"{label} {told_number(value)}")
        parts.append(f'<text class="label" x="{edge + 18:g}" y="{lowest + 4:g}" style="fill:{colour}">{told}</text>')
    return "".join(parts)


def _told(ends: Ends, unit: str) -> str:
    return f"{unit} at the end: " + ", ".join(f"{label} {told_number(total)}" for label, total, _ in ends) + "."
