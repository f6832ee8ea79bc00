"""Who may ask: bearer tokens, scopes, cluster patterns and a rate for each token."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Handler

from autoscaler.api.endpoints import FLEET, LARGEST_BODY_BYTES, Endpoint
from autoscaler.api.pages import is_page
from autoscaler.api.problems import FORBIDDEN, NO_TOKEN, TOO_LARGE, TOO_MANY, UNCONDITIONAL, WRONG_TYPE, problem
from autoscaler.errors import UnknownName
from autoscaler.service.access import Caller, TokenBook
from autoscaler.storage.access import Scope

PROBES = frozenset({"/livez", "/readyz", "/healthz"})
ANYBODY = Caller(actor="anybody on this machine", scope=Scope.ADMIN)
CALLER = web.RequestKey("caller", Caller)


@dataclass(slots=True, kw_only=True)
class Rate:
    """A bucket for each caller that fills evenly and holds a minute's worth."""

    per_minute: int
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)

    def wait_seconds(self, actor: str, at: float) -> float:
        """Take one; otherwise how long to wait for the next."""
        left, since = self._left.get(actor, (float(self.per_minute), at))
        left = min(float(self.per_minute), left + (at - since) * self.per_minute / 60)
        if left < 1:
            self._left[actor] = left, at
            return (1 - left) * 60 / self.per_minute
        self._left[actor] = left - 1, at
        return 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who is let in; without a ``book`` anybody on this machine, and nobody else."""

    book: TokenBook | None = None
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    rate: Rate = field(default_factory=lambda: Rate(per_minute=600))

    @property
    def open(self) -> bool:
        """Whether no token is asked for."""
        return self.book is None


ACCESS = web.AppKey("access", Access)


@web.middleware
async def authenticate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Strangers get probes and empty pages; what is behind an unknown path is none of their business either."""
    if request.path in PROBES or is_page(request.path):
        return await handler(request)
    access = request.app[ACCESS]
    caller = ANYBODY if access.book is None else await access.book.caller(token_of(request))
    if caller is None:
        refusal = problem(request, NO_TOKEN, "send a good token in the header 'Authorization: Bearer TOKEN'")
        refusal.headers["WWW-Authenticate"] = 'Bearer realm="autoscaler"'
        return refusal
    if not access.open and (wait := access.rate.wait_seconds(caller.actor, _now())) > 0:
        refusal = problem(request, TOO_MANY, f"a token may ask {access.rate.per_minute} times a minute")
        refusal.headers["Retry-After"] = str(int(wait) + 1)
        return refusal
    request[CALLER] = caller
    return await handler(request)


def guarded(endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The endpoint's handler behind what it needs: a scope, a cluster of the caller's, a condition, a JSON body."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if (request.content_length or 0) > endpoint.largest_body_bytes:
            return problem(request, TOO_LARGE, f"a body has at most {endpoint.largest_body_bytes} bytes")
        if endpoint.largest_body_bytes != LARGEST_BODY_BYTES:
            request = request.clone(client_max_size=endpoint.largest_body_bytes)
        if endpoint.scope is not None and (refusal := _refusal(request, endpoint, endpoint.scope)) is not None:
            return refusal
        return await endpoint.handle(request)

    return handle


def _refusal(request: web.Request, endpoint: Endpoint, scope: Scope) -> web.Response | None:
    caller = request[CALLER]
    if not caller.scope.includes(scope):
        return problem(request, FORBIDDEN, f"this needs a token of scope '{scope}'; yours is '{caller.scope}'")
    if endpoint.whole_fleet and not caller.sees_all:
        return problem(request, FORBIDDEN, f"this is about all clusters; your token is for '{caller.clusters}'")
    if "cluster_id" in request.match_info:
        visible(request, caller, request.match_info["cluster_id"])
    if endpoint.body is not None and request.content_type not in endpoint.body_types:
        types = " or ".join(endpoint.body_types)
        return problem(request, WRONG_TYPE, f"the body is '{request.content_type}'; send {types}")
    if endpoint.conditional and "If-Match" not in request.headers:
        detail = f"send the ETag of GET {endpoint.etag_of} in If-Match, so that nobody's change is overwritten unseen"
        return problem(request, UNCONDITIONAL, detail)
    return None


def visible(request: web.Request, caller: Caller, cluster_id: str) -> None:
    """Refuse a cluster that is not the caller's: it is as unknown as one that does not exist, and not listed either.

    Raises:
        UnknownName: there is none of that id for him.
    """
    fleet = request.app[FLEET]
    if caller.sees_all:
        fleet.view(cluster_id)
        return
    ids = [view.cluster_id for view in fleet.views() if caller.sees(view.cluster_id)]
    if cluster_id not in ids:
        raise UnknownName("cluster", cluster_id, ids)


def token_of(request: web.Request) -> str:
    """The bearer token of a request; empty where there is none."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _now() -> float:
    return asyncio.get_running_loop().time()
