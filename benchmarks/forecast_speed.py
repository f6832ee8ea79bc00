"""How long forecasts of a fleet take, and its fits, in seconds of one core; and what a cluster's model weighs.

    python -m benchmarks.forecast_speed [CLUSTERS]

Clusters with 28 days of five-minute windows; 24 leads up to two hours, five quantiles. CPU time, so that a busy
machine does not change it much.
"""

import sys
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from resource import RUSAGE_SELF, getrusage

import numpy as np

from autoscaler.core.history import History
from models.fleet import forecast_fleet
from models.mixture import FittedMixture, Mixture
from models.paths import forecast_paths
from models.state import Array

DAY, DAYS, STEP_SECONDS = 288, 28, 300.0
START = datetime(2026, 3, 2, tzinfo=UTC)
LEADS, LEVELS = np.arange(1, 25), (0.5, 0.75, 0.9, 0.95, 0.99)
FITTED = 20
HOUR = 12


def demand_of(seed: int) -> Array:
    """A working day with noise."""
    chance = np.random.default_rng(seed)
    hours = np.arange(DAYS * DAY) / HOUR
    return chance.uniform(1, 20) * (2.0 - np.cos(2 * np.pi * hours / 24)) + chance.gamma(1.0, 2.0, len(hours))


def cpu_seconds() -> float:
    """Of this process so far."""
    return getrusage(RUSAGE_SELF).ru_utime


def kilobytes(one: FittedMixture) -> float:
    """Of the arrays of one model."""
    arrays = [one.rows, *(getattr(part, field.name) for part in (one.pace, one.learned) for field in fields(part))]
    return sum(array.nbytes for array in arrays) / 1000.0


def main(clusters: int) -> None:
    """Measure all and print."""
    demands = [demand_of(seed) for seed in range(FITTED)]
    begin = cpu_seconds()
    few = [Mixture().fit(History(start=START, step_seconds=STEP_SECONDS, demand_acu=demand)) for demand in demands]
    fit = (cpu_seconds() - begin) / FITTED
    print(f"one fit of {DAYS} days: {1000 * fit:.0f} ms; {clusters} once a day: {fit * clusters / 24:.1f} s an hour")
    end = START + timedelta(days=DAYS)
    begin = cpu_seconds()
    for one, demand in zip(few, demands, strict=True):
        now = one
        for window in range(HOUR):
            start = end + timedelta(seconds=STEP_SECONDS * window)
            now = now.update(History(start=start, step_seconds=STEP_SECONDS, demand_acu=demand[window : window + 1]))
    update = (cpu_seconds() - begin) / FITTED
    print(f"an hour of updates, learning included, of {clusters} clusters one by one: {update * clusters:.1f} s")
    fleet = [few[index % FITTED] for index in range(clusters)]
    begin = cpu_seconds()
    together = forecast_fleet(fleet, leads=LEADS, levels=LEVELS)
    print(f"forecasts of {clusters} clusters as matrices: {cpu_seconds() - begin:.2f} s")
    begin = cpu_seconds()
    alone = [one.forecast(made_at=end, steps=len(LEADS), levels=LEVELS).demand_acu for one in few]
    print(f"the same one by one: {(cpu_seconds() - begin) / FITTED * clusters:.2f} s")
    off = np.abs(together[:FITTED] - np.swapaxes(np.array(alone), 1, 2)).max()
    print(f"largest difference between both: {off:.1e} ACU")
    begin = cpu_seconds()
    forecast_paths(np.stack(demands), first=0, step_seconds=STEP_SECONDS, leads=LEADS, levels=LEVELS)
    print(f"all forecasts of {DAYS} days past, per cluster: {1000 * (cpu_seconds() - begin) / FITTED:.0f} ms")
    print(f"memory of one model: {kilobytes(few[0]):.1f} kB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
