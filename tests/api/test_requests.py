"""What holds for every request: problems, ids, headers, limits."""

import asyncio
import gzip
import logging
import re
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from autoscaler.api.guards import told
from autoscaler.errors import StorageError
from tests.api.fleet import FakeFleet, make_view
from tests.api.reader import DOCUMENT, Reader, filled

# A stream has no end that a test could wait for; its own tests hang up.
READABLE = [path for path, methods in DOCUMENT["paths"].items() if "get" in methods and not path.endswith("/stream")]
PATHS = [filled(path) for path in READABLE]
# The desk of these tests reaches no provider that could be examined.
STATUS = dict.fromkeys(PATHS, 200) | {"/v1/clusters/orders/pause-doctor": 409}
ONLY_READABLE = [filled(path) for path in READABLE if set(DOCUMENT["paths"][path]) == {"get"}]
SERVED = {*DOCUMENT["paths"], "/", "/docs", "/static/{file}"}
DECISIONS = "/v1/clusters/orders/decisions"


async def test_an_unknown_path_is_told_with_those_that_exist(api: Reader) -> None:
    answer = await api.get("/v2/nothing", 404, X_Request_Id="me-1")

    assert answer.json == {
        "type": "urn:autoscaler:problem:unknown-path",
        "title": "There is nothing at that path",
        "status": 404,
        "detail": "there is nothing at this path; there are: " + ", ".join(sorted(SERVED)),
        "instance": "/v2/nothing",
        "request_id": "me-1",
    }


@pytest.mark.parametrize("path", ONLY_READABLE)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
async def test_what_is_for_reading_takes_no_writes(api: Reader, method: str, path: str) -> None:
    answer = await api.ask(method, path, 405)

    assert answer.headers["Allow"] == "GET, HEAD"
    assert answer.detail == f"{method} is not for this path; there are: GET, HEAD"


@pytest.mark.parametrize("path", PATHS)
async def test_head_answers_like_get_without_a_body(api: Reader, path: str) -> None:
    head, get = await api.ask("HEAD", path, STATUS[path]), await api.get(path, STATUS[path])

    own = {"Date", "X-Request-ID", "X-Request-Id"}
    changing = {"Content-Length"} if path == "/metrics" else set()
    for name in set(get.headers) - own - changing:
        assert head.headers[name] == get.headers[name]
    assert head.text == ""


async def test_a_fault_of_ours_keeps_what_is_inside_inside(api: Reader, fleet: FakeFleet) -> None:
    fleet.broken = RuntimeError("the password is swordfish")

    with capture_logs() as lines:
        answer = await api.get(DECISIONS, 500, X_Request_Id="it-was-me")

    assert "swordfish" not in answer.text
    assert answer.json["request_id"] == "it-was-me"
    assert [(line["event"], line["path"]) for line in lines if line["log_level"] == "error"] == [
        ("request_failed", DECISIONS)
    ]


async def test_a_store_that_is_away_is_a_passing_problem(api: Reader, fleet: FakeFleet) -> None:
    fleet.broken = StorageError("database is locked: /var/lib/autoscaler/state.db")

    answer = await api.get(DECISIONS, 503)

    assert answer.detail == "the store cannot be read at the moment; ask again later"


async def test_an_answer_that_never_comes_is_given_up(api: Reader, fleet: FakeFleet) -> None:
    fleet.broken = TimeoutError()

    assert "ask again later" in (await api.get(DECISIONS, 503)).detail


async def test_the_callers_request_id_comes_back(api: Reader) -> None:
    assert (await api.get("/livez", X_Request_Id="a.b-c:1_2")).headers["X-Request-Id"] == "a.b-c:1_2"


@pytest.mark.parametrize("given", ["", "x" * 65, "new line", "<script>"])
async def test_a_request_id_that_could_do_harm_is_replaced(api: Reader, given: str) -> None:
    assert re.fullmatch("[0-9a-f]{16}", (await api.get("/livez", X_Request_Id=given)).headers["X-Request-Id"])


async def test_every_request_leaves_one_line_with_its_id(api: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "disabled", False)
    monkeypatch.setattr(told, "level", logging.DEBUG)
    monkeypatch.setattr(told, "_cache", {})
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        await api.get("/v1/clusters", X_Request_Id="me-2")

    assert [{**line, "seconds": 0} for line in lines] == [
        {
            "event": "request",
            "log_level": "debug",
            "method": "GET",
            "path": "/v1/clusters",
            "status": 200,
            "seconds": 0,
            "request_id": "me-2",
        }
    ]


@pytest.mark.parametrize("path", [*PATHS, "/nothing"])
async def test_no_answer_may_be_framed_cached_or_read_by_other_sites(api: Reader, path: str) -> None:
    headers = (await api.get(path, STATUS.get(path, 404), Origin="https://evil.example")).headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["Server"] == "autoscaler"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert [name for name in headers if name.startswith("Access-Control")] == []


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "10.0.0.1", "[::2]:80", "localhost.evil.example"]
)
async def test_a_request_for_another_host_is_refused(api: Reader, host: str) -> None:
    answer = await api.get("/v1/clusters", 421, Host=host)

    assert answer.json["type"] == "urn:autoscaler:problem:foreign-host"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8080", "127.0.0.2", "[::1]", "[::1]:8080"])
async def test_this_machine_may_be_called_by_any_of_its_names(api: Reader, host: str) -> None:
    await api.get("/v1/clusters", Host=host)


async def test_large_bodies_are_refused(api: Reader) -> None:
    answer = await api.ask("GET", "/v1/clusters", 413, body=b"x" * 65_537)

    assert answer.detail == "a body has at most 65536 bytes"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "gzip"),
        ("deflate, GZIP;q=0.5", "gzip"),
        ("deflate", None),
        ("gzip;q=0", None),
        ("gzip; q=0.0", None),
    ],
)
async def test_large_answers_are_compressed_for_those_who_ask(
    api: Reader, fleet: FakeFleet, accepted: str, encoding: str | None
) -> None:
    fleet.clusters = {f"c{number}": make_view(f"c{number}") for number in range(50)}

    answer = await api.get("/v1/clusters", Accept_Encoding=accepted)

    assert answer.headers.get("Content-Encoding") == encoding
    assert len(answer.json["items"]) == 50
    assert "Accept-Encoding" in answer.headers["Vary"]


async def test_small_answers_are_left_as_they_are(api: Reader) -> None:
    assert "Content-Encoding" not in (await api.get("/livez", Accept_Encoding="gzip")).headers


async def test_compression_saves_most_of_a_long_list(api: Reader, fleet: FakeFleet) -> None:
    fleet.clusters = {f"c{number}": make_view(f"c{number}") for number in range(100)}

    answer = await api.get("/v1/clusters", Accept_Encoding="gzip")

    assert int(answer.headers["Content-Length"]) < len(gzip.compress(answer.text.encode(), 1)) * 1.2
    assert int(answer.headers["Content-Length"]) < len(answer.text) / 10


@pytest.mark.parametrize(
    "request_text",
    [
        "GET /livez HTTP/1.1\r\nHost: localhost\r\nExpect: nonsense\r\nConnection: close\r\n\r\n",
        "GET /livez HTTP/1.0\r\n\r\n",
        "GET //livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET http://localhost/livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET /v1/clusters?%zz=%% HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: [\r\nConnection: close\r\n\r\n",
        "\x16\x03\x01\x02\r\n\r\n",
    ],
)
async def test_odd_requests_are_no_fault_of_ours(api: Reader, request_text: str) -> None:
    assert await status_of(api, request_text.encode("latin-1")) < 500


async def status_of(api: Reader, request: bytes) -> int:
    """The status of the answer to bytes on the wire."""
    reader, writer = await asyncio.open_connection(api.client.host, api.client.port)
    writer.write(request)
    line = await reader.readline()
    writer.close()
    await writer.wait_closed()
    parts: list[Any] = line.split()
    return int(parts[1])
