"""The AWS-compatible endpoint of `simulate`: its document, its clusters, its life."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from math import isfinite
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from autoscaler.adapters.workloads import ScenarioWorkload, Workload
from autoscaler.api.app import listening_at
from autoscaler.api.loopback import is_loopback, loopback_address
from autoscaler.awsapi.faults import invalid_value
from autoscaler.awsapi.moods import Gate, Moods
from autoscaler.awsapi.schedules import fire_due
from autoscaler.awsapi.seeding import Seed, sow
from autoscaler.awsapi.server import Endpoint, load_models
from autoscaler.awsapi.world import STEP_SECONDS, Load, World, no_load
from autoscaler.cli.live import stop_signal
from autoscaler.config import Document, read_document
from autoscaler.core.ports import Clock
from autoscaler.errors import InvalidInput, UnknownName
from autoscaler.registry import build
from autoscaler.service.clock import ScaledClock, SystemClock
from autoscaler.service.sources.simulated import PoolDocument
from autoscaler.simulator.scenarios import find_scenario

LOAD_TAG = "simulated-workload"
STEPS_AT_ONCE = 500
PATIENCE = timedelta(minutes=2)  # of cluster time: a machine that is too slow for the speed lives coarser, not later
MOST_HISTORY_DAYS = 455  # as long as CloudWatch keeps points


class EndpointDocument(Document):
    """What is there from the start.

    Args:
        clusters: as in the settings of the service.
        history_days: so long have they lived, and been measured, when the endpoint starts.
        moods: how callers are treated, see `Moods`.
    """

    clusters: tuple[PoolDocument, ...] = ()
    history_days: Annotated[float, Field(ge=0, le=MOST_HISTORY_DAYS)] = 0.0
    moods: Mapping[str, Any] = {}

    def build_moods(self) -> Moods:
        """How callers are treated.

        Raises:
            InvalidInput: a setting is unknown or cannot be used.
        """
        return build(Moods, self.moods, "the moods")


def read_endpoint(file: Path | None) -> EndpointDocument:
    """The document in a file; without one nothing is there."""
    return EndpointDocument() if file is None else read_document(file, EndpointDocument)


def address_of(listen: str) -> tuple[str, int]:
    """Host and port.

    Raises:
        InvalidInput: it is no address of this machine: whoever reached it could do everything.
    """
    host, _, port = listen.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise InvalidInput(f"'{listen}' is no address and port, such as 127.0.0.1:4566")
    if not is_loopback(host.strip("[]")):
        raise InvalidInput(
            f"'{host}' is no loopback address; nobody is asked for a password, so use 127.0.0.1 or [::1]"
        )
    return loopback_address(host.strip("[]")), int(port)


def make_world(document: EndpointDocument, clock: Clock, *, speed: float = 1.0) -> World:
    """The clusters of a document with their history, as they are now."""
    begun = clock.now() - timedelta(days=document.history_days)
    gate = Gate(document.build_moods(), now=clock.now, speed=speed)
    world = World(now=lambda: begun, gate=gate, patience=PATIENCE)
    for one in document.clusters:
        cluster = one.cluster.model_copy(update={"name": one.id})
        workload = one.workload.load(start=begun, step_seconds=STEP_SECONDS)
        sow(world, Seed(spec=cluster.build_spec(seed=one.seed), load=load_from(workload), tags=one.tags))
    world.now = clock.now
    world.live()
    return world


def load_from(workload: Workload) -> Load:
    """What a workload demands at a moment; a gap in a recording demands nothing."""
    return lambda at: workload.load_at(at).demand_acu


def tagged_load(tags: Mapping[str, str]) -> Load:
    """The load of a cluster that was created over the API.

    Raises:
        Fault: its tag names no scenario.
    """
    name = tags.get(LOAD_TAG)
    if name is None:
        return no_load
    try:
        return load_from(ScenarioWorkload(find_scenario(name)))
    except UnknownName as problem:
        raise invalid_value(f"The tag {LOAD_TAG} is not valid: {problem}") from None


async def offer(document: EndpointDocument, address: tuple[str, int], *, speed: float) -> None:
    """Serve until somebody stops it."""
    if not (isfinite(speed) and speed > 0):
        raise InvalidInput(f"a speed of {speed} is not above 0")
    clock = ScaledClock(start=SystemClock().now(), speed=speed)
    if document.history_days and document.clusters:
        print(f"{len(document.clusters)} clusters live through {document.history_days:g} days first …", flush=True)
    world = make_world(document, clock, speed=speed)
    load_models()
    stopped = stop_signal()
    async with listening_at(Endpoint(world, load_of=tagged_load).app(), *address) as bound:
        print(
            f"{len(world.clusters)} clusters behind {bound.url}; no credentials are checked. Stop with Ctrl-C.",
            flush=True,
        )
        living = asyncio.create_task(_live(world, clock), name="let the clusters live")
        await stopped.wait()
        living.cancel()
        with suppress(asyncio.CancelledError):
            await living


async def _live(world: World, clock: Clock) -> None:
    """In short pieces, so that a call need not wait for long ones."""
    while True:
        done = world.live(most_steps=STEPS_AT_ONCE)
        fire_due(world)
        await (clock.sleep(STEP_SECONDS) if done else asyncio.sleep(0))
