"""Operators register, adopt, push and remove clusters of a service on a real socket."""

import asyncio
import json
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from logging import ERROR
from pathlib import Path

import pytest
import structlog
import yaml

from autoscaler.api.app import make_app, serve_app
from autoscaler.observability.metrics import Metrics
from autoscaler.service.opening import opened
from autoscaler.service.settings import ServiceSettings
from autoscaler.service.wiring import acting
from tests.cli.conftest import Cli, write
from tests.fakes import ManualClock, later
from tests.service.builders import make_cluster
from tests.storage.builders import url_in

LAB = ("id: lab", "policy: reactive", "workload: {scenario: analytics}", "tags: {team: data, env: test}")
METER = ("id: meter", "kind: pushed", "policy: native")
POOL = [{"id": "found", "workload": {"scenario": "healthcare"}, "cluster": {"limits": {"min_acu": 1, "max_acu": 16}}}]


async def serve(folder: Path, address: "Future[str]", stop: asyncio.Event) -> None:
    clock, metrics = ManualClock(later(600)), Metrics(version="test")
    settings = ServiceSettings.model_validate(
        {"database": url_in(folder), "clusters": [make_cluster("shop")], "sources": {"simulated": {"pool": POOL}}}
    )
    async with (
        opened(settings, clock=clock) as store,
        acting(settings, store) as supervisor,
        serve_app(make_app(supervisor, metrics=metrics, desk=supervisor.desk), port=0) as bound,
    ):
        address.set_result(bound.url)
        await stop.wait()


@pytest.fixture
def operator(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cli]:
    """The command line, with a service of one cluster in a thread of its own."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(ERROR))  # it shares our standard output
    address: Future[str] = Future()
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(tmp_path, address, stop),))
    thread.start()
    for name in ("AUTOSCALER_TOKEN", "AUTOSCALER_TOKEN_FILE", "AUTOSCALER_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AUTOSCALER_CONTEXTS", str(tmp_path / "none.yaml"))
    monkeypatch.setenv("AUTOSCALER_URL", address.result(timeout=30))
    yield cli
    loop.call_soon_threadsafe(stop.set)
    thread.join(timeout=30)
    loop.close()
    structlog.reset_defaults()


def test_a_cluster_is_registered_listed_changed_and_removed(operator: Cli, tmp_path: Path) -> None:
    lab = write(tmp_path / "lab.yaml", *LAB)
    made = operator("clusters", "register", lab)
    listed = operator("clusters", "get", "--tag", "team=data", "-o", "wide")
    changed = operator("clusters", "update", "lab", write(tmp_path / "new.yaml", *LAB, "title: The lab"), "-o", "json")
    unmeant = operator("clusters", "remove", "lab")
    removed = operator("clusters", "remove", "lab", "--yes", "-o", "yaml")
    left = json.loads(operator("clusters", "get", "-o", "json").out)

    assert (made.code, made.err) == (0, "")
    assert "tags         env=test,team=data" in made.out
    assert "lab" in listed.out
    assert "shop" not in listed.out
    assert "observe" in listed.out
    assert "team=data" in listed.out
    assert json.loads(changed.out)["settings"]["title"] == "The lab"
    assert (unmeant.code, "release it first, or say --yes" in unmeant.err) == (2, True)
    assert yaml.safe_load(removed.out)["removed_at"] is not None
    assert [one["cluster_id"] for one in left] == ["shop"]


def test_what_is_there_is_discovered_and_adopted(operator: Cli) -> None:
    found = operator("clusters", "discover")
    adopted = operator("clusters", "adopt", "found", "--max-acu", "8", "--tag", "env=prod")
    rest = json.loads(operator("clusters", "discover", "-o", "json").out)

    assert "1 to 16 ACU" in found.out
    assert "found at     1 to 16 ACU" in adopted.out
    assert rest["items"] == []


def test_samples_are_pushed_from_a_file_once(operator: Cli, tmp_path: Path) -> None:
    operator("clusters", "register", write(tmp_path / "meter.yaml", *METER))
    rows = [f"{later(60.0 * minute).isoformat()},60,3.5,false,7,," for minute in range(5)]
    header = "at,seconds,demand_acu,censored,connections,capacity_acu,queries_per_second"
    as_csv = write(tmp_path / "samples.csv", header, *rows)
    more = [{"at": later(300).isoformat(), "seconds": 60, "demand_acu": None}]
    as_json = write(tmp_path / "samples.json", json.dumps(more))

    assert operator("clusters", "push", "meter", as_csv).out == "5 accepted, 0 repeated, 0 late\n"
    assert operator("clusters", "push", "meter", as_csv).out == "0 accepted, 5 repeated, 0 late\n"
    assert operator("clusters", "push", "meter", as_json).out == "1 accepted, 0 repeated, 0 late\n"


def test_a_cluster_without_drift_says_so(operator: Cli) -> None:
    assert operator("drift", "shop").out == "shop: nobody else changed its range\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("clusters", "register", "{folder}/none.yaml"), "none.yaml"),
        (("clusters", "register", "{folder}/enforced.yaml"), "a mode is ordered: autoscaler mode lab"),
        (
            ("clusters", "adopt", "lost", "--policy", "reactive"),
            "cluster 'lost' was found; there are: found",
        ),
        (("clusters", "adopt", "found", "--policy", "reactive", "--tag", "x"), "--tag is 'x'; give NAME=VALUE"),
        (("clusters", "discover", "--kind", "oracle"), "no kind of clusters named 'oracle'"),
        (("clusters", "push", "shop", "{folder}/bad.csv"), "bad.csv:2: demand_acu is 'much', which is none"),
        (("clusters", "push", "shop", "{folder}/one.csv"), "its samples come from its source, not from here"),
        (("release", "shop"), "has not told its range yet"),
        (("drift", "shop", "--acknowledge"), "there is no drift of shop to acknowledge"),
        (("clusters", "get", "--mode", "sleep"), "mode is 'sleep'"),
    ],
)
def test_what_cannot_be_is_one_line_and_exit_code_2(
    operator: Cli, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    write(tmp_path / "enforced.yaml", *LAB, "mode: enforce")
    write(tmp_path / "bad.csv", "at,demand_acu", "2026-03-02T08:00:00Z,much")
    write(tmp_path / "one.csv", "at,seconds,demand_acu", "2026-03-02T08:00:00Z,60,1")
    done = operator(*(word.format(folder=tmp_path) for word in words))

    assert (done.code, done.out) == (2, "")
    assert told in done.err
    assert done.err.count("\n") == 1
