"""Does each expert of the activity model pay: log-loss of the mixture, of each alone, and of the mixture without some.

    python -m benchmarks.pause_quality.ablation FOLDER [GROUP ...]

Mean log-loss in nats over the idle windows of all traces of these groups (default: the hourly databases), each window
told from what was before it. Less is better.
"""

import sys
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.pause_quality.cases import Case, cases
from models.activity import FIRST_WEIGHTS, LEARNING_RATE
from models.starts import EXPERTS, nothing_counted, opinions
from models.state import Array

GROUPS = ("redset_provisioned_hourly", "redset_serverless_hourly")
CALENDAR = tuple(place for place, name in enumerate(EXPERTS) if name not in ("fleet", "idle time"))
LEFT_OUT = {
    "the mixture": (),
    "without the fleet's prior": (EXPERTS.index("fleet"),),
    "without the idle time": (EXPERTS.index("idle time"),),
    "without the calendar": CALENDAR,
}


def losses(case: Case) -> tuple[Array, float]:
    """Summed log-losses: of each of `LEFT_OUT` and then of each expert alone; and how many windows."""
    starts, idle = nothing_counted(case.step_seconds), 0
    weights = np.stack([_without(places) for places in LEFT_OUT.values()])
    total, windows = np.zeros(len(LEFT_OUT) + len(EXPERTS)), 0
    for window, use in enumerate(case.used.tolist(), start=case.first):
        if not use >= 0.0:
            idle = 0
            continue
        if idle > 0:
            said = opinions(starts, first=window, idle=idle, number=1)[:, 0]
            logits = np.log(said / (1.0 - said))
            mixed = 1.0 / (1.0 + np.exp(-np.clip(weights @ logits, -12.0, 6.0)))
            weights += (weights != 0.0) * LEARNING_RATE * (use - mixed)[:, None] * logits
            told = np.append(mixed, said)
            total -= np.log(told if use > 0.0 else 1.0 - told)
            windows += 1
        starts.count(window, idle, use > 0.0)
        idle = 0 if use > 0.0 else idle + 1
    return total, windows


def _without(places: tuple[int, ...]) -> Array:
    """The first weights without some experts; the others share theirs."""
    weights = FIRST_WEIGHTS.copy()
    weights[list(places)] = 0.0
    return np.asarray(weights * FIRST_WEIGHTS.sum() / weights.sum(), dtype=np.float64)


def main() -> None:
    """Print one table."""
    groups = sys.argv[2:] or GROUPS
    found = [losses(case) for case in cases(Path(sys.argv[1])) if case.group in groups]
    whole = sum(total for total, _ in found) / sum(windows for _, windows in found)
    shown = Table("who", "log-loss per idle window")
    for name, loss in zip((*LEFT_OUT, *(f"{expert} alone" for expert in EXPERTS)), whole, strict=True):
        shown.add_row(name, f"{loss:.4f}")
    Console().print(shown)


if __name__ == "__main__":
    main()
