"""A whole run with secrets everywhere, and none of them in any log line, event or answer."""

import io
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from aiohttp import ClientSession

from autoscaler.api.access import Access
from autoscaler.api.app import make_app, serve_app
from autoscaler.documents.notify import TargetDocument
from autoscaler.observability.events import Kind
from autoscaler.observability.logs import configure_logging
from autoscaler.observability.metrics import Metrics
from autoscaler.service import notifier
from autoscaler.service.access import TokenBook, new_token
from autoscaler.service.clock import SystemClock
from autoscaler.service.wiring import running
from autoscaler.storage.access import Scope, Tokens
from autoscaler.storage.audit import Deed
from tests.fakes import MONDAY
from tests.service.builders import Recorder, make_settings

CANARY = "canary6f1e"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Every line of the process, from the smallest on; afterwards logging is as it was."""
    root, ours = logging.getLogger(), logging.getLogger("autoscaler")
    before = root.handlers[:], root.level, ours.level
    stream = io.StringIO()
    configure_logging(level="debug", stream=stream)
    yield stream
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    ours.setLevel(before[2])
    structlog.reset_defaults()


def targets(folder: Path) -> tuple[TargetDocument, ...]:
    """One that signs and one whose address is a secret; neither can be reached."""
    secret, url = folder / "secret", folder / "url"
    secret.write_text(f"{CANARY}-signing", encoding="utf-8")
    url.write_text(f"http://127.0.0.1:9/services/{CANARY}", encoding="utf-8")
    common = {"severity": "info", "private_addresses": True}
    signed = {"name": "on-call", "kind": "webhook", "url": "http://127.0.0.1:9/", "secret_file": str(secret)}
    chat = {"name": "chat", "kind": "slack", "url_file": str(url)}
    return tuple(TargetDocument.model_validate({**common, **one}) for one in (signed, chat))


async def test_no_secret_is_ever_told(stream: io.StringIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifier, "FIRST_WAIT_SECONDS", 0.001)
    recorder, metrics = Recorder(), Metrics(version="test")
    settings = make_settings(tmp_path, speed=1200.0, start=MONDAY, notify=targets(tmp_path))
    async with running(settings, observers=[recorder, metrics]) as fleet:
        assert fleet.desk is not None
        desk, now = fleet.desk, SystemClock().now()
        metrics.follow_events(desk.feed)
        kept, text = new_token(name="ada", scope=Scope.ADMIN, clusters="*", at=now, expires_at=now + timedelta(days=1))
        deed = Deed(at=now, actor="test", request_id="", action="tokens.create")
        await Tokens(desk.database).add(kept, deed)
        access = Access(book=TokenBook(Tokens(desk.database), now=SystemClock().now, known_seconds=0))
        app = make_app(fleet, metrics=metrics, desk=desk, access=access)
        desk.feed.emit(Kind.LEADING, "a test begins")
        await desk.feed.newer_than(0)
        async with serve_app(app, port=0) as address, ClientSession() as session:
            mine = {"Authorization": f"Bearer {text}"}
            foreign = {"Authorization": f"Bearer autoscaler_{CANARY}"}
            requests: list[tuple[str, str, dict[str, str], object]] = [
                ("GET", f"/v1/clusters?token={CANARY}", foreign, None),
                *(("GET", path, mine, None) for path in ("/v1/clusters", "/metrics", "/v1/events", "/v1/audit")),
                ("PUT", "/v1/clusters/shop/mode", {**mine, "If-Match": "*"}, {"mode": "observe"}),
            ]
            answers = [
                await (await session.request(method, address.url + path, headers=headers, json=body)).text()
                for method, path, headers, body in requests
            ]
        while desk.notifier.counts()["chat", "dead"] == 0 or desk.notifier.counts()["on-call", "dead"] == 0:
            await recorder.wait()

    told = stream.getvalue() + "".join(answers)
    assert '"event": "notification_failed"' in told
    assert '"event": "request"' in told
    assert "a test begins" in told
    for secret in (CANARY, text, text.split("_", maxsplit=2)[2], kept.hash):
        assert secret not in told
