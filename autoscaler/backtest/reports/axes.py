"""Where values and times lie in a drawing, and the axes that tell it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from math import ceil, floor, log10

HOUR, DAY = 3600, 86_400
TIME_STEPS = (60, 300, 600, 1800, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY)
MOST_TIME_TICKS = 14
ROUND_NUMBERS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Where a chart's values lie on the page. Pixels of the drawing; seconds after ``start``."""

    start: datetime
    begin: float
    end: float
    most: float
    width: int = 1080
    height: int = 300
    left: int = 66
    right: int = 22
    top: int = 20
    bottom: int = 28

    @property
    def plot_width(self) -> int:
        """Pixels between the edges of the plot."""
        return self.width - self.left - self.right

    @property
    def base(self) -> int:
        """The height of zero."""
        return self.height - self.bottom

    def x(self, seconds: float) -> float:
        """From a time to a place."""
        share = (seconds - self.begin) / (self.end - self.begin)
        return round(self.left + share * self.plot_width, 1)

    def y(self, value: float) -> float:
        """From a value to a place; what does not fit stays at the edge."""
        share = min(max(value / self.most, 0.0), 1.0)
        return round(self.base - share * (self.base - self.top), 1)


def axes(frame: Frame, unit: str) -> str:
    """Grid, values and times."""
    return value_axis(frame, unit) + bottom_axis(frame, time_ticks(frame))


def value_axis(frame: Frame, unit: str) -> str:
    """Round values with their grid, and what they count."""
    parts = [f'<text class="unit" x="{frame.left}" y="{frame.top - 5}">{escape(unit)}</text>']
    for value in value_ticks(frame.most):
        y = frame.y(value)
        parts.append(f'<path class="grid" d="M{frame.left} {y:g}H{frame.width - frame.right}"/>')
        parts.append(f'<text class="tick" x="{frame.left - 8}" y="{y + 4:g}" text-anchor="end">{value:,.6g}</text>')
    return "".join(parts)


def bottom_axis(frame: Frame, ticks: Iterable[tuple[float, str]]) -> str:
    """A line with labelled places on it."""
    parts = [f'<path class="axis" d="M{frame.left} {frame.base}H{frame.width - frame.right}"/>']
    for place, label in ticks:
        x = frame.x(place)
        parts.append(f'<path class="axis" d="M{x:g} {frame.base}v5"/>')
        parts.append(f'<text class="tick" x="{x:g}" y="{frame.base + 20}" text-anchor="middle">{label}</text>')
    return "".join(parts)


def value_ticks(most: float) -> list[float]:
    """Four to six round values from 0 on."""
    step = round_step(most / 5)
    return [step * number for number in range(int(most / step + 1e-9) + 1)]


def round_step(least: float) -> float:
    """The smallest round number that is not below ``least``."""
    size = 10.0 ** floor(log10(least))
    return next(factor * size for factor in ROUND_NUMBERS if factor * size >= least * 0.999)


def time_ticks(frame: Frame) -> list[tuple[float, str]]:
    """Round times in UTC, with the date where a day begins."""
    span = frame.end - frame.begin
    step = next(
        (step for step in TIME_STEPS if span / step <= MOST_TIME_TICKS), ceil(span / MOST_TIME_TICKS / DAY) * DAY
    )
    # Weeks and more count from the first midnight, everything else from 1970.
    epoch = frame.start.timestamp()
    anchor = floor(epoch / DAY) * DAY if step > DAY else 0
    first = ceil((epoch + frame.begin - anchor) / step) * step + anchor
    ticks = []
    for moment in range(int(first), int(epoch + frame.end) + 1, step):
        at = frame.start + timedelta(seconds=moment - epoch)
        midnight = moment % DAY == 0
        ticks.append((moment - epoch, f"{at.day} {at:%b}" if midnight else f"{at:%H:%M}"))
    return ticks
