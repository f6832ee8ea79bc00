"""What an endpoint is, and how one answers: the application and the OpenAPI document are both made from these."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from pydantic import BaseModel

from autoscaler.api.problems import Kind
from autoscaler.api.queries import Query
from autoscaler.api.showcase import Showcase
from autoscaler.observability.metrics import Metrics
from autoscaler.service.desk import Desk
from autoscaler.service.views import Fleet
from autoscaler.storage.access import Scope

LARGEST_BODY_BYTES = 65_536
FLEET: web.AppKey[Fleet] = web.AppKey("fleet")
METRICS = web.AppKey("metrics", Metrics)
VERSION = web.AppKey("version", str)
DESK = web.AppKey("desk", Desk)
SHOWCASE = web.AppKey("showcase", Showcase)
OPENAPI = web.AppKey("openapi", bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A path and what can be done with it.

    ``answer`` is the schema of a JSON answer, or the media type of another one. ``problems`` are the kinds
    that only this endpoint has, besides those of all. ``scope`` None is for everybody; ``whole_fleet`` is for
    tokens of all clusters. A ``conditional`` one wants the ETag of what the caller has seen in If-Match: that of
    ``etag_of``. A ``keyed`` one takes an idempotency key, as all conditional ones do.
    """

    path: str
    name: str
    about: str
    handle: Callable[[web.Request], Awaitable[web.StreamResponse]]
    answer: type[BaseModel] | str
    query: type[Query] | None = None
    problems: tuple[Kind, ...] = ()
    method: str = "GET"
    body: type[BaseModel] | None = None
    scope: Scope | None = Scope.READ
    whole_fleet: bool = False
    conditional: bool = False
    etag_of: str = "…/control"
    keyed: bool = False
    largest_body_bytes: int = LARGEST_BODY_BYTES
    body_types: tuple[str, ...] = ("application/json",)


def answer(content: BaseModel | bytes) -> web.Response:
    """A JSON answer."""
    body = content if isinstance(content, bytes) else content.model_dump_json().encode()
    return web.Response(body=body, content_type="application/json")


def answer_page(content: BaseModel | bytes, next_page: str | None) -> web.Response:
    """A JSON answer that is one page of many; the next one is also told in a Link header (RFC 8288)."""
    page = answer(content)
    if next_page is not None:
        page.headers["Link"] = f'<{next_page}>; rel="next"'
    return page
