"""How good the forecasts are on recorded traces, against persistence and the seasonal naive, lead by lead.

    python -m benchmarks.forecast_quality FOLDER [EVERY] [alone]

FOLDER holds traces as CSV with a manifest.csv (path, metric, shape, step_s, days, missing_frac). All that step by an
hour or less, span 14 days and lack at most 20 % are scored, or EVERY so many of them. Causal: each forecast knows
only what was before it, and only the second half (14 days at most are warm-up) is scored, 28 days at most, each trace
scaled to the same peak. Prints pinball losses, MASE and coverage by hour of day. With `alone`, only the mixture's own
losses and coverage, at every window: rivals take most of the time.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from autoscaler.core.ports import Forecaster
from benchmarks.forecast_cases import Case, cases, losses_of, mase_of, path_of, said_by
from benchmarks.forecast_coverage import Coverage
from models.last_value import LastValue
from models.seasonal_naive import SeasonalNaive
from models.state import Array

RIVALS: dict[str, Forecaster] = {"persistence": LastValue(), "seasonal naive": SeasonalNaive()}
# Rivals are slow: they are asked at so many moments of each trace, and compared with what the mixture said then.
MOMENTS = 30


def compare(chosen: Iterator[Case]) -> None:
    """The mixture and its rivals at some moments of each trace."""
    losses: dict[tuple[str, int, str], list[Array]] = defaultdict(list)
    mase: dict[tuple[int, str], list[float]] = defaultdict(list)
    for case in chosen:
        path = path_of(case)
        at = np.unique(np.linspace(case.begin, len(path) - 2, MOMENTS).astype(np.intp))
        for name, said in (("mixture", path[at]), *((name, said_by(one, case, at)) for name, one in RIVALS.items())):
            loss = np.nansum(losses_of(case, said, at), axis=(0, 2))
            for lead, sum_of_losses, error in zip(case.lead_seconds, loss, mase_of(case, said, at), strict=True):
                losses[case.shape, lead, name].append(sum_of_losses)
                mase[lead, name].append(error)
    print(f"{MOMENTS} moments of each trace; losses in parts of the rival's, below 1 is better\n")
    print_rivals(losses)
    print_mase(mase)


def alone(chosen: Iterator[Case]) -> None:
    """The mixture's losses summed over traces, by shape and lead, and its coverage."""
    sums: dict[tuple[str, int], float] = defaultdict(float)
    coverage = Coverage()
    for case in chosen:
        path, at = path_of(case), np.arange(case.begin, len(case.history))
        coverage.add(case, path)
        losses = np.nanmean(losses_of(case, path[at], at), axis=(0, 2))
        for lead, loss in zip(case.lead_seconds, losses.tolist(), strict=True):
            for shape in ("all", case.shape):
                sums[shape, lead] += loss
    for shape in sorted({shape for shape, _ in sums}):
        told = [f"{lead / 3600:.3g} h {loss:.4f}" for (one, lead), loss in sorted(sums.items()) if one == shape]
        print(f"{shape}: {', '.join(told)}; all {sum(loss for (one, _), loss in sums.items() if one == shape):.4f}")
    coverage.print()


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


if __name__ == "__main__":
    found = cases(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    if "alone" in sys.argv[3:]:
        alone(found)
    else:
        compare(found)
