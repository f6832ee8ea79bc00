"""The simulator beside the real engine: throughput, a rush, a shrink, cold starts, and sleep under load.

    python -m benchmarks.local_postgres [OUT]

Takes about five minutes, and root (or a delegated cgroup), PostgreSQL and PgBouncer. Whatever else the machine does
shows in the figures: the load average is printed with them. OUT gets pictures and all figures as JSON.
"""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from statistics import mean, median, quantiles
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from benchmarks.local_postgres import measured, predicted
from benchmarks.local_postgres.bench import LEAST_ACU, MOST_ACU, prepared
from benchmarks.local_postgres.measured import SIZES, Course, Resumed, Step, Throughput
from benchmarks.local_postgres.pictures import draw_course, draw_resumes

COLD_STARTS = 20
WARM_SECONDS = 3
SHRINK = "a shrink below the load, and back"
CALIBRATED_AT = 2.0
SLEEPY_PER_SECOND, SLEEPY_SECONDS = 0.25, 60
# What the loads of the courses need of the cluster, in ACU.
CALM_ACU, RUSH_ACU, STEADY_ACU, SHRUNK_ACU = 0.4, 2.5, 2.0, 0.5


async def main(out: Path | None) -> None:
    """Measure, predict, print."""
    console = Console(width=120)
    with folder_for_servers() as folder:
        async with prepared(folder) as bench:
            sizes = [await measured.throughput(bench, acu) for acu in SIZES]
            cost = next(one.cost for one in sizes if one.acu == CALIBRATED_AT)
            console.print(throughput_table(sizes, cost))
            courses = {}
            planned = plans(cost)
            for title, steps in planned.items():
                found = await measured.course(bench, steps)
                said = predicted.course(steps, cost, least_acu=LEAST_ACU, most_acu=MOST_ACU)
                courses[title] = (found, said)
                console.print(course_table(title, steps, found, said))
            console.print(warming(planned[SHRINK], courses[SHRINK][0]))
            cold = await measured.resumes(bench, COLD_STARTS)
            console.print(cold_table(cold))
            waits, woken, failed, lost = await measured.sleepy_load(bench, SLEEPY_PER_SECOND, SLEEPY_SECONDS)
    said_woken = predicted.sleepy_resumes(SLEEPY_PER_SECOND, SLEEPY_SECONDS, pause_after_seconds=1)
    console.print(
        f"sleep under load: {len(waits)} transactions, {woken} met a sleeping cluster (simulated: {said_woken:.1f}), "
        f"the median waited {median(waits):.2f} s, the longest {max(waits):.2f} s; "
        f"{failed} failed, {lost} connections lost"
    )
    console.print(f"load average at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    if out is not None:
        sleepy = {"waits": waits, "resumes": woken, "failed": failed, "lost": lost}
        keep(out, sizes, courses, cold, sleepy)


def keep(
    out: Path,
    sizes: list[Throughput],
    courses: dict[str, tuple[Course, Course]],
    cold: Resumed,
    sleepy: dict[str, object],
) -> None:
    """Pictures and figures."""
    out.mkdir(parents=True, exist_ok=True)
    for place, (title, (found, said)) in enumerate(courses.items()):
        draw_course(found, said, title, out / f"course-{place + 1}.png")
    draw_resumes(cold.first_row_seconds, cold.resume_seconds, predicted.resume_interval(), out / "cold-starts.png")
    document = {
        "load_average": os.getloadavg()[0],
        "sizes": [asdict(one) for one in sizes],
        "courses": {title: [asdict(one) for one in both] for title, both in courses.items()},
        "cold": asdict(cold),
        "sleepy": sleepy,
    }
    (out / "local_postgres.json").write_text(json.dumps(document, indent=1))


@contextmanager
def folder_for_servers() -> Iterator[Path]:
    """A folder that the servers' user may enter, too."""
    with TemporaryDirectory(prefix="autoscaler-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def plans(cost: float) -> dict[str, list[Step]]:
    """The courses; their loads follow what a transaction costs here."""
    calm, rush, steady = (acu / cost for acu in (CALM_ACU, RUSH_ACU, STEADY_ACU))
    return {
        "a rush, sized by the governor": [
            Step(per_second=calm, seconds=20),
            Step(per_second=rush, seconds=20),
            Step(per_second=calm, seconds=30),
        ],
        SHRINK: [
            Step(per_second=steady, seconds=15, hold_acu=MOST_ACU),
            Step(per_second=steady, seconds=8, hold_acu=SHRUNK_ACU),
            Step(per_second=steady, seconds=22, hold_acu=MOST_ACU),
        ],
    }


def throughput_table(sizes: list[Throughput], cost: float) -> Table:
    """Saturated, by size."""
    table = Table("size", "measured", "simulated", "error", "cost", title=f"Throughput; {cost:.3f} ACU-seconds each")
    for one in sizes:
        said = one.acu / cost
        table.add_row(
            f"{one.acu:g} ACU",
            f"{one.per_second:.1f}/s",
            f"{said:.1f}/s",
            f"{said / one.per_second - 1:+.0%}",
            f"{one.cost:.3f}",
        )
    return table


def course_table(title: str, steps: list[Step], found: Course, said: Course) -> Table:
    """Step by step: both, with the errors."""
    columns = ("due", "capacity", "simulated", "answered", "simulated", "error", "median wait", "class", "simulated")
    table = Table(*columns, title=title)
    begin = 0
    for step in steps:
        part = slice(begin, begin + step.seconds)
        begin += step.seconds
        real, model = mean(found.answered[part]), mean(said.answered[part])
        waits = [one for one in found.median_seconds[part] if one is not None]
        wait = median(waits) if waits else None
        said_wait = median(one or 0.0 for one in said.median_seconds[part])
        table.add_row(
            f"{step.per_second:.0f}/s for {step.seconds} s",
            f"{mean(found.capacity_acu[part]):.2f}",
            f"{mean(said.capacity_acu[part]):.2f}",
            f"{real:.1f}/s",
            f"{model:.1f}/s",
            f"{model / real - 1:+.0%}" if real else "-",
            "-" if wait is None else f"{wait:.3f} s",
            predicted.latency_class(wait),
            predicted.latency_class(said_wait),
        )
    total = f"{sum(found.capacity_acu):.0f} ACU-seconds, simulated {sum(said.capacity_acu):.0f}"
    memory = f"memory {min(found.memory_mib):.0f} to {max(found.memory_mib):.0f} MiB" if found.memory_mib else ""
    table.caption = f"{total}; {memory}; {found.failed} failed, {found.lost} connections lost"
    return table


def warming(steps: list[Step], found: Course) -> str:
    """How fast pages came back after the shrink, and what a transaction cost meanwhile."""
    before, until = (sum(step.seconds for step in steps[:count]) for count in (1, 2))
    looks = round(1 / measured.WATCH_SECONDS)
    small, later = found.memory_mib[until * looks], found.memory_mib[(until + WARM_SECONDS) * looks]
    cold = slice(until, until + WARM_SECONDS)

    def cost(part: slice) -> float:
        return sum(found.used_acu[part]) / max(1.0, sum(found.answered[part]))

    return (
        f"warming up: {later - small:.0f} MiB came back in {WARM_SECONDS} s; a transaction cost "
        f"{cost(cold) / cost(slice(2, before)) - 1:+.0%} meanwhile"
    )


def cold_table(cold: Resumed) -> Table:
    """The distribution, and what was said of it."""
    table = Table("cold starts", "least", "median", "90 %", "most", title=f"{len(cold.first_row_seconds)} cold starts")
    for name, values in (("server let through", cold.resume_seconds), ("client's first row", cold.first_row_seconds)):
        ninth = quantiles(values, n=10)[-1]
        table.add_row(name, *(f"{one:.3f} s" for one in (min(values), median(values), ninth, max(values))))
    low, middle, high = predicted.resume_interval()
    waits = cold.first_row_seconds
    inside = mean(low <= one <= high for one in waits)
    coverage, learned = predicted.learned_coverage(waits, cold.slept_seconds)
    fit, sigma = predicted.log_normal(waits)
    table.caption = (
        f"profile: {middle:.2f} s, nine of ten {low:.2f} to {high:.2f} s, {inside:.0%} inside\n"
        f"measured log-normal: {fit:.3f} s, sigma {sigma:.2f}\n"
        f"learned: {coverage:.0%} inside its 90 % interval, in the end {learned:.2f} s\n"
        f"{cold.lost} of {cold.asked} queries on connections that were open lost"
    )
    return table


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
