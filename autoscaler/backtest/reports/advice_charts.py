"""Pictures of advice: what each option costs, the workload it is about, and what was saved day by day."""

from datetime import UTC, datetime
from html import escape

import numpy as np

from autoscaler.backtest.advice import DAYS_A_MONTH, Advice, Finding, Option
from autoscaler.backtest.reports.axes import DAY, HOUR, Frame, axes, bottom_axis, round_step, time_ticks
from autoscaler.backtest.reports.charts import area, path, svg
from autoscaler.backtest.reports.words import told_number, told_percent, told_usd

ROW_PIXELS = 26
# What costs more than so many times the median option is cut off, so that the rest can be told apart.
LONGEST = 3.0


def option_bars(advice: Advice, *, name: str) -> str:
    """A bar for each option: its capacity, and throttled work at the owner's price on top."""
    costs = [one.priced_usd_per_month for one in advice.options]
    most = min(max(costs), LONGEST * float(np.median(costs))) or 1.0
    frame = Frame(
        start=datetime.fromtimestamp(0, UTC),  # there is no time in this chart
        begin=0,
        end=1.02 * most,
        most=1.0,
        height=ROW_PIXELS * len(costs) + 48,
        left=170,
        right=250,
    )
    step = round_step(most / 6)
    ticks = [(step * number, f"${step * number:,.6g}") for number in range(int(frame.end / step + 1e-9) + 1)]
    bars = "".join(_bar(frame, one, place, advice.best) for place, one in enumerate(advice.options))
    told = "; ".join(f"{one.name}: {told_usd(one.priced_usd_per_month)}" for one in advice.options)
    content = bottom_axis(frame, ticks) + bars
    return svg(frame, content, title="Cost of each option, USD a month", description=told, name=name)


def demand_chart(finding: Finding, today_acu: float, *, name: str) -> str:
    """The highest demand of each hour, today's minimum and the best static one."""
    peaks = np.nan_to_num(finding.hourly_peak_acu)
    advice = finding.advice
    most = 1.08 * max(float(peaks.max()), today_acu, advice.min_acu)
    frame = Frame(start=finding.start, begin=0, end=len(peaks) * HOUR, most=most, height=250, right=160)
    content = (
        path("demand", area(frame, peaks, HOUR, highest=True))
        + axes(frame, "ACU, highest of each hour")
        + _level(frame, today_acu, "reference", "today's minimum")
        + (_level(frame, advice.min_acu, "optimum", "best static") if advice.min_acu != today_acu else "")
    )
    told = f"Between {told_number(float(peaks.min()))} and {told_number(float(peaks.max()))} ACU."
    return svg(frame, content, title="Demand", description=told, name=name)


def saved_by_day(finding: Finding, *, name: str) -> str:
    """What the best option saved on each measured day; below the line it cost more."""
    saved = finding.saved_usd
    most, least = max(float(saved.max()), 0.0), min(float(saved.min()), 0.0)
    begin = (finding.advice.days - finding.advice.measured_days) * DAY
    end = begin + len(saved) * DAY
    frame = Frame(start=finding.start, begin=begin, end=end, most=1.1 * (most - least) or 1.0, height=220)
    zero = frame.y(-least)
    marks = "".join(
        f'<text class="tick" x="{frame.left - 8}" y="{frame.y(usd - least) + 4:g}" text-anchor="end">{usd:,.3g}</text>'
        for usd in sorted({least, 0.0, most})
    )
    content = (
        bottom_axis(frame, time_ticks(frame))
        + f'<text class="unit" x="{frame.left}" y="{frame.top - 5}">USD saved a day</text>{marks}'
        + path("grid", f"M{frame.left} {zero:g}H{frame.width - frame.right}")
        + "".join(_day(frame, begin + place * DAY, usd, least) for place, usd in enumerate(saved.tolist()))
    )
    told = f"From {told_usd(least)} to {told_usd(most)} a day, {told_usd(float(saved.mean()) * DAYS_A_MONTH)} a month."
    return svg(frame, content, title="Saved day by day", description=told, name=name)


def _bar(frame: Frame, one: Option, place: int, best: str) -> str:
    top = frame.top + ROW_PIXELS * place
    capacity, whole = frame.x(one.usd_per_month), frame.x(one.priced_usd_per_month)
    edge = frame.width - frame.right
    cut = whole > edge
    capacity, whole = min(capacity, edge), min(whole, edge)
    told = f"{told_usd(one.priced_usd_per_month)}, {told_percent(one.throttled_work_fraction)} throttled"
    return (
        f'<text class="{"label" if one.name == best else "tick"}" x="{frame.left - 8}" y="{top + 15}" '
        f'text-anchor="end">{escape(one.name)}</text>'
        + _box(frame.left, capacity, top + 4, "var(--capacity)")
        + _box(capacity, whole, top + 4, "var(--throttled)")
        + f'<text class="{"label" if one.name == best else "tick"}" x="{whole + 8:g}" y="{top + 15}">'
        + f"{'… ' if cut else ''}{escape(told)}</text>"
    )


def _box(left: float, right: float, top: float, colour: str, height: float = 15) -> str:
    if right <= left:
        return ""
    return f'<rect x="{left:g}" y="{top:g}" width="{right - left:g}" height="{height:g}" style="fill:{colour}"/>'


def _level(frame: Frame, acu: float, style: str, label: str) -> str:
    y, edge = frame.y(acu), frame.width - frame.right
    line = path(style, f"M{frame.left} {y:g}H{edge}")
    return f'{line}<text class="label" x="{edge + 6}" y="{y + 4:g}">{label} {acu:g}</text>'


def _day(frame: Frame, seconds: float, usd: float, least: float) -> str:
    left, right = frame.x(seconds) + 2, frame.x(seconds + DAY) - 2
    ends = sorted((frame.y(-least), frame.y(usd - least)))
    return _box(left, right, ends[0], "var(--floor)" if usd >= 0 else "var(--throttled)", ends[1] - ends[0])
