"""Metrics from a Prometheus: the same numbers and unknowns as from CloudWatch, and errors that tell no secret."""

import asyncio
import shutil
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from autoscaler.adapters.aurora_samples import CACHE_METRICS, Window, samples_in
from autoscaler.adapters.prometheus import Prometheus, Server
from autoscaler.adapters.prometheus_queries import EXPORTERS, Queries
from autoscaler.errors import ClusterError, ClusterThrottled, InvalidInput
from autoscaler.service.clock import SystemClock
from tests.adapters.prometheis import LABEL, NAMES, fake_prometheus, real_prometheus, series
from tests.fakes import MONDAY, later

YACE = Queries(label=LABEL)
WINDOW = Window(instances=("orders-1", "orders-2"), start=MONDAY, end=later(300.0))
RIGHT = {"ServerlessDatabaseCapacity": 4.0, "ACUUtilization": 25.0, "CPUUtilization": 12.5, "DatabaseConnections": 7.0}
needs_prometheus = pytest.mark.skipif(
    not (shutil.which("prometheus") and shutil.which("promtool")),
    reason="prometheus is missing; apt install prometheus",
)


def exposition(values: Mapping[tuple[str, str], Mapping[int, float]]) -> str:
    """OpenMetrics of values by metric and instance and minute."""
    lines = []
    for metric, exported in NAMES.items():
        lines.append(f"# TYPE {exported} gauge")
        for (name, instance), told in values.items():
            if name == metric:
                # As a scraper does: some seconds into a minute.
                at = MONDAY.timestamp() + 17
                lines += [
                    f'{exported}{{{LABEL}="{instance}"}} {value} {at + 60 * minute}' for minute, value in told.items()
                ]
    return "\n".join(lines) + "\n"


async def demands(url: str, window: Window = WINDOW, queries: Queries = YACE) -> list[float | None]:
    prometheus = Prometheus(Server(name="main", url=url), queries)
    try:
        [points] = await prometheus.measure([window])
    finally:
        await prometheus.close()
    assert not isinstance(points, ClusterError), points
    return [sample.demand_acu for sample in samples_in(window, points)]


@pytest.mark.slow
@needs_prometheus
async def test_a_real_prometheus_tells_demand_gaps_and_what_cannot_be(tmp_path: Path) -> None:
    """A gap is not filled with the value before, as Prometheus does for five minutes when it is asked plainly."""
    minutes = range(-5, 10)
    values = {(name, one): dict.fromkeys(minutes, value) for name, value in RIGHT.items() for one in WINDOW.instances}
    values["CPUUtilization", "orders-2"][0] = 20.0
    del values["CPUUtilization", "orders-1"][1]
    del values["CPUUtilization", "orders-1"][2]
    values["CPUUtilization", "orders-2"][3] = float("nan")
    async with real_prometheus(tmp_path, past=exposition(values)) as url:
        assert await demands(url) == pytest.approx([3.2, None, None, None, 2.0])


@pytest.mark.slow
@needs_prometheus
async def test_a_real_prometheus_scrapes_an_exporter(tmp_path: Path) -> None:
    scraped = asyncio.Event()

    async def metrics(request: web.Request) -> web.Response:
        scraped.set()
        lines = [
            f'{NAMES[name]}{{{LABEL}="{one}"}} {value}\n' for name, value in RIGHT.items() for one in WINDOW.instances
        ]
        return web.Response(text="".join(lines))

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        async with real_prometheus(tmp_path, scrape=f"{host}:{port}") as url:
            prometheus = Prometheus(Server(name="main", url=url), YACE)
            told: list[float | None] = []
            while 2.0 not in told:
                scraped.clear()
                await scraped.wait()
                now = SystemClock().now().replace(microsecond=0)
                window = Window(instances=WINDOW.instances, start=now - timedelta(seconds=4), end=now, period_seconds=1)
                [points] = await prometheus.measure([window])
                assert not isinstance(points, ClusterError), points
                told = [sample.demand_acu for sample in samples_in(window, points)]
            await prometheus.close()
    finally:
        await runner.cleanup()

    assert set(told) <= {2.0, None}


async def test_clusters_that_ask_together_share_the_queries() -> None:
    async with fake_prometheus(series(lambda metric, one, at: RIGHT.get(metric), "a", "b", "c")) as fake:
        prometheus = Prometheus(Server(name="main", url=fake.url), YACE)
        windows = [Window(instances=(one,), start=MONDAY, end=later(60.0)) for one in "abc"]
        answers = await prometheus.measure(windows)
        await prometheus.close()

    assert len(fake.asked) == len(RIGHT)
    assert all('=~"a|b|c"' in given["query"] for given in fake.asked)
    assert [sorted({one for _, one in points}) for points in answers if isinstance(points, dict)] == [
        ["a"],
        ["b"],
        ["c"],
    ]


async def test_names_are_no_patterns() -> None:
    async with fake_prometheus(series(lambda metric, one, at: 1.0)) as fake:
        await demands(fake.url, Window(instances=("a.b",), start=MONDAY, end=later(60.0), metrics=("CPUUtilization",)))

    assert '=~"a\\\\.b"' in fake.asked[0]["query"]


@pytest.mark.parametrize(("exporter", "first"), [("yace", 60), ("cloudwatch_exporter", 0)])
async def test_whose_time_it_is_depends_on_the_exporter(exporter: str, first: int) -> None:
    known = EXPORTERS[exporter]
    queries = Queries(label=known.label, stamps_the_begin=known.stamps_the_begin)

    def answer(given: Mapping[str, str]) -> Any:
        start = int(given["start"])
        result = [{"metric": {known.label: one}, "values": [[start, "4"]]} for one in WINDOW.instances]
        return {"status": "success", "data": {"resultType": "matrix", "result": result}}

    async with fake_prometheus(answer) as fake:
        prometheus = Prometheus(Server(name="main", url=fake.url), queries)
        [points] = await prometheus.measure([WINDOW])
        await prometheus.close()

    assert int(fake.asked[0]["start"]) - int(MONDAY.timestamp()) == first
    assert isinstance(points, dict)
    assert points["CPUUtilization", "orders-1"] == {MONDAY.timestamp(): 4.0}


def result(*rows: Mapping[str, Any]) -> Any:
    return {"status": "success", "data": {"resultType": "matrix", "result": list(rows)}}


ROW = {"metric": {LABEL: "orders-1"}, "values": [[0, "1"]]}
WRONG = {
    "denied": (lambda given: web.Response(status=401), "does not take the token or password (401)"),
    "a wrong query": (
        lambda given: web.json_response(
            {"status": "error", "errorType": "bad_data", "error": "parse error"}, status=400
        ),
        "refused: parse error",
    ),
    "no JSON": (
        lambda given: web.Response(text="<html>login</html>"),
        "answers with 200 and something that is no answer",
    ),
    "half an answer": (lambda given: {"status": "success"}, "something that is no answer"),
    "elsewhere": (
        lambda given: web.Response(status=302, headers={"Location": "http://127.0.0.1:9/"}),
        "answers with 302 and something that is no answer",
    ),
    "no label": (lambda given: result({"metric": {}, "values": []}), f"tells no label '{LABEL}'"),
    "twice": (lambda given: result(ROW, ROW), "more than one series of orders-1"),
}


@pytest.mark.parametrize("case", WRONG)
async def test_what_goes_wrong_is_told_without_secrets(case: str, tmp_path: Path) -> None:
    answer, why = WRONG[case]
    token = tmp_path / "token"
    token.write_text("canary-7d1\n", encoding="utf-8")
    async with fake_prometheus(answer) as fake:
        prometheus = Prometheus(Server(name="main", url=f"{fake.url}/", bearer_token_file=token), YACE)
        [problem] = await prometheus.measure([WINDOW])
        token.write_text("canary-8e2", encoding="utf-8")
        await prometheus.measure([WINDOW])
        await prometheus.close()

    assert isinstance(problem, ClusterError)
    assert why in str(problem)
    assert "canary" not in str(problem)
    assert fake.url not in str(problem)
    assert [one["Authorization"] for one in fake.headers] == ["Bearer canary-7d1", "Bearer canary-8e2"]


async def test_a_password_comes_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hunter2", encoding="utf-8")
    async with fake_prometheus(lambda given: result()) as fake:
        server = Server(name="main", url=fake.url, username="scaler", password_file=tmp_path / "password")
        prometheus = Prometheus(server, YACE)
        await prometheus.measure([WINDOW])
        await prometheus.close()

    assert fake.headers[0]["Authorization"] == "Basic c2NhbGVyOmh1bnRlcjI="


@pytest.mark.parametrize(
    ("server", "why"),
    [
        (
            Server(name="main", url="http://127.0.0.1:9"),
            "Prometheus 'main' (ACUUtilization) does not answer: ClientConnectorError",
        ),
        (
            Server(name="main", url="http://127.0.0.1:9", bearer_token_file=Path("/none")),
            "/none cannot be read: No such file",
        ),
        (Server(name="main", url="http://127.0.0.1:9", ca_file=Path("/none")), "cannot be read"),
    ],
)
async def test_a_server_that_cannot_be_asked_is_told(server: Server, why: str) -> None:
    prometheus = Prometheus(server, YACE)
    [problem] = await prometheus.measure([WINDOW])
    await prometheus.close()

    assert why in str(problem)


async def test_a_busy_server_is_asked_again_by_the_account() -> None:
    async with fake_prometheus(lambda given: web.Response(status=429)) as fake:
        prometheus = Prometheus(Server(name="main", url=fake.url), YACE)
        [problem] = await prometheus.measure([WINDOW])
        await prometheus.close()

    assert isinstance(problem, ClusterThrottled)


def test_a_query_that_would_take_old_values_for_new_ones_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"the query for CPUUtilization has no \$step"):
        Queries(label="i", expressions={"CPUUtilization": 'cpu{i=~"$instances"}'})


async def test_a_query_of_ones_own_is_asked_as_it_is_written() -> None:
    queries = Queries(
        label="i", expressions={"CPUUtilization": 'max by (i) (avg_over_time(cpu{i=~"$instances"}[$step]))'}
    )

    written = queries.written("CPUUtilization", ("a", "b"), step_seconds=60, statistic="Average")

    assert written == 'max by (i) (avg_over_time(cpu{i=~"a|b"}[59s999ms]))'


def test_the_cache_is_asked_for_by_the_exporters_names() -> None:
    written = [YACE.written(name, ("a",), step_seconds=60, statistic="Average") for name in CACHE_METRICS]

    assert written == [
        f'avg_over_time(aws_rds_{name}_average{{dimension_DBInstanceIdentifier=~"a"}}[59s999ms])'
        for name in ("buffer_cache_hit_ratio", "read_iops", "freeable_memory")
    ]
