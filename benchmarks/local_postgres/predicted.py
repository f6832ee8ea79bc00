"""What the simulator says of the same: pure functions of the profile and of what a transaction costs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from math import exp

import numpy as np

from autoscaler.core.capacity import Range
from autoscaler.simulator.cluster import ClusterSpec, SimulatedCluster
from autoscaler.simulator.profiles import LOCAL_POSTGRES, Profile
from autoscaler.simulator.queue import WorkQueue
from benchmarks.local_postgres.measured import Course, Step
from models.cold_start import ResumePrior, believe

START = datetime(2026, 1, 5, tzinfo=UTC)
CLASSES = ((0.1, "at once"), (1.0, "tenths"), (float("inf"), "seconds"))
NORMAL_95 = 1.645
TIMEOUT_SECONDS = 60.0  # pgbench never gives up; nothing here waits so long
LEAST_CAPACITY = 1e-9


def latency_class(seconds: float | None) -> str:
    """How a wait feels; a second without an answer is one of waiting."""
    return "seconds" if seconds is None else next(name for most, name in CLASSES if seconds < most)


def course(steps: Sequence[Step], cost: float, *, least_acu: float, most_acu: float) -> Course:
    """The same loads on a simulated cluster; ``cost`` is in ACU-seconds a transaction."""
    if steps[0].hold_acu is not None:
        return held(steps, cost)
    free = Range(floor_acu=least_acu, ceiling_acu=most_acu)
    world = SimulatedCluster(ClusterSpec(cluster_id="bench", profile=LOCAL_POSTGRES, range=free), at=START)
    rows = []
    for due in _each_second(steps):
        world.step(due.per_second * cost, seconds=1.0)
        rows.append((world.capacity_acu, world.served_acu_seconds, world.backlog_acu_seconds))
    return _course(steps, rows, cost)


def held(steps: Sequence[Step], cost: float) -> Course:
    """The simulator's queue at sizes that are held.

    Its control plane is left out: it lets a load resist a lowered ceiling, as Aurora's does; the local one does not.
    """
    queue, rows = WorkQueue(), []
    for second, step in enumerate(_each_second(steps)):
        acu = step.hold_acu or 0.0
        served, _ = queue.step(
            now=second,
            seconds=1.0,
            arriving_acu_seconds=step.per_second * cost,
            capacity_acu=acu,
            timeout_seconds=TIMEOUT_SECONDS,
        )
        rows.append((acu, served, queue.backlog_acu_seconds))
    return _course(steps, rows, cost)


def _each_second(steps: Sequence[Step]) -> list[Step]:
    return [step for step in steps for _ in range(step.seconds)]


def _course(steps: Sequence[Step], rows: Sequence[tuple[float, float, float]], cost: float) -> Course:
    """From capacity, work served and work waiting, each second."""
    return Course(
        due=tuple(step.per_second for step in _each_second(steps)),
        capacity_acu=tuple(capacity for capacity, _, _ in rows),
        answered=tuple(served / cost for _, served, _ in rows),
        median_seconds=tuple(waiting / max(capacity, LEAST_CAPACITY) for capacity, _, waiting in rows),
    )


def resume_interval(profile: Profile = LOCAL_POSTGRES) -> tuple[float, float, float]:
    """Between which bounds a client waits nine times of ten, with the median, by the profile."""
    s = profile.sleeping
    factor = exp(NORMAL_95 * s.resume_sigma)
    return s.resume_median_seconds / factor, s.resume_median_seconds, s.resume_median_seconds * factor


def learned_coverage(resume_seconds: Sequence[float], slept_seconds: Sequence[float]) -> tuple[float, float]:
    """The share of resumes inside the 90 % interval of the model that learns them one after the other; its last median.

    It begins with Neon's half second, as if nothing were known of this machine.
    """
    belief = believe(ResumePrior(median_seconds=0.5, deep_median_seconds=0.5))
    inside, expected = 0, 0.5
    for seconds, slept in zip(resume_seconds, slept_seconds, strict=True):
        interval = belief.expect(slept_seconds=slept)
        inside += interval.low <= seconds <= interval.high
        expected = interval.median
        belief = belief.update(slept_seconds=slept, resume_seconds=seconds)
    return inside / max(1, len(resume_seconds)), expected


def log_normal(seconds: Sequence[float]) -> tuple[float, float]:
    """Median and sigma of the distribution that a profile describes resumes by."""
    logs = np.log(np.asarray(seconds))
    return float(np.exp(np.median(logs))), float(np.std(logs))


def sleepy_resumes(per_second: float, seconds: float, *, pause_after_seconds: int, worlds: int = 30) -> float:
    """How often transactions that come by chance meet a sleeping cluster, on average over some worlds."""
    each = [_sleepy(per_second, seconds, pause_after_seconds, np.random.default_rng(seed)) for seed in range(worlds)]
    return sum(each) / worlds


def _sleepy(per_second: float, seconds: float, pause_after_seconds: int, rng: np.random.Generator) -> int:
    held = Range(floor_acu=1.0, ceiling_acu=4.0, pause_after_seconds=pause_after_seconds)
    world = SimulatedCluster(ClusterSpec(cluster_id="bench", profile=LOCAL_POSTGRES, range=held), at=START)
    for _ in range(int(seconds * 10)):
        world.step(0.5 if rng.random() < per_second / 10 else 0.0, seconds=0.1)
    return world.nap.cold_hits
