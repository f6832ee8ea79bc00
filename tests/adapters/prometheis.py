"""A fake Prometheus that answers range queries as a test says, and a real one with a past that a test writes."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

PROMETHEUS, PROMTOOL = "prometheus", "promtool"
NAMES = {
    "ServerlessDatabaseCapacity": "aws_rds_serverless_database_capacity_average",
    "ACUUtilization": "aws_rds_acuutilization_average",
    "CPUUtilization": "aws_rds_cpuutilization_average",
    "DatabaseConnections": "aws_rds_database_connections_average",
}
LABEL = "dimension_DBInstanceIdentifier"

Answer = Callable[[Mapping[str, str]], Any]


@dataclass
class Fake:
    """What it was asked, and with which headers."""

    answer: Answer
    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        given = {name: str(value) for name, value in (await request.post()).items()}
        self.asked.append(given)
        self.headers.append(dict(request.headers))
        told = self.answer(given)
        return told if isinstance(told, web.StreamResponse) else web.json_response(told)


@asynccontextmanager
async def fake_prometheus(answer: Answer) -> AsyncIterator[Fake]:
    """One on a free port."""
    fake = Fake(answer)
    app = web.Application()
    app.router.add_post("/api/v1/query_range", fake.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    fake.url = f"http://{host}:{port}"
    try:
        yield fake
    finally:
        await runner.cleanup()


def series(values: Callable[[str, str, float], float | None], *instances: str) -> Answer:
    """Answers with ``values(metric, instance, at)`` at each step; None is a gap."""
    names = {exported: metric for metric, exported in NAMES.items()}

    def answer(given: Mapping[str, str]) -> Any:
        metric = next((metric for exported, metric in names.items() if exported in given["query"]), "")
        start, end, step = (int(given[name]) for name in ("start", "end", "step"))
        result = []
        for one in instances:
            told = [(at, values(metric, one, float(at - step))) for at in range(start, end + 1, step)]
            known = [[at, str(value)] for at, value in told if value is not None]
            if known:
                result.append({"metric": {LABEL: one}, "values": known})
        return {"status": "success", "data": {"resultType": "matrix", "result": result}}

    return answer


@asynccontextmanager
async def real_prometheus(folder: Path, *, past: str = "", scrape: str | None = None) -> AsyncIterator[str]:
    """A Prometheus of its own with a ``past`` in OpenMetrics, and somebody to scrape twice a second; its URL."""
    data, config = folder / "data", folder / "prometheus.yml"
    if past:
        (folder / "past.txt").write_text(past + "# EOF\n", encoding="utf-8")
        await _run(PROMTOOL, "tsdb", "create-blocks-from", "openmetrics", str(folder / "past.txt"), str(data))
    target = f"[{{job_name: yace, scrape_interval: 500ms, static_configs: [{{targets: ['{scrape}']}}]}}]"
    config.write_text(f"scrape_configs: {target if scrape else '[]'}\n", encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    process = await asyncio.create_subprocess_exec(
        PROMETHEUS,
        f"--config.file={config}",
        f"--storage.tsdb.path={data}",
        "--storage.tsdb.retention.time=10y",
        f"--web.listen-address={address}",
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(30):
            while b"ready to receive" not in (line := await process.stderr.readline()):
                assert line, "Prometheus has ended"
        draining = asyncio.create_task(process.stderr.read())
        yield f"http://{address}"
        draining.cancel()
    finally:
        process.kill()
        await process.wait()


async def _run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    assert await process.wait() == 0
