"""How long the image takes to start, and what it needs of memory, idle and with simulated clusters.

    python -m benchmarks.image IMAGE [--engine podman] [--option --ulimit=host] [--clusters 0] [--clusters 1000]

Runs the image as the chart does: a user without rights, a root file system that nobody writes to, the default interval
of a decision a minute. It listens on this machine only, and is stopped at the end. Seconds are real time, beside the
processor's: on a busy machine believe the latter.
"""

import json
import re
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep  # noqa: TID251 - it waits for a container, and real time is what is measured here
from typing import Annotated
from urllib.error import URLError
from urllib.request import urlopen

import typer

from autoscaler.service.clock import Stopwatch
from autoscaler.simulator.scenarios import SCENARIOS

API, METRICS = "http://127.0.0.1:8080", "http://127.0.0.1:9090/metrics"
PATIENCE_SECONDS = 300
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """podman or docker, with what it needs on this machine."""

    program: str
    options: tuple[str, ...]

    def call(self, *words: str) -> str:
        """Run a command of it."""
        done = subprocess.run([self.program, *words], check=True, capture_output=True, text=True)  # noqa: S603 - as told
        return done.stdout.strip()

    @contextmanager
    def running(self, image: str, folder: Path) -> Iterator[str]:
        """A container with the settings in ``folder``; its name."""
        name = f"autoscaler-{uuid.uuid4().hex[:8]}"
        self.call(
            *("run", "--detach", "--rm", "--name", name, "--network=host", "--read-only", "--user=10001:10001"),
            *(
                "--cap-drop=ALL",
                "--tmpfs=/tmp",
                "--volume=/var/lib/autoscaler",
                f"--volume={folder}:/etc/autoscaler:ro",
            ),
            *(*self.options, image),
            *("serve", "--config=/etc/autoscaler/fleet.yaml", "--port=8080", "--log-style=json"),
        )
        try:
            yield name
        finally:
            self.call("stop", "--time=10", name)


def measure(engine: Engine, image: str, clusters: int, seconds: int) -> dict[str, object]:
    """One run, from the command to its memory when it has decided for ``seconds``."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        Path(folder, "fleet.yaml").write_text(json.dumps(_fleet(clusters)), encoding="utf-8")
        watch = Stopwatch()
        with engine.running(image, Path(folder)) as name:
            _wait(lambda: _answers(f"{API}/livez"))
            live = watch.seconds
            _wait(lambda: _answers(f"{API}/readyz"))
            ready = watch.seconds
            _wait(lambda: sum(_series("autoscaler_ticks_total")) >= clusters)
            decided, worked = watch.seconds, sum(_series("process_cpu_seconds_total"))
            sleep(seconds)
            return {
                "clusters": clusters,
                "live after s": round(live, 1),
                "ready after s": round(ready, 1),
                "all decided once after s": round(decided, 1),
                "processor s by then": round(worked, 1),
                "ticks": int(sum(_series("autoscaler_ticks_total"))),
                "resident MiB of the service": round(sum(_series("process_resident_memory_bytes")) / 2**20),
                "the engine says of all processes": engine.call("stats", "--no-stream", "--format={{.MemUsage}}", name),
            }


def _fleet(clusters: int) -> dict[str, object]:
    scenarios = sorted(SCENARIOS)
    return {
        "database": "sqlite+aiosqlite:////var/lib/autoscaler/autoscaler.db",
        "metrics": {"host": "127.0.0.1", "port": 9090},
        "clusters": [
            {
                "id": f"cluster-{number}",
                "policy": {"policy": "quantile"},
                "seed": number,
                "workload": {"scenario": scenarios[number % len(scenarios)]},
            }
            for number in range(clusters)
        ],
    }


def _wait(until: Callable[[], bool]) -> None:
    watch = Stopwatch()
    while not until():
        if watch.seconds > PATIENCE_SECONDS:
            raise SystemExit(f"not after {PATIENCE_SECONDS} s; look at the container's log")
        sleep(POLL_SECONDS)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:  # noqa: S310 - of this machine
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _series(name: str) -> list[float]:
    with urlopen(METRICS, timeout=30) as answer:
        text = answer.read().decode()
    return [float(value) for value in re.findall(rf"^{name}(?:\{{.*\}})? (\S+)$", text, flags=re.MULTILINE)]


def main(
    image: str,
    engine: str = "podman",
    option: Annotated[list[str] | None, typer.Option(help="One more for the engine's run command.")] = None,
    clusters: Annotated[list[int] | None, typer.Option(help="How many; may be given several times.")] = None,
    seconds: Annotated[int, typer.Option(help="How long it decides before its memory is read.")] = 150,
) -> None:
    """Print a line of JSON for each number of clusters."""
    for number in clusters or [0, 1000]:
        print(json.dumps(measure(Engine(program=engine, options=tuple(option or ())), image, number, seconds)))


if __name__ == "__main__":
    typer.run(main)
