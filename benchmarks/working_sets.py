"""What a floor for the pages in use is worth: several working sets under several loads, in USD with reads from storage.

    python -m benchmarks.working_sets [--out benchmarks/out/working-sets] [--days 4]

Each cluster is left alone, steered by `auto` with and without the floor for its memory, and held at a size that caches
everything. All learn on the first half, the other half is counted. Simulated: every page is looked at as often as any
other, which is the worst that a small cache can meet.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from autoscaler.backtest.run import Plan, run
from autoscaler.backtest.score import Score, score
from autoscaler.core.capacity import FULL_CONSENT, Limits, MemoryCare, Range, round_up
from autoscaler.core.ports import Policy
from autoscaler.core.trace import Trace
from autoscaler.registry import make_policy
from autoscaler.simulator.engines import buffer_gib
from autoscaler.simulator.profiles import AURORA_V2
from autoscaler.simulator.spec import ClusterSpec
from autoscaler.simulator.traits import Caching
from tests.fakes import MONDAY

MINUTES_A_DAY = 1440
LARGEST_ACU = 64.0
STEP_SECONDS, DECIDE_SECONDS = 60.0, 60.0
WORKING_SETS_GIB = (4.0, 16.0, 40.0, 400.0)
WAYS = ("left alone", "auto", "auto, pays", "auto, keep", "held at its pages")
CARES = {"auto": MemoryCare.OBSERVE, "auto, pays": MemoryCare.PAYS, "auto, keep": MemoryCare.KEEP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One cluster steered one way."""

    load: str
    working_set_gib: float
    way: str
    score: Score


def loads(days: int) -> dict[str, NDArray[np.float64]]:
    """Demand by the minute, ACU: by day and less by night, by day only, little all the time, and an hour every six."""
    rng = np.random.default_rng(5)
    hour = np.arange(days * MINUTES_A_DAY) / 60.0 % 24.0
    daylight = np.clip(np.sin((hour - 6.0) / 24.0 * 2.0 * np.pi), 0.0, 1.0) ** 0.7
    noise = rng.lognormal(0.0, 0.1, len(hour))
    return {
        "day and night": (3.0 + 9.0 * daylight) * noise,
        "by day": np.where(daylight > 0.05, 12.0 * daylight, 0.0) * noise,
        "small": (1.0 + 2.0 * daylight) * noise,
        "an hour in six": np.where(hour % 6.0 < 1.0, 8.0, 0.0) * noise,
    }


def measure(load: str, demand: NDArray[np.float64], working_set_gib: float, way: str) -> Measured:
    """Run it."""
    profile = replace(AURORA_V2, caching=Caching(working_set_gib=working_set_gib))
    care = CARES.get(way, MemoryCare.OBSERVE)
    limits = Limits(min_acu=0.5, max_acu=LARGEST_ACU, consent=FULL_CONSENT, working_set=care)
    offsets = np.arange(len(demand)) * 60.0
    trace = Trace(name=load, start=MONDAY, step_seconds=60.0, offset_seconds=offsets, demand_acu=demand)
    plan = Plan(
        trace=trace,
        policy=_policy(way, working_set_gib),
        cluster=ClusterSpec(
            cluster_id=load, profile=profile, range=Range(floor_acu=limits.min_acu, ceiling_acu=limits.max_acu)
        ),
        limits=limits,
        step_seconds=STEP_SECONDS,
        decide_seconds=DECIDE_SECONDS,
        score_from=MONDAY + timedelta(seconds=trace.seconds / 2),
    )
    return Measured(load=load, working_set_gib=working_set_gib, way=way, score=score(run(plan)))


def holding_acu(working_set_gib: float) -> float:
    """The least capacity that caches so much, as far as there is any."""
    sizes = np.arange(0.5, LARGEST_ACU + 0.5, 0.5)
    held = [acu for acu in sizes.tolist() if buffer_gib("postgresql", acu) >= working_set_gib]
    return round_up(min(held, default=LARGEST_ACU), 0.5)


def main(
    out: Annotated[Path, typer.Option(help="Where the picture goes.")] = Path("benchmarks/out/working-sets"),
    days: Annotated[int, typer.Option(min=2, help="Of which half is learned on.")] = 4,
) -> None:
    """Print a table of USD a month and draw it."""
    cases = [(load, demand, gib) for load, demand in loads(days).items() for gib in WORKING_SETS_GIB]
    found = [measure(load, demand, gib, way) for load, demand, gib in cases for way in WAYS]
    title = "USD a month, of it for reads; throttled work where there is any"
    table = Table("load", "pages in use", *WAYS, title=title)
    for load in loads(days):
        for gib in WORKING_SETS_GIB:
            ours = [one for one in found if (one.load, one.working_set_gib) == (load, gib)]
            table.add_row(load, f"{gib:g} GiB", *(_told(one, days) for one in ours))
    console = Console(width=150)
    console.print(table)
    for way in WAYS:
        console.print(f"{way}: {sum(_month(one, days) for one in found if one.way == way):,.0f} USD a month in all")
    pairs = _pairs(found)
    worse = [one for one, without in pairs if one.score.usd > 1.001 * without.score.usd]
    losses = [one.score.usd / without.score.usd - 1.0 for one, without in pairs]
    console.print(f"'pays' costs more than without in {len(worse)} of {len(pairs)}, at most by {max(losses):.1%}")
    draw(out, found, days)
    console.print(f"picture: {out / 'working-sets.png'}")


def draw(folder: Path, found: Sequence[Measured], days: int) -> None:
    """Bars of USD a month, reads on top of capacity."""
    from matplotlib.figure import Figure

    names = list(loads(days))
    figure = Figure(figsize=(13, 8), layout="constrained")
    for axes, load in zip(figure.subplots(2, 2).flat, names, strict=True):
        for place, way in enumerate(WAYS):
            ours = [one for one in found if (one.load, one.way) == (load, way)]
            at = np.arange(len(ours)) + 0.16 * (place - 2)
            reads = [_month(one, days) * one.score.reads_usd / max(one.score.usd, 1e-9) for one in ours]
            capacity = [_month(one, days) - read for one, read in zip(ours, reads, strict=True)]
            axes.bar(at, capacity, 0.15, color=f"C{place}", label=way)
            axes.bar(at, reads, 0.15, bottom=capacity, color=f"C{place}", alpha=0.4, hatch="//")
        axes.set_xticks(range(len(WORKING_SETS_GIB)), [f"{gib:g} GiB" for gib in WORKING_SETS_GIB])
        axes.set(title=load, ylabel="USD a month, reads hatched")
        axes.grid(alpha=0.3, axis="y")
    figure.axes[0].legend(fontsize=8)
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "working-sets.png", dpi=100)


def _policy(way: str, working_set_gib: float) -> Policy:
    if way.startswith("auto"):
        return make_policy("auto", {})
    floor = {"floor_acu": holding_acu(working_set_gib)} if way == WAYS[-1] else {}
    return make_policy("native", floor)


def _pairs(found: Sequence[Measured]) -> list[tuple[Measured, Measured]]:
    """With the floor that pays, and without it."""
    ours, without = ([one for one in found if one.way == way] for way in ("auto, pays", "auto"))
    return list(zip(ours, without, strict=True))


def _month(one: Measured, days: int) -> float:
    return one.score.usd / (days / 2) * 30.0


def _told(one: Measured, days: int) -> str:
    month, throttled = _month(one, days), one.score.throttled_work_fraction or 0.0
    reads = month * one.score.reads_usd / max(one.score.usd, 1e-9)
    return f"{month:,.0f} ({reads:,.0f})" + (f" {throttled:.2%}" if throttled >= 5e-5 else "")


if __name__ == "__main__":
    typer.run(main)
