"""How long a stand-by takes over from a killed replica, and from one that stops, on a real PostgreSQL.

Run as ``python -m benchmarks.takeover [KILLS]``; prints seconds from the signal to the next change asked for.
The replicas decide every half second, so that this is the lease's time and not the planner's.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from autoscaler.service.clock import Stopwatch
from tests.postgres import running_server
from tests.service.test_takeover import (
    DEFAULT_LEASE_SECONDS,
    Replicas,
    assert_each_change_once,
    replicas,
    take_over,
)


def hand_over(them: Replicas, *, times: int) -> list[float]:
    """Stop whoever acts, so many times; how long each time until the next change was asked for."""
    seconds = []
    acting = them.start()
    them.wait_for_calls(acting, more=2)
    for _ in range(times):
        waiting = them.start()
        acting.terminate()
        watch = Stopwatch()
        them.wait_for_calls(waiting, more=1)
        seconds.append(watch.seconds)
        acting = waiting
    return seconds


def main(times: int) -> None:
    """Measure both, and check that nothing was lost or doubled."""
    with running_server() as server:
        for name, measure in (("kill -9", take_over), ("SIGTERM", hand_over)):
            with (
                TemporaryDirectory() as folder,
                replicas(server.new_database(), Path(folder), lease_seconds=DEFAULT_LEASE_SECONDS) as them,
            ):
                seconds = sorted(measure(them, times=times))
                assert_each_change_once(them)
                told = ", ".join(f"{one:.1f}" for one in seconds)
                print(f"{name}: {times} times, {len(them.calls())} changes, none lost or doubled; seconds: {told}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
