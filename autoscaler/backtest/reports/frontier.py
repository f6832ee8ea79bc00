"""The chart that judges policies: what each costs against what it throttles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from autoscaler.backtest.reports.axes import Frame, bottom_axis, round_step, value_axis
from autoscaler.backtest.reports.charts import svg

LABEL_PIXELS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A policy between cost and throttling."""

    name: str
    cost_ratio: float
    throttled_fraction: float
    colour: str


def frontier(points: Sequence[Point]) -> str:
    """Cost ratio to the right, throttled work upwards: the nearer to the lower left corner, the better."""
    ratios = [point.cost_ratio for point in points]
    room = max(0.15 * (max(ratios) - min(ratios)), 0.02)
    most = 1.15 * 100 * max(*(point.throttled_fraction for point in points), 0.0005)
    frame = Frame(
        start=datetime.fromtimestamp(0, UTC),  # there is no time in this chart
        begin=min(ratios) - room,
        end=max(ratios) + 2.5 * room,
        most=most,
        height=320,
        bottom=48,
    )
    middle = (frame.left + frame.width - frame.right) / 2
    unit = f'<text class="unit" x="{middle:g}" y="{frame.height - 6}" text-anchor="middle">cost ratio</text>'
    told = "; ".join(
        f"{point.name}: cost ratio {point.cost_ratio:.3f}, {point.throttled_fraction:.3%} throttled" for point in points
    )
    content = value_axis(frame, "% of work throttled") + bottom_axis(frame, _ratio_ticks(frame)) + unit
    return svg(
        frame, content + _marks(frame, points), title="Cost against throttling", description=told, name="frontier"
    )


def _marks(frame: Frame, points: Sequence[Point]) -> str:
    """Dots, and labels that give way to each other upwards."""
    parts = []
    taken: list[tuple[float, float]] = []
    for point in sorted(points, key=lambda point: point.throttled_fraction):
        x, y = frame.x(point.cost_ratio), frame.y(100 * point.throttled_fraction)
        label = y - 8
        while any(abs(label - used) < LABEL_PIXELS and abs(x - at) < 130 for at, used in taken):
            label -= LABEL_PIXELS
        taken.append((x, label))
        parts.append(f'<circle class="dot" cx="{x:g}" cy="{y:g}" r="6" style="fill:{point.colour}"/>')
        parts.append(
            f'<text class="label" x="{x + 9:g}" y="{label:g}" style="fill:{point.colour}">{escape(point.name)}</text>'
        )
    return "".join(parts)


def _ratio_ticks(frame: Frame) -> list[tuple[float, str]]:
    step = round_step((frame.end - frame.begin) / 8)
    first = int(frame.begin / step) + 1
    last = int(frame.end / step + 1e-9)
    return [(number * step, f"{number * step:.6g}") for number in range(first, last + 1)]
