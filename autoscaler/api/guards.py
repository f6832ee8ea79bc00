"""What happens to every request, whatever it asks for: an id, limits, problems told, and safe headers."""

import asyncio
import logging
import re
from functools import partial
from secrets import token_hex

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from structlog.contextvars import bind_contextvars

from autoscaler.api.access import ACCESS, PROBES
from autoscaler.api.loopback import LOCALHOST, name_of, names_loopback
from autoscaler.api.problems import (
    FOREIGN_HOST,
    INTERNAL,
    REQUEST_ID,
    UNAVAILABLE,
    of_mistake,
    of_refusal,
    problem,
)
from autoscaler.errors import InvalidInput, StorageError
from autoscaler.observability.traces import is_tracing, span

LONGEST_REQUEST_SECONDS = 30.0
WORTH_COMPRESSING_BYTES = 1024
HARMLESS_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept, Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}
DEADLINE = web.RequestKey("deadline", asyncio.Timeout)

log = structlog.get_logger(__name__)
told = logging.getLogger(__name__)


@web.middleware
async def identify(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every request has an id: the caller's, or a new one. All log lines of the request carry it."""
    given = request.headers.get("X-Request-Id", "")
    request[REQUEST_ID] = given if HARMLESS_ID.fullmatch(given) else token_hex(8)
    # Never unbound: the context is the connection's own, and its next request binds another one.
    bind_contextvars(request_id=request[REQUEST_ID])
    if is_tracing():
        handler = partial(_traced, handler)
    if not told.isEnabledFor(logging.DEBUG):  # a twentieth of a quick answer's time
        return await handler(request)
    started = asyncio.get_running_loop().time()
    response = await handler(request)
    seconds = round(asyncio.get_running_loop().time() - started, 6)
    log.debug("request", method=request.method, path=request.path, status=response.status, seconds=seconds)
    return response


@web.middleware
async def compress(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Large answers are compressed for those who can read it."""
    response = await handler(request)
    large = isinstance(response, web.Response) and (response.content_length or 0) >= WORTH_COMPRESSING_BYTES
    packed = "Content-Encoding" in response.headers
    if large and not packed and _takes_gzip(request.headers.get("Accept-Encoding", "")):
        response.enable_compression(web.ContentCoding.gzip)
    return response


@web.middleware
async def tell_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong becomes a problem document; what is inside stays inside."""
    try:
        async with asyncio.timeout(LONGEST_REQUEST_SECONDS) as request[DEADLINE]:
            return await handler(request)
    except (InvalidInput, StorageError) as mistake:
        return of_mistake(request, mistake)
    except web.HTTPException as refusal:
        return of_refusal(request, refusal)
    except TimeoutError:
        return problem(request, UNAVAILABLE, f"no answer within {LONGEST_REQUEST_SECONDS:g} s; ask again later")
    except Exception:
        log.exception("request_failed", method=request.method, path=request.path)
        detail = "this is a fault of the service; its log tells more under the request id"
        return problem(request, INTERNAL, detail)


@web.middleware
async def refuse_strangers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """No requests for other hosts.

    That is what a web page sends that had its name re-pointed to this machine (DNS rebinding): without
    tokens, the Host header is all that tells it from the user's own browser. With tokens the owner may name hosts.
    """
    host, access = request.headers.get("Host", LOCALHOST), request.app[ACCESS]
    # With tokens a probe may come by any name: a kubelet calls the pod by its address.
    asked_by_name = access.open or (access.allowed_hosts and request.path not in PROBES)
    if asked_by_name and not names_loopback(host) and name_of(host) not in access.allowed_hosts:
        names = ", ".join((*access.allowed_hosts, LOCALHOST))
        return problem(request, FOREIGN_HOST, f"this service answers to {names} and loopback addresses only")
    return await handler(request)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """A signal: sends what every answer carries, unless the answer knows better."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "autoscaler"  # the library has set its name and version already
    if REQUEST_ID in request:  # not when the HTTP library refused it before us
        response.headers["X-Request-Id"] = request[REQUEST_ID]


async def _traced(handler: Handler, request: web.Request) -> web.StreamResponse:
    with span("request", method=request.method, route=_route(request)) as traced:
        response = await handler(request)
        if traced is not None:
            traced.set_attribute("http.response.status_code", response.status)
        return response


def _route(request: web.Request) -> str:
    """The path without the names in it."""
    resource = request.match_info.route.resource
    return "unknown" if resource is None else resource.canonical


def _takes_gzip(accepted: str) -> bool:
    codings = {part.split(";")[0].strip().lower(): part.replace(" ", "") for part in accepted.split(",")}
    return "gzip" in codings and not re.search(r";q=0(\.0*)?$", codings["gzip"])
