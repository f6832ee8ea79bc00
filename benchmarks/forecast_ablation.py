"""What each part of the mixture is worth: its loss without it, in parts of the whole's.

    python -m benchmarks.forecast_ablation FOLDER [EVERY]

FOLDER and EVERY as in `benchmarks/forecast_quality.py`. Also the loss of the first hours and days, with and without
what is believed beforehand: all that a new cluster has.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import numpy as np

from benchmarks.forecast_cases import Case, cases, loss_by_lead, losses_of, path_of
from models import learning, prior
from models.experts import EXPERTS

STARTS = (("first 2 h", 0, 2), ("first 6 h", 0, 6), ("first day", 0, 24), ("days 2 and 3", 24, 72))
NEAR_SECONDS = 21_600


@contextmanager
def without(*, module: ModuleType, **rates: float) -> Iterator[None]:
    """These constants for a while."""
    before = {name: getattr(module, name) for name in rates}
    for name, rate in rates.items():
        setattr(module, name, rate)
    yield
    for name, rate in before.items():
        setattr(module, name, rate)


def sums_of(chosen: list[Case], experts: tuple[str, ...] = EXPERTS) -> dict[int, float]:
    """Losses summed over the traces, by lead."""
    sums: dict[int, float] = defaultdict(float)
    for case in chosen:
        for lead, loss in loss_by_lead(case, experts).items():
            sums[lead] += loss
    return sums


def first_losses(chosen: list[Case]) -> dict[str, float]:
    """Mean losses up to six hours ahead from origins in the first hours, from the first known window on, summed."""
    sums: dict[str, float] = defaultdict(float)
    for case in chosen:
        at = np.arange(len(case.history))
        near = [index for index, lead in enumerate(case.lead_seconds) if lead <= NEAR_SECONDS]
        losses = losses_of(case, path_of(case), at)[:, near]
        first = int(np.flatnonzero(np.isfinite(case.history.demand_acu))[0])
        for name, begin, end in STARTS:
            hour = 3600 / case.history.step_seconds
            part = losses[first + round(begin * hour) : first + round(end * hour)]
            sums[name] += float(np.nanmean(part)) if np.isfinite(part).any() else 0.0
    return sums


def _print(name: str, sums: dict[int, float], whole: dict[int, float]) -> None:
    told = ", ".join(f"{lead / 3600:.3g} h {sums[lead] / whole[lead]:.3f}" for lead in sorted(whole))
    print(f"  without {name}: {sum(sums.values()) / sum(whole.values()):.3f} ({told})", flush=True)


def main(folder: Path, every: int) -> None:
    """Measure and print."""
    chosen = list(cases(folder, every))
    print(f"{len(chosen)} traces: pinball loss in parts of the whole mixture's, and by lead")
    whole = sums_of(chosen)
    for one in EXPERTS:
        _print(one, sums_of(chosen, tuple(other for other in EXPERTS if other != one)), whole)
    with without(module=learning, HOURLY_RATE=0.0):
        _print("calibration by the hour", sums_of(chosen), whole)
    with without(module=learning, HOURLY_RATE=0.0, OFFSET_RATE=0.0):
        _print("calibration", sums_of(chosen), whole)
    with without(module=prior, PRIOR_MISSES=1.0):
        _print("what is believed beforehand", sums_of(chosen), whole)
    others = list(cases(folder, 2 * every, 1))
    print(f"the first hours of {len(others)} traces that what is believed beforehand was not learned from:")
    print("  with it:", ", ".join(f"{name} {loss:.3f}" for name, loss in first_losses(others).items()))
    with without(module=prior, PRIOR_MISSES=1.0):
        print("  without:", ", ".join(f"{name} {loss:.3f}" for name, loss in first_losses(others).items()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
