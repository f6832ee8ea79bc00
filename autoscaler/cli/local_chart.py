"""The chart of the local demo: capacity over demand, in a file of its own."""

from html import escape

import numpy as np

from autoscaler.backtest.reports.axes import Frame, bottom_axis, value_axis, value_ticks
from autoscaler.backtest.reports.charts import area, boxes, line, path, svg
from autoscaler.cli.local_story import Story

STYLE = """
text { font: 12px system-ui, sans-serif; fill: #444 }
.ground { fill: #fff }
.demand { fill: #9ec5e8 }
.capacity { fill: none; stroke: #b3261e; stroke-width: 2 }
.paused { fill: #e9e4f5 }
.chapter { stroke: #999; stroke-dasharray: 3 3 }
.axis { stroke: #444; fill: none }
.grid { stroke: #e3e3e3; fill: none }
"""
TICK_SECONDS = 10


def draw(story: Story) -> str:
    """Demand as an area, capacity as a line, and where each part of the story begins; nothing where it slept."""
    known = [one for one in story.samples if one.capacity_acu is not None]
    step = known[0].seconds
    begin = known[0].at
    seconds = (known[-1].end - begin).total_seconds()
    count = round(seconds / step)
    demand, capacity = np.zeros(count), np.zeros(count)
    for one in known:
        place = round((one.at - begin).total_seconds() / step)
        demand[place], capacity[place] = one.demand_acu or 0.0, one.capacity_acu or 0.0
    frame = Frame(start=begin, begin=0.0, end=seconds, most=1.15 * max(capacity.max(), demand.max()), top=40)
    asleep = [(step * place, step * (place + 1)) for place in np.flatnonzero(capacity == 0.0)]
    chapters = [((one.begin - begin).total_seconds(), one.title) for one in story.chapters]
    content = (
        f"<style>{STYLE}</style>"
        + path("ground", f"M0 0H{frame.width}V{frame.height}H0Z")
        + path("paused", boxes(frame, asleep, top=frame.top, bottom=frame.base))
        + path("demand", area(frame, demand, step, highest=False))
        + value_axis(frame, "ACU: demand as an area, capacity as a line, paused where shaded")
        + bottom_axis(frame, [(at, f"{at} s") for at in range(0, int(seconds) + 1, TICK_SECONDS)])
        + path("capacity", line(frame, capacity, step))
        + "".join(_chapter(frame, place, max(0.0, at), title) for place, (at, title) in enumerate(chapters))
    )
    drawing = svg(
        frame,
        content,
        title="Capacity of a local cluster against its load",
        description=f"Capacity lies between {capacity.min():.1f} and {capacity.max():.1f} ACU, demand reaches "
        f"{demand.max():.1f}; the highest mark is {value_ticks(frame.most)[-1]:g} ACU.",
        name="local-demo",
    )
    return drawing.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


def _chapter(frame: Frame, place: int, at: float, title: str) -> str:
    """Words on two lines in turn, so that short chapters do not cover each other."""
    x = frame.x(at)
    words = f'<text x="{x + 4:g}" y="{frame.top + 12 + 14 * (place % 2)}">{escape(title)}</text>'
    return path("chapter", f"M{x:g} {frame.top}V{frame.base}") + words
