"""How good the forecasts are on recorded traces, against persistence and the seasonal naive, lead by lead.

    python -m benchmarks.forecast_quality FOLDER [EVERY] [alone]

FOLDER holds traces as CSV with a manifest.csv (path, metric, shape, step_s, days, missing_frac). All that step by an
hour or less, span 14 days and lack at most 20 % are scored, or EVERY so many of them. Causal: each forecast knows
only what was before it, and only the second half (14 days at most are warm-up) is scored, 28 days at most, each trace
scaled to the same peak. Prints the weighted quantile loss (WQL), MASE, coverage by hour of day, and what each expert
and the calibration are worth. With `alone`, only the mixture's own losses and coverage at every window, to compare two
versions of it: rivals take most of the time.
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autoscaler.backtest.traces import read_trace
from autoscaler.core.history import History
from autoscaler.core.ports import Forecaster
from models import learning
from models.experts import EXPERTS
from models.last_value import LastValue
from models.paths import forecast_paths
from models.seasonal_naive import SeasonalNaive
from models.state import Array

LEVELS = (0.5, 0.75, 0.9, 0.95, 0.99)
TAUS = np.array(LEVELS)
# Leads in windows: of five minutes, and where a trace is coarser, those of them that are as long.
LEAD_SECONDS = (300, 900, 3600, 7200, 21_600, 86_400)
WINDOW_SECONDS, DAYS, WARM_DAYS = 300.0, 28, 14
RIVALS: dict[str, Forecaster] = {"persistence": LastValue(), "seasonal naive": SeasonalNaive()}
# Rivals are slow: they are asked at so many moments of each trace, and compared with what the mixture said then.
MOMENTS = 30
ABLATED = 12
# Half a step of capacity at a peak of 64 ACU.
GRAIN = 0.25 / 64.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A trace as windows, its peak at 1; ``begin`` is the first index that is scored."""

    name: str
    shape: str
    history: History
    begin: int

    @property
    def day(self) -> int:
        """A day in windows."""
        return round(86_400 / self.history.step_seconds)

    @property
    def leads(self) -> NDArray[np.intp]:
        """Those of the leads that are whole windows."""
        step = self.history.step_seconds
        return np.array([round(lead / step) for lead in LEAD_SECONDS if lead >= step and lead % step == 0])


def cases(folder: Path, every: int) -> Iterator[Case]:
    """The traces that fit."""
    with (folder / "manifest.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if _fits(row)]
    for row in rows[::every]:
        trace = read_trace(folder / row["path"], column=row["metric"])
        step = max(WINDOW_SECONDS, trace.step_seconds)
        number = ((trace.start.timestamp() + trace.offset_seconds) // step).astype(np.intp)
        windows = np.full(number[-1] - number[0] + 1, -np.inf)
        np.maximum.at(windows, number - number[0], trace.demand_acu)
        demand = np.where(np.isfinite(windows), windows, np.nan)[: round(DAYS * 86_400 / step)]
        start = trace.start.fromtimestamp(number[0] * step, trace.start.tzinfo)
        history = History(start=start, step_seconds=step, demand_acu=demand / (np.nanmax(demand) or 1.0))
        begin = min(len(demand) // 2, round(WARM_DAYS * 86_400 / step))
        yield Case(name=row["path"], shape=row["shape"], history=history, begin=begin)


def path_of(case: Case, experts: tuple[str, ...] = EXPERTS) -> Array:
    """What the mixture says after each window, (n, leads, levels)."""
    first = round(case.history.start.timestamp() / case.history.step_seconds)
    demand, step = case.history.demand_acu[None], case.history.step_seconds
    said = forecast_paths(demand, first=first, step_seconds=step, leads=case.leads, levels=LEVELS, experts=experts)
    return said[0].astype(np.float64)


def said_by(rival: Forecaster, case: Case, at: NDArray[np.intp]) -> Array:
    """What a rival, fitted anew each time, says after the windows ``at``, (moments, leads, levels)."""
    seen = case.history
    said = []
    for index in at:
        part = History(start=seen.start, step_seconds=seen.step_seconds, demand_acu=seen.demand_acu[: index + 1])
        forecast = rival.fit(part).forecast(made_at=part.end, steps=int(case.leads[-1]), levels=LEVELS)
        said.append(np.array(forecast.demand_acu).T[case.leads - 1])
    return np.array(said)


def losses_of(case: Case, said: Array, at: NDArray[np.intp]) -> Array:
    """Pinball losses (moments, leads, levels), NaN where what came is unknown or beyond the trace."""
    return pinball(came_after(case, at)[..., None], said)


def pinball(came: Array, said: Array) -> Array:
    """The loss of each level."""
    return np.maximum(TAUS * (came - said), (TAUS - 1.0) * (came - said))


def came_after(case: Case, at: NDArray[np.intp]) -> Array:
    """What came at each lead after the windows ``at``, NaN where unknown."""
    padded = np.append(case.history.demand_acu, np.full(int(case.leads[-1]), np.nan))
    return padded[at[:, None] + case.leads]


def misses_by_hour(case: Case, path: Array, grain: float) -> Array:
    """How far the share that stayed below is from the level, for each hour of the day, (24, leads, levels).

    What comes within ``grain`` of the quantile may count as below or not: where demand is often exactly zero no
    quantile could do better, and the capacity that is set has a grain anyway.
    """
    at = np.arange(case.begin, len(path))
    came = came_after(case, at)[..., None]
    most, least = (np.where(np.isfinite(came), came <= path[at] + slack, np.nan) for slack in (grain, -grain))
    begin = case.history.start.timestamp() / case.history.step_seconds
    hours = ((begin + at[:, None] + case.leads) * case.history.step_seconds // 3600 % 24).astype(int)
    off = np.empty((24, len(case.leads), len(LEVELS)))
    for hour, lead in np.ndindex(24, len(case.leads)):
        then = hours[:, lead] == hour
        off[hour, lead] = np.maximum(0.0, np.maximum(TAUS - _mean(most[then, lead]), _mean(least[then, lead]) - TAUS))
    return off


def mase_of(case: Case, said: Array, at: NDArray[np.intp]) -> Array:
    """The median's mean absolute error by lead, in those of the same time a day before, in the first half."""
    demand = case.history.demand_acu[: case.begin]
    naive = float(np.nanmean(np.abs(demand[case.day :] - demand[: -case.day])))
    errors = np.nanmean(np.abs(came_after(case, at) - said[..., 0]), axis=0)
    return errors / naive if naive > 0.0 else np.full(len(errors), np.nan)


def _fits(row: dict[str, str]) -> bool:
    return float(row["step_s"]) <= 3600 and float(row["days"]) >= 14 and float(row["missing_frac"]) <= 0.2


def _mean(values: Array) -> Array:
    known = np.isfinite(values[:, 0]) if len(values) else np.zeros(0, dtype=bool)
    return values[known].mean(axis=0) if known.any() else np.full(len(LEVELS), np.nan)


def main(folder: Path, every: int) -> None:
    """Score all and print."""
    rivals: dict[tuple[str, int, str], list[Array]] = defaultdict(list)
    hours: dict[tuple[int, float], list[Array]] = defaultdict(list)
    mase: dict[tuple[int, str], list[float]] = defaultdict(list)
    chosen = list(cases(folder, every))
    for case in chosen:
        path = path_of(case)
        at = np.unique(np.linspace(case.begin, len(path) - 2, MOMENTS).astype(np.intp))
        for name, said in (("mixture", path[at]), *((name, said_by(one, case, at)) for name, one in RIVALS.items())):
            loss = np.nansum(losses_of(case, said, at), axis=(0, 2))
            for lead, sum_of_losses, error in zip(case.leads, loss, mase_of(case, said, at), strict=True):
                seconds = int(lead * case.history.step_seconds)
                rivals[case.shape, seconds, name].append(sum_of_losses)
                mase[seconds, name].append(error)
        for grain in (0.0, GRAIN):
            missed = misses_by_hour(case, path, grain)
            for index, lead in enumerate(case.leads):
                hours[int(lead * case.history.step_seconds), grain].append(missed[:, index])
    print(f"{len(chosen)} traces, {MOMENTS} moments of each; losses in parts of the rival's, below 1 is better\n")
    print_rivals(rivals)
    print_mase(mase)
    print_coverage(hours)
    print_ablation(chosen[:: max(1, len(chosen) // ABLATED)])


def print_alone(chosen: Iterator[Case]) -> None:
    """The mixture's losses summed over traces, by shape and lead, and its coverage."""
    sums: dict[tuple[str, int], float] = defaultdict(float)
    hours: dict[tuple[int, float], list[Array]] = defaultdict(list)
    for case in chosen:
        path, at = path_of(case), np.arange(case.begin, len(case.history))
        losses = np.nanmean(losses_of(case, path[at], at), axis=(0, 2))
        missed = {grain: misses_by_hour(case, path, grain) for grain in (0.0, GRAIN)}
        for index, lead in enumerate((case.leads * case.history.step_seconds).astype(int).tolist()):
            for shape in ("all", case.shape):
                sums[shape, lead] += float(losses[index])
            for grain, off in missed.items():
                hours[lead, grain].append(off[:, index])
    for shape in sorted({shape for shape, _ in sums}):
        told = [f"{lead / 3600:.3g} h {loss:.4f}" for (one, lead), loss in sorted(sums.items()) if one == shape]
        print(f"{shape}: {', '.join(told)}; all {sum(loss for (one, _), loss in sums.items() if one == shape):.4f}")
    print_coverage(hours)


def print_rivals(sums: dict[tuple[str, int, str], list[Array]]) -> None:
    """By lead and shape: the mixture's loss over a rival's, summed over the traces, and on how many it is the lower."""
    leads = sorted({lead for _, lead, _ in sums})
    shapes = sorted({shape for shape, _, _ in sums})
    print("| shape | traces | against | " + " | ".join(f"{lead / 3600:.3g} h" for lead in leads) + " |")
    print("|---|---|---|" + "---|" * len(leads))
    for shape in ("all", *shapes):
        for rival in RIVALS:
            cells = [_versus(sums, [shape] if shape != "all" else shapes, lead, rival) for lead in leads]
            count = max(len(sums[one, lead, rival]) for one in shapes for lead in leads if shape in ("all", one))
            print(f"| {shape} | {count if shape != 'all' else ''} | {rival} | " + " | ".join(cells) + " |")


def _versus(sums: dict[tuple[str, int, str], list[Array]], shapes: list[str], lead: int, rival: str) -> str:
    ours = np.array([value for shape in shapes for value in sums[shape, lead, "mixture"]])
    theirs = np.array([value for shape in shapes for value in sums[shape, lead, rival]])
    if theirs.sum() <= 0.0:
        return "-"
    return f"{ours.sum() / theirs.sum():.3f} ({100 * (ours <= theirs).mean():.0f} %)"


def print_mase(errors: dict[tuple[int, str], list[float]]) -> None:
    """The median over the traces, by lead and forecaster."""
    print("\nMASE of the median, median over the traces:")
    for name in ("mixture", *RIVALS):
        told = [
            f"{lead / 3600:.3g} h {np.nanmedian(errors[lead, name]):.3f}" for lead, one in sorted(errors) if one == name
        ]
        print(f"  {name}: {', '.join(told)}")


def print_coverage(hours: dict[tuple[int, float], list[Array]]) -> None:
    """The median over clusters and hours of how far coverage is off, in points."""
    print("\ncoverage error by cluster and hour, median, in points, exactly and to the grain of 0.5 in 64 ACU:")
    for (lead, grain), found in sorted(hours.items()):
        off, whole = 100 * np.nanmedian(np.concatenate(found), axis=0), 100 * np.nanmedian(np.concatenate(found))
        each = ", ".join(f"{level:g}: {value:.1f}" for level, value in zip(LEVELS, off, strict=True))
        how = "to the grain" if grain else "exactly"
        print(f"  {lead / 3600:.3g} h {how}: {each}; over all levels {whole:.1f}")


def print_ablation(chosen: list[Case]) -> None:
    """What each expert and the calibration are worth: the loss without it in parts of the whole's."""
    print(f"\nablation on {len(chosen)} traces: pinball loss without, in parts of the whole mixture's, and by lead:")
    variants = {f"without {one}": tuple(other for other in EXPERTS if other != one) for one in EXPERTS}
    whole = _sums(chosen, EXPERTS)
    for name, experts in {**variants, **{f"only {one}": (one,) for one in EXPERTS}}.items():
        _print_variant(name, _sums(chosen, experts), whole)
    rates = learning.OFFSET_RATE, learning.HOURLY_RATE
    learning.HOURLY_RATE = 0.0
    _print_variant("without calibration by the hour", _sums(chosen, EXPERTS), whole)
    learning.OFFSET_RATE = 0.0
    _print_variant("without calibration", _sums(chosen, EXPERTS), whole)
    learning.OFFSET_RATE, learning.HOURLY_RATE = rates


def _sums(chosen: list[Case], experts: tuple[str, ...]) -> dict[int, float]:
    sums: dict[int, float] = defaultdict(float)
    for case in chosen:
        path = path_of(case, experts)
        at = np.arange(case.begin, len(path))
        losses = np.nanmean(losses_of(case, path[at], at), axis=(0, 2))
        for lead, loss in zip(case.leads, losses, strict=True):
            sums[int(lead * case.history.step_seconds)] += loss
    return sums


def _print_variant(name: str, sums: dict[int, float], whole: dict[int, float]) -> None:
    told = ", ".join(f"{lead / 3600:.3g} h {sums[lead] / whole[lead]:.3f}" for lead in sorted(whole))
    print(f"  {name}: {sum(sums.values()) / sum(whole.values()):.3f} ({told})", flush=True)


if __name__ == "__main__":
    folder, every = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    if "alone" in sys.argv[3:]:
        print_alone(cases(folder, every))
    else:
        main(folder, every)
