"""The course of runs as charts: demand, capacity, floor and forecast over time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from autoscaler.backtest.reports.axes import Frame, axes
from autoscaler.backtest.reports.charts import area, band, bars, boxes, line, path, spans, svg
from autoscaler.backtest.reports.track import BandPoint, Diary, Floats, Track, episodes
from autoscaler.backtest.reports.words import told_moment, told_number, told_seconds
from autoscaler.backtest.score import NEGLIGIBLE_ACU_SECONDS

T = TypeVar("T", np.float64, np.bool_)

LANE_PIXELS = 24
MOST_HINTS = 60
# A demand far above everything the cluster reached is cut off, so that the rest stays readable.
TALLEST_DEMAND = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The part of a run that a chart shows, in seconds after its start."""

    begin: float
    end: float

    def of(self, values: NDArray[T], step_seconds: float) -> NDArray[T]:
        """The values of its steps."""
        return values[int(self.begin / step_seconds) : int(np.ceil(self.end / step_seconds))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A strip below a chart; ``draw`` gets the frame and the top of the strip, and gives a path."""

    label: str
    style: str
    draw: Callable[[Frame, float], str]


def course(track: Track, diary: Diary, stretch: Stretch, *, name: str) -> str:
    """Demand, capacity, floor and forecast, with lanes for what went wrong and what was done."""
    lanes = _lanes(track, diary, stretch)
    room = LANE_PIXELS * len(lanes)
    frame = Frame(
        start=track.start,
        begin=stretch.begin,
        end=stretch.end,
        most=_highest([track], stretch, diary.band),
        height=330 + room,
        bottom=28 + room,
    )
    throttled = spans(frame, _lost(track) > NEGLIGIBLE_ACU_SECONDS, track.step_seconds)
    content = (
        path("throttled-ground", boxes(frame, throttled, top=frame.top, bottom=frame.base))
        + _ground(frame, track)
        + path("band", band(frame, [_piece(track, point) for point in diary.band]))
        + path("floor", line(frame, track.floor_acu, track.step_seconds))
        + path("capacity", line(frame, track.capacity_acu, track.step_seconds))
        + "".join(_drawn(frame, lane, place) for place, lane in enumerate(lanes))
        + _hints(frame, track)
    )
    return svg(
        frame,
        content,
        title=f"Demand, capacity and floor of {track.name}, {_told(track, stretch)}",
        description=_described(track, stretch),
        name=name,
    )


def overlaid(tracks: Sequence[Track], colours: Sequence[str], stretch: Stretch, *, name: str) -> str:
    """The capacities of several runs over the demand they share."""
    first = tracks[0]
    frame = Frame(start=first.start, begin=stretch.begin, end=stretch.end, most=_highest(tracks, stretch, ()))
    content = _ground(frame, first) + "".join(
        path("series", line(frame, track.capacity_acu, track.step_seconds), colour)
        for track, colour in zip(tracks, colours, strict=True)
    )
    return svg(
        frame,
        content,
        title=f"Capacity of each policy over the demand, {_told(first, stretch)}",
        description=" ".join(f"{track.name}: {_described(track, stretch)}" for track in tracks),
        name=name,
    )


def _ground(frame: Frame, track: Track) -> str:
    """What is not scored, the demand, and the axes."""
    unscored = spans(frame, ~track.scored, track.step_seconds)
    return (
        path("unscored", boxes(frame, unscored, top=frame.top, bottom=frame.base))
        + path("demand-peak", area(frame, track.demand_acu, track.step_seconds, highest=True))
        + path("demand", area(frame, track.demand_acu, track.step_seconds, highest=False))
        + axes(frame, "ACU")
    )


def _highest(tracks: Sequence[Track], stretch: Stretch, forecast: Sequence[BandPoint]) -> float:
    def most(values: Floats, track: Track) -> float:
        return float(stretch.of(values, track.step_seconds).max())

    supplied = max(max(most(track.capacity_acu, track), most(track.floor_acu, track)) for track in tracks)
    supplied = max(supplied, 1e-3)
    pieces = (_piece(tracks[0], point) for point in forecast)
    expected = max((high for at, _, _, high in pieces if stretch.begin <= at < stretch.end), default=0.0)
    wanted = max(most(tracks[0].demand_acu, tracks[0]), expected)
    return 1.06 * max(supplied, min(wanted, TALLEST_DEMAND * supplied))


def _piece(track: Track, point: BandPoint) -> tuple[float, float, float, float]:
    begin = (point.at - track.start).total_seconds()
    return begin, begin + point.seconds, point.low_acu, point.high_acu


def _lost(track: Track) -> Floats:
    return track.throttled_acu_seconds * track.scored


def _lanes(track: Track, diary: Diary, stretch: Stretch) -> list[Lane]:
    """Only those in which something happened."""
    lost, step = _lost(track), track.step_seconds
    at = [(decision.at - track.start).total_seconds() for decision in diary.changes]
    changes = [(seconds, seconds) for seconds in at if stretch.begin <= seconds < stretch.end]
    throttled = Lane(
        label="throttled",
        style="throttled",
        draw=lambda frame, top: bars(frame, lost, step, base=top + LANE_PIXELS - 4, height=LANE_PIXELS - 6),
    )
    paused = Lane(
        label="paused", style="paused", draw=lambda frame, top: _strip(frame, spans(frame, track.paused, step), top)
    )
    changed = Lane(label="changes", style="changed", draw=lambda frame, top: _strip(frame, changes, top))
    wanted = (
        (throttled, stretch.of(lost, step).max() > NEGLIGIBLE_ACU_SECONDS),
        (paused, stretch.of(track.paused, step).any()),
        (changed, changes),
    )
    return [lane for lane, happened in wanted if happened]


def _strip(frame: Frame, where: Sequence[tuple[float, float]], top: float) -> str:
    return boxes(frame, where, top=top + 6, bottom=top + LANE_PIXELS - 6)


def _drawn(frame: Frame, lane: Lane, place: int) -> str:
    top = frame.base + 28 + LANE_PIXELS * place
    label = f'<text class="tick" x="{frame.left - 8}" y="{top + 16}" text-anchor="end">{escape(lane.label)}</text>'
    rule = f'<path class="grid" d="M{frame.left} {top + LANE_PIXELS - 3.5}H{frame.width - frame.right}"/>'
    return label + rule + path(lane.style, lane.draw(frame, top))


def _hints(frame: Frame, track: Track) -> str:
    """Over the worst episodes the pointer tells what happened."""
    parts = []
    for episode in episodes(track)[:MOST_HINTS]:
        if frame.begin <= episode.begin < frame.end:
            left = frame.x(episode.begin)
            width = max(frame.x(min(episode.end, frame.end)) - left, 3)
            told = (
                f"{told_moment(track.at(episode.begin))} UTC: {told_number(episode.throttled_acu_seconds)} ACU-seconds "
                f"throttled in {told_seconds(episode.end - episode.begin)}, demand up to "
                f"{told_number(episode.peak_demand_acu)} ACU, capacity {told_number(episode.capacity_acu)} ACU"
            )
            parts.append(
                f'<rect x="{left:g}" y="{frame.top}" width="{width:g}" height="{frame.base - frame.top}" '
                f'fill="transparent"><title>{escape(told)}</title></rect>'
            )
    return "".join(parts)


def _told(track: Track, stretch: Stretch) -> str:
    return f"{told_moment(track.at(stretch.begin))} to {told_moment(track.at(stretch.end))} UTC"


def _described(track: Track, stretch: Stretch) -> str:
    demand = stretch.of(track.demand_acu, track.step_seconds)
    capacity = stretch.of(track.capacity_acu, track.step_seconds)
    return (
        f"Demand reaches {told_number(float(demand.max()))} ACU; capacity lies between "
        f"{told_number(float(capacity.min()))} and {told_number(float(capacity.max()))} ACU."
    )
