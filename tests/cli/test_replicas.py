"""Two whole services on one PostgreSQL, as an operator would run them."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from autoscaler.service.clock import Stopwatch
from tests.cli.test_processes import start
from tests.postgres import needs_postgres

DEADLINE_SECONDS = 60.0
Process = subprocess.Popen[str]

pytestmark = [*needs_postgres, pytest.mark.slow]


@pytest.fixture
def fleet(postgres_url: str, tmp_path: Path) -> Path:
    file = tmp_path / "fleet.yaml"
    file.write_text(
        f"{{database: '{postgres_url}', lease_seconds: 3, call_seconds: 2, decide_seconds: 15,\n"
        "clusters: [{id: shop, policy: reactive, workload: {scenario: e-commerce}}]}\n",
        encoding="utf-8",
    )
    return file


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    running: list[Process] = []
    yield running
    for process in running:
        process.kill()
        process.communicate()


def serve(fleet: Path, processes: list[Process]) -> tuple[Process, str]:
    """A service and its address."""
    process = start("serve", "--config", fleet, "--port", "0", "--open-on-loopback")
    processes.append(process)
    assert process.stderr is not None
    for line in process.stderr:
        told = json.loads(line)
        if told["event"] == "started":
            return process, str(told["url"])
    raise AssertionError("it did not start")


def answer(url: str) -> tuple[int, str]:
    try:
        with urlopen(url, timeout=5) as response:  # noqa: S310 - our own address
            return response.status, response.read().decode()
    except HTTPError as refused:
        refused.close()
        return refused.code, ""


def wait_until_ready_as(url: str, *, leader: int) -> None:
    watch = Stopwatch()
    while not (answer(f"{url}/readyz")[0] == 200 and f"autoscaler_leader {leader}.0" in answer(f"{url}/metrics")[1]):
        assert watch.seconds < DEADLINE_SECONDS, f"{url} is not ready as {leader}"


def test_both_are_ready_and_the_other_one_leads_when_the_first_is_killed(fleet: Path, processes: list[Process]) -> None:
    first, first_url = serve(fleet, processes)
    wait_until_ready_as(first_url, leader=1)
    _, second_url = serve(fleet, processes)
    wait_until_ready_as(second_url, leader=0)
    clusters = json.loads(answer(f"{second_url}/v1/clusters")[1])
    first.kill()
    wait_until_ready_as(second_url, leader=1)

    assert "shop" in json.dumps(clusters)


def test_a_service_that_stops_leaves_the_lead_to_the_other_one(fleet: Path, processes: list[Process]) -> None:
    first, first_url = serve(fleet, processes)
    wait_until_ready_as(first_url, leader=1)
    _, second_url = serve(fleet, processes)
    wait_until_ready_as(second_url, leader=0)
    first.terminate()
    wait_until_ready_as(second_url, leader=1)

    assert first.wait(DEADLINE_SECONDS) == 0
