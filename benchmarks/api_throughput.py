"""How quick the API answers, beside a bare aiohttp handler that returns the same bytes, in one run.

Both stand in this process, on ports of their own; a second process asks them in turn, a round here and a round there,
over connections that stay open, with a token. Told are requests a second, and the processor time of this process
for one request, which a busy machine distorts less; a share is the bare handler's time over ours.

    python benchmarks/api_throughput.py [--rounds 6] [--requests 1500]
"""

import argparse
import asyncio
import multiprocessing
import resource
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from aiohttp import web

from autoscaler.api.access import Access, Rate
from autoscaler.api.app import make_app, serve_app
from autoscaler.observability.logs import configure_logging
from autoscaler.observability.metrics import Metrics
from autoscaler.service.access import TokenBook, new_token
from autoscaler.service.clock import Stopwatch, SystemClock
from autoscaler.service.settings import ServiceSettings
from autoscaler.service.supervisor import Supervisor
from autoscaler.service.wiring import assembled
from autoscaler.storage.access import Scope, Tokens
from autoscaler.storage.audit import Deed

CLUSTERS, TICKS, CONNECTIONS = 100, 55, 8
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
PATHS = {
    "list of 100 clusters": "/v1/clusters?limit=100",
    "one cluster": "/v1/clusters/c001",
    "its control": "/v1/clusters/c001/control",
    "50 decisions": "/v1/clusters/c001/decisions?limit=50",
}


@dataclass
class Hand:
    """A clock that is moved by hand."""

    at: datetime = START

    def now(self) -> datetime:
        """The moment it was moved to."""
        return self.at

    async def sleep(self, seconds: float) -> None:
        """Nobody waits for it here."""


@dataclass
class Tally:
    """What one kind of server took for its requests."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    requests: int = 0
    rates: list[float] = field(default_factory=list)


async def ask(port: int, request: bytes, count: int) -> None:
    """So many requests over some connections that stay open."""

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(count // CONNECTIONS):
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise SystemExit(head.decode())
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            await reader.readexactly(length)
        writer.close()

    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))


def client(port: int, request: bytes, count: int) -> None:
    """What the other process runs."""
    asyncio.run(ask(port, request, count))


async def measure(tally: Tally, pool: ProcessPoolExecutor, port: int, request: bytes, count: int) -> None:
    """One round."""
    stopwatch, before = Stopwatch(), resource.getrusage(resource.RUSAGE_SELF)
    await asyncio.get_running_loop().run_in_executor(pool, client, port, request, count)
    after = resource.getrusage(resource.RUSAGE_SELF)
    tally.cpu_seconds += after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    tally.seconds += stopwatch.seconds
    tally.requests += count // CONNECTIONS * CONNECTIONS


def bare_app(answers: dict[str, bytes]) -> web.Application:
    """The same bytes, and nothing but them."""

    async def handle(request: web.Request) -> web.Response:
        return web.Response(body=answers[request.path_qs], content_type="application/json")

    app = web.Application()
    for path in answers:
        app.router.add_get(path.partition("?")[0].replace("c001", "{cluster_id}"), handle)
    return app


async def fleet_token(fleet: Supervisor) -> tuple[Access, str]:
    """Access by tokens, as in earnest, and one of them."""
    if fleet.desk is None:
        raise SystemExit("the fleet has no desk")
    tokens, at = Tokens(fleet.desk.database), SystemClock().now()
    token, text = new_token(name="bench", scope=Scope.READ, clusters="*", at=at, expires_at=at + timedelta(hours=1))
    await tokens.add(token, Deed(at=at, actor="bench", request_id="bench", action="token.create"))
    return Access(book=TokenBook(tokens, now=SystemClock().now), rate=Rate(per_minute=100_000_000)), text


async def answers_of(port: int, token: str) -> dict[str, bytes]:
    """What our server answers."""
    import aiohttp

    headers, found = {"Authorization": f"Bearer {token}"}, {}
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=headers) as session:
        for path in PATHS.values():
            async with session.get(path, headers={"Accept-Encoding": "identity"}) as response:
                response.raise_for_status()
                found[path] = await response.read()
    return found


async def run(rounds: int, requests: int, folder: Path) -> None:
    """Build, ask, tell."""
    clusters = [
        {"id": f"c{number:03}", "policy": "reactive", "mode": "enforce", "workload": {"scenario": "e-commerce"}}
        for number in range(CLUSTERS)
    ]
    database = f"sqlite+aiosqlite:///{folder / 'bench.db'}"
    settings = ServiceSettings.model_validate({"database": database, "clusters": clusters})
    clock = Hand()
    async with assembled(settings, clock=clock) as fleet:
        for _ in range(TICKS):
            await fleet.beat()
            await fleet.settle()
            clock.at += timedelta(seconds=60)
        access, token = await fleet_token(fleet)
        app = make_app(fleet, metrics=Metrics(version="bench"), desk=fleet.desk, access=access)
        async with serve_app(app, port=0) as ours:
            answers = await answers_of(ours.port, token)
            runner = web.AppRunner(bare_app(answers), access_log=None)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            bare_port = runner.addresses[0][1]
            with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
                await compare(pool, ours.port, bare_port, answers, token, rounds, requests)
            await runner.cleanup()


async def compare(
    pool: ProcessPoolExecutor,
    ours_port: int,
    bare_port: int,
    answers: dict[str, bytes],
    token: str,
    rounds: int,
    requests: int,
) -> None:
    """Both in turn, and a line for each kind of answer."""
    print("| answer | bytes | bare, requests/s | ours, requests/s | share | processor: bare, ms | ours, ms | share |")
    print("|---|---|---|---|---|---|---|---|")
    for name, path in PATHS.items():
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        bare, ours = Tally(), Tally()
        for round_ in range(rounds + 1):
            if round_ == 1:  # the first one warmed up
                bare, ours = Tally(), Tally()
            await measure(bare, pool, bare_port, head, requests)
            await measure(ours, pool, ours_port, head, requests)
        fast, slow = bare.requests / bare.seconds, ours.requests / ours.seconds
        cheap, dear = 1000 * bare.cpu_seconds / bare.requests, 1000 * ours.cpu_seconds / ours.requests
        print(
            f"| {name} | {len(answers[path]):,} | {fast:,.0f} | {slow:,.0f} | {slow / fast:.0%} "
            f"| {cheap:.3f} | {dear:.3f} | {cheap / dear:.0%} |",
            flush=True,
        )


def main() -> None:
    """The command."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=6)
    options.add_argument("--requests", type=int, default=1600)
    given = options.parse_args()
    configure_logging(level="warning")
    with TemporaryDirectory() as folder:
        asyncio.run(run(given.rounds, given.requests, Path(folder)))


if __name__ == "__main__":
    main()
