"""Drawing in SVG: lines and areas that keep their spikes however long the run is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from autoscaler.backtest.reports.axes import Frame

Floats = NDArray[np.float64]

# More values than this for each pixel, and only their extremes are drawn.
MOST_STEPS_PER_PIXEL = 2


@dataclass(frozen=True, slots=True, eq=False)
class Buckets:
    """Neighbouring steps taken together: one bucket for each pixel; arrays of one length."""

    seconds: Floats
    low: Floats
    high: Floats
    mean: Floats


def bucketed(values: Floats, *, begin: float, step_seconds: float, count: int) -> Buckets:
    """Least, largest and mean value of ``count`` buckets, so that no spike gets lost."""
    edges = np.unique(np.linspace(0, len(values), min(count, len(values)) + 1).astype(int)[:-1])
    sizes = np.diff(np.append(edges, len(values)))
    return Buckets(
        begin + edges.astype(np.float64) * step_seconds,
        np.minimum.reduceat(values, edges),
        np.maximum.reduceat(values, edges),
        np.add.reduceat(values, edges) / sizes,
    )


def line(frame: Frame, values: Floats, step_seconds: float) -> str:
    """The path of a value that holds for a step; of crowded steps both extremes are drawn."""
    shown, begin = _visible(frame, values, step_seconds)
    if len(shown) <= MOST_STEPS_PER_PIXEL * frame.plot_width:
        return _stairs(frame, begin + np.arange(len(shown), dtype=np.float64) * step_seconds, shown)
    found = bucketed(shown, begin=begin, step_seconds=step_seconds, count=frame.plot_width)
    path = [f"M{frame.x(found.seconds[0]):g} {frame.y(found.low[0]):g}"]
    here = frame.y(found.low[0])
    for seconds, low, high in zip(found.seconds.tolist(), found.low.tolist(), found.high.tolist(), strict=True):
        ends = sorted({frame.y(low), frame.y(high)}, key=lambda y: abs(y - here))
        if ends != [here]:
            path.append(f"H{frame.x(seconds):g}" + "".join(f"V{y:g}" for y in ends))
            here = ends[-1]
    path.append(f"H{frame.x(frame.end):g}")
    return "".join(path)


def area(frame: Frame, values: Floats, step_seconds: float, *, highest: bool) -> str:
    """The path of an area below a value: below its mean, or below the highest of each bucket."""
    shown, begin = _visible(frame, values, step_seconds)
    found = bucketed(shown, begin=begin, step_seconds=step_seconds, count=frame.plot_width)
    top = _stairs(frame, found.seconds, found.high if highest else found.mean)
    return f"M{frame.x(begin):g} {frame.base}V{top.split(' ', 1)[1]}V{frame.base}Z"


def area_between(frame: Frame, one: Floats, other: Floats, step_seconds: float) -> str:
    """The path of the area between two values of the whole run."""
    count = frame.plot_width // 2
    upper = bucketed(one, begin=0.0, step_seconds=step_seconds, count=count)
    lower = bucketed(other, begin=0.0, step_seconds=step_seconds, count=count)
    corners = [
        *zip(upper.seconds.tolist(), upper.mean.tolist(), strict=True),
        (frame.end, float(one[-1])),
        (frame.end, float(other[-1])),
        *reversed(list(zip(lower.seconds.tolist(), lower.mean.tolist(), strict=True))),
    ]
    return "M" + "L".join(f"{frame.x(seconds):g} {frame.y(value):g}" for seconds, value in corners) + "Z"


def band(frame: Frame, pieces: Sequence[tuple[float, float, float, float]]) -> str:
    """The path of a band from (begin, end, low, high) pieces; times that are missing break it."""
    visible = [piece for piece in pieces if piece[1] > frame.begin and piece[0] < frame.end]
    runs: list[list[tuple[float, float, float, float]]] = []
    for piece in _thinned(visible, frame.plot_width):
        if runs and piece[0] <= runs[-1][-1][1] + 1:
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return "".join(_band_of(frame, run) for run in runs)


def spans(frame: Frame, flags: NDArray[np.bool_], step_seconds: float) -> list[tuple[float, float]]:
    """Where flags are set, as (begin, end) in seconds; what is closer than a pixel is one."""
    steps = np.flatnonzero(flags)
    steps = steps[((steps + 1) * step_seconds > frame.begin) & (steps * step_seconds < frame.end)]
    if not len(steps):
        return []
    pixel_steps = (frame.end - frame.begin) / frame.plot_width / step_seconds
    apart = np.flatnonzero(np.diff(steps) > max(1.0, pixel_steps))
    firsts = np.concatenate(([0], apart + 1))
    lasts = np.concatenate((apart, [len(steps) - 1]))
    return [
        (max(float(steps[first]) * step_seconds, frame.begin), min(float(steps[last] + 1) * step_seconds, frame.end))
        for first, last in zip(firsts, lasts, strict=True)
    ]


def boxes(frame: Frame, where: Iterable[tuple[float, float]], *, top: float, bottom: float) -> str:
    """The path of boxes over spans of time, at least a pixel wide."""
    path = []
    for begin, end in where:
        left, right = frame.x(begin), frame.x(end)
        path.append(f"M{left:g} {top:g}H{max(right, left + 1):g}V{bottom:g}H{left:g}Z")
    return "".join(path)


def bars(frame: Frame, values: Floats, step_seconds: float, *, base: float, height: float) -> str:
    """The path of small bars, one for each pixel with a value; the largest fills the height."""
    shown, begin = _visible(frame, values, step_seconds)
    found = bucketed(shown, begin=begin, step_seconds=step_seconds, count=frame.plot_width)
    most = float(found.mean.max()) if len(shown) else 0.0
    if most <= 0:
        return ""
    tall = np.maximum(1.0, (height * found.mean / most).round(1))
    return "".join(
        f"M{frame.x(seconds):g} {base:g}v{-up:g}h1.2v{up:g}z"
        for seconds, mean, up in zip(found.seconds.tolist(), found.mean.tolist(), tall.tolist(), strict=True)
        if mean > 0
    )


def path(style: str, d: str, colour: str = "") -> str:
    """A path of a style; nothing where there is nothing to draw."""
    if not d:
        return ""
    return f'<path class="{style}" d="{d}"' + (f' style="stroke:{colour}"/>' if colour else "/>")


def svg(frame: Frame, content: str, *, title: str, description: str, name: str) -> str:
    """A drawing that tells its content to those who cannot see it."""
    return (
        f'<svg viewBox="0 0 {frame.width} {frame.height}" role="img" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(description)}</desc>{content}</svg>'
    )


def _visible(frame: Frame, values: Floats, step_seconds: float) -> tuple[Floats, float]:
    first = max(0, floor(frame.begin / step_seconds))
    return values[first : max(first + 1, ceil(frame.end / step_seconds))], first * step_seconds


def _stairs(frame: Frame, seconds: Floats, values: Floats) -> str:
    here = frame.y(float(values[0]))
    path = [f"M{frame.x(float(seconds[0])):g} {here:g}"]
    for at, value in zip(seconds.tolist(), values.tolist(), strict=True):
        y = frame.y(value)
        if y != here:
            path.append(f"H{frame.x(at):g}V{y:g}")
            here = y
    return "".join(path) + f"H{frame.x(frame.end):g}"


def _band_of(frame: Frame, run: list[tuple[float, float, float, float]]) -> str:
    upper = "".join(f"L{frame.x((b + e) / 2):g} {frame.y(high):g}" for b, e, _, high in run)
    lower = "".join(f"L{frame.x((b + e) / 2):g} {frame.y(low):g}" for b, e, low, _ in reversed(run))
    return f"M{upper[1:]}{lower}Z"


def _thinned(pieces: Sequence[tuple[float, float, float, float]], most: int) -> list[tuple[float, float, float, float]]:
    """At most so many pieces: neighbours are joined to what covers both."""
    if len(pieces) <= most:
        return list(pieces)
    size = ceil(len(pieces) / most)
    groups = [pieces[first : first + size] for first in range(0, len(pieces), size)]
    return [
        (group[0][0], group[-1][1], min(piece[2] for piece in group), max(piece[3] for piece in group))
        for group in groups
    ]
