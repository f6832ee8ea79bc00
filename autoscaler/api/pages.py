"""The pages for people: the fleet, and the documentation of this API. Nothing on them is secret, so that they need no
token; what they show they read from the API, with the token that whoever looks at them signs in with.
"""

import asyncio
import gzip
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.util import find_spec
from mimetypes import guess_type
from pathlib import Path

from aiohttp import web

OURS = files("autoscaler.api") / "static"
# Of the package only its files are used: importing it would bring a web framework along.
SWAGGER = ("swagger-ui.css", "swagger-ui-bundle.js")
PAGES = {"/": "index.html", "/docs": "docs.html"}
FILES = "/static/"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file as it is sent, and what tells one version of it from another."""

    content: bytes
    packed: bytes
    media_type: str
    etag: str


def is_page(path: str) -> bool:
    """Whether everybody may have what is there."""
    return path in PAGES or path.startswith(FILES)


async def send_page(request: web.Request) -> web.Response:
    """One of the pages."""
    return await _send(request, PAGES[request.path])


async def send_file(request: web.Request) -> web.Response:
    """What the pages are made of."""
    return await _send(request, request.match_info["file"])


async def _send(request: web.Request, name: str) -> web.Response:
    if name not in _names():
        raise web.HTTPNotFound
    # Packing the largest takes a tenth of a second, once: a tick must not wait for it.
    asset = await asyncio.to_thread(_asset, name)
    headers = {"ETag": asset.etag, "Cache-Control": "no-cache", "Content-Security-Policy": POLICY}
    if asset.etag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = asset.media_type
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        return web.Response(body=asset.packed, headers={**headers, "Content-Encoding": "gzip"})
    return web.Response(body=asset.content, headers=headers)


@cache
def _names() -> frozenset[str]:
    return frozenset({*SWAGGER, *(file.name for file in OURS.iterdir() if file.is_file())})


@cache
def _asset(name: str) -> Asset:
    content = (_swagger() / name if name in SWAGGER else OURS / name).read_bytes()
    kind = guess_type(name)[0] or "application/octet-stream"
    return Asset(
        content=content,
        packed=gzip.compress(content, 9, mtime=0),
        media_type=f"{kind}; charset=utf-8",
        etag=f'"{sha256(content).hexdigest()[:24]}"',
    )


def _swagger() -> Path:
    package = find_spec("flask_swagger_ui")
    if package is None or package.origin is None:
        raise web.HTTPNotFound
    return Path(package.origin).parent / "dist"


ROUTES = (
    *(web.get(path, send_page) for path in PAGES),
    web.get(f"{FILES}{{file}}", send_file),
)
