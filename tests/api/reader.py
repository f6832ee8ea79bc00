"""A client that believes no answer which is not as the OpenAPI document says."""

import json
import re
from dataclasses import dataclass
from typing import Any

from aiohttp.test_utils import TestClient
from aiohttp.web import Application, Request
from multidict import CIMultiDictProxy
from yarl import URL

from autoscaler.api.app import ENDPOINTS
from autoscaler.api.openapi import openapi_document
from tests.api.json_schema import faults, resolve

THERE = {"cluster_id": "orders", "decision_id": "1", "policy": "standard", "version": "1", "backtest_id": "1"}
DOCUMENT = openapi_document(ENDPOINTS, version="test")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    headers: CIMultiDictProxy[str]
    text: str
    json: Any

    @property
    def detail(self) -> str:
        """What a problem says."""
        detail: str = self.json["detail"]
        return detail


class Reader:
    """Asks, and checks what comes back."""

    def __init__(self, client: TestClient[Request, Application]) -> None:
        self.client = client

    async def get(self, path: str, status: int = 200, **headers: str) -> Answer:
        return await self.ask("GET", path, status, None, **headers)

    async def send(self, method: str, path: str, body: object = None, status: int = 200, **headers: str) -> Answer:
        """Ask with a JSON body, whatever is ordered already, unless the headers say otherwise."""
        content = None if body is None else json.dumps(body).encode()
        given = {"Content_Type": "application/json", "If_Match": "*", **headers}
        return await self.ask(method, path, status, body=content, **given)

    async def ask(self, method: str, path: str, status: int, /, body: bytes | None = None, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = self.client.make_url("/").join(URL(path, encoded=True))
        async with self.client.session.request(method, url, headers=named, data=body) as response:
            text = await response.text()
            is_json = "json" in response.content_type and text != ""
            answer = Answer(
                status=response.status,
                headers=response.headers,
                text=text,
                json=await response.json(content_type=None) if is_json else None,
            )
            assert answer.status == status, f"{method} {path}: {answer.status} {text[:500]}"
            check(answer, method, path, response.content_type)
        return answer


def filled(path: str) -> str:
    """A path of the document, of things that are there."""
    for name, there in THERE.items():
        path = path.replace("{" + name + "}", there)
    return path


def check(answer: Answer, method: str, path: str, content_type: str) -> None:
    """The answer is one of those the document foretells for its path."""
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Request-Id"]
    told = operation(path, method)["responses"].get(str(answer.status))
    if told is None:
        assert answer.status in {401, 404, 405, 421}, f"nobody told of {answer.status} at {path}"
        told = {"$ref": "#/components/responses/unknown-path"}
    told = resolve(told["$ref"], DOCUMENT) if "$ref" in told else told
    assert content_type in told["content"] or "openmetrics" in content_type
    if answer.json is not None:
        assert [*faults(answer.json, told["content"][content_type].get("schema", {}), DOCUMENT)] == []


def operation(path: str, method: str = "GET") -> dict[str, Any]:
    """What the document says of a method at a path; of an unknown one, nothing."""
    plain = path.partition("?")[0]
    for template, methods in DOCUMENT["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), plain):
            found: dict[str, Any] = methods.get("get" if method == "HEAD" else method.lower(), {"responses": {}})
            return found
    return {"responses": {}}
