"""Pages of other sites: which of them may read our answers, by their exact origins. By default none may."""

from aiohttp import web
from aiohttp.typedefs import Handler

from autoscaler.api.access import ACCESS

ONE_HOUR = "3600"
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, If-Match, X-Request-Id",
    "Access-Control-Max-Age": ONE_HOUR,
}
TOLD = "ETag, Link, Retry-After, X-Request-Id"


@web.middleware
async def answer_preflights(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A browser asks before it lets a page ask; it sends no token with that."""
    asks = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    if asks and _allowed(request):
        return web.Response(status=204, headers=PREFLIGHT)
    return await handler(request)


async def tell_origin(request: web.Request, response: web.StreamResponse) -> None:
    """A signal: lets the browser show the answer to a page of an allowed origin. No cookies come into it."""
    if not request.app[ACCESS].allowed_origins:
        return
    response.headers["Vary"] = f"{response.headers.get('Vary', '')}, Origin".lstrip(", ")
    if _allowed(request):
        response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
        response.headers["Access-Control-Expose-Headers"] = TOLD


def _allowed(request: web.Request) -> bool:
    return request.headers.get("Origin") in request.app[ACCESS].allowed_origins
