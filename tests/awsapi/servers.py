"""The endpoint on a free port, in a thread of its own, by a clock that a test moves; and the usual clients for it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any

import boto3
from botocore.config import Config

from autoscaler.api.app import listening_at
from autoscaler.awsapi.actions import LoadOf
from autoscaler.awsapi.moods import Gate, Moods
from autoscaler.awsapi.server import Endpoint
from autoscaler.awsapi.world import World
from autoscaler.cli.endpoint import tagged_load
from tests.fakes import MONDAY


@dataclass
class HandClock:
    """Stands still until it is moved."""

    at: datetime = MONDAY

    def now(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)


@dataclass
class Simulated:
    """An endpoint to call."""

    clock: HandClock
    world: World
    url: str = ""
    load_acu: list[float] = field(default_factory=lambda: [0.0])

    def client(self, service: str) -> Any:
        """A client as everybody makes it; it tries once."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="any",
            aws_secret_access_key="any",
            config=Config(retries={"total_max_attempts": 1}),
        )


@contextmanager
def simulated_aws(moods: Moods | None = None) -> Iterator[Simulated]:
    """Serve an empty account; a cluster that is created there has the load of ``load_acu``, or of its tag."""
    clock = HandClock()
    world = World(now=clock.now, gate=Gate(moods or Moods(), now=clock.now))
    aws = Simulated(clock, world)
    with served(world, lambda tags: tagged_load(tags) if tags else lambda at: aws.load_acu[0]) as aws.url:
        yield aws


@contextmanager
def served(world: World, load_of: LoadOf) -> Iterator[str]:
    """A world behind its endpoint; yields the URL."""
    started = Event()
    running: list[Any] = []

    async def serve() -> None:
        end = asyncio.Event()
        async with listening_at(Endpoint(world, load_of=load_of).app(), "127.0.0.1", 0) as bound:
            running.extend((bound.url, asyncio.get_running_loop(), end))
            started.set()
            await end.wait()

    thread = Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert started.wait(30)
    url, loop, end = running
    try:
        yield url
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(30)
