"""How long it takes from the publication of a metric to the provider call that it led to.

    python -m benchmarks.publication_to_call [CLUSTERS] [--minutes 12] [--speed 4] [--throttled 0.05]

Simulated clusters on a clock that runs ``speed`` times faster than real time: everything that takes the service time
counts ``speed`` times, so that what is printed is worse than it would be at speed 1. A share of all calls is throttled.
Of the samples that a tick saw first, the one that had waited longest counts; waiting for the next tick is part of it.
"""

import asyncio
import os
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import typer
from rich.progress import track

from autoscaler.adapters.simulated import SimulatedAdapter
from autoscaler.core.capacity import Range
from autoscaler.core.ports import Clock
from autoscaler.errors import ClusterThrottled
from autoscaler.observability.logs import configure_logging
from autoscaler.service.clock import ScaledClock
from autoscaler.service.settings import ServiceSettings
from autoscaler.service.views import TickReport
from autoscaler.service.wiring import assembled
from autoscaler.simulator.profiles import find_profile
from autoscaler.simulator.scenarios import SCENARIOS
from tests.fakes import MONDAY

PROFILE = "aurora-v2"
# Quick rules, so that many changes are asked for in a few minutes.
RULES = {"watch_seconds": 0, "shrink_wait_seconds": 60, "change_spacing_seconds": 60}


class Stopwatches:
    """When the provider was called, and how old the metric behind the call was."""

    def __init__(self, clock: Clock) -> None:
        self.seconds: list[float] = []
        self.throttled = self.calls = 0
        self._clock = clock
        self._called_at: dict[str, datetime] = {}
        self._delay = timedelta(seconds=find_profile(PROFILE).measuring.delay_seconds)
        self._apply = SimulatedAdapter.apply

    async def apply(self, cluster: SimulatedAdapter, wanted: Range) -> None:
        """The call, noted when it is taken."""
        self.calls += 1
        try:
            await self._apply(cluster, wanted)
        except ClusterThrottled:
            self.throttled += 1
            raise
        self._called_at[cluster.cluster_id] = self._clock.now()

    def listen(self) -> None:
        """Hear of every call to a simulated provider from now on."""

        async def apply(cluster: SimulatedAdapter, wanted: Range) -> None:
            await self.apply(cluster, wanted)

        SimulatedAdapter.apply = apply  # type: ignore[method-assign] - to listen in

    def ticked(self, report: TickReport) -> None:
        """Match the call with what its tick saw first."""
        called_at = self._called_at.pop(report.cluster_id, None)
        if called_at is not None and report.fresh:
            published_at = report.fresh[0].end + self._delay
            self.seconds.append((called_at - published_at).total_seconds())


def settings_of(clusters: int, *, folder: Path, throttled: float) -> ServiceSettings:
    """A fleet that reacts at once, on a provider that throttles."""
    names = list(SCENARIOS)
    return ServiceSettings.model_validate(
        {
            "database": f"sqlite+aiosqlite:///{folder}/fleet.db",
            "fit_processes": 0,
            "clusters": [
                {
                    "id": f"cluster-{number}",
                    "mode": "enforce",
                    "cluster": PROFILE,
                    "policy": {"policy": "reactive", "rules": RULES},
                    "workload": {"scenario": names[number % len(names)], "seed": number},
                    "faults": {"throttled_fraction": throttled, "seed": number},
                }
                for number in range(clusters)
            ],
        }
    )


async def measure(clusters: int, *, folder: Path, minutes: int, speed: float, throttled: float) -> Stopwatches:
    """Let a fleet work for some minutes of its time."""
    settings = settings_of(clusters, folder=folder, throttled=throttled)
    clock = ScaledClock(start=MONDAY, speed=speed)
    watches = Stopwatches(clock)
    watches.listen()
    async with assembled(settings, observers=[watches], clock=clock) as fleet:
        fleet.start()
        for _ in track(range(minutes), f"{clusters} clusters"):
            await clock.sleep(60)
    return watches


def main(clusters: int = 1000, minutes: int = 12, speed: float = 4.0, throttled: float = 0.05) -> None:
    """Measure and print."""
    with TemporaryDirectory() as folder, Path(os.devnull).open("w") as nowhere:
        configure_logging(stream=nowhere)
        watches = asyncio.run(measure(clusters, folder=Path(folder), minutes=minutes, speed=speed, throttled=throttled))
    half, most, worst = np.quantile(watches.seconds, (0.5, 0.99, 1.0))
    print(f"{clusters} clusters, {minutes} minutes on a clock {speed:g} times as fast as real time")
    print(f"{watches.calls} change calls, {watches.throttled} of them throttled; {len(watches.seconds)} matched")
    print(f"from publication to call: p50 {half:.1f} s, p99 {most:.1f} s, most {worst:.1f} s of cluster time")


if __name__ == "__main__":
    typer.run(main)
