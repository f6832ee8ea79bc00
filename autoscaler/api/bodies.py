"""Bodies and conditions of writes: read strictly, all errors at once."""

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from autoscaler.api.control_schemas import LONGEST_SECONDS, Timed
from autoscaler.api.problems import shortened
from autoscaler.errors import InvalidInput
from autoscaler.storage.once import Once

HARMLESS_KEY = re.compile(r"[\x21-\x7e]{1,128}")
ETAG = re.compile(r'"(\d{1,18})"')

B = TypeVar("B", bound=BaseModel)


async def read_body(request: web.Request, kind: type[B]) -> B:
    """The JSON body of a request.

    Raises:
        InvalidInput: it is no JSON, or not of its kind; the message names every wrong member.
    """
    content = await request.read()
    try:
        return kind.model_validate_json(content, strict=True)
    except ValidationError as invalid:
        raise InvalidInput("; ".join(_told(error, kind) for error in invalid.errors())) from None


async def read_text(request: web.Request) -> str:
    """The body of a request as it was written.

    Raises:
        InvalidInput: it is no UTF-8.
    """
    try:
        return (await request.read()).decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise InvalidInput(f"the body is no UTF-8: {problem.reason} at byte {problem.start}") from None


def end_of(order: Timed, now: datetime) -> tuple[datetime, list[str]]:
    """When an order ends, and what is wrong with that."""
    if (order.until is None) == (order.for_seconds is None):
        return now, ["give either 'until' or 'for_seconds'"]
    if order.until is None:
        return now + timedelta(seconds=order.for_seconds or 0), []
    seconds = (order.until - now).total_seconds()
    if seconds <= 0:
        return now, [f"until is {order.until.isoformat()}, which is past: cluster time is {now.isoformat()}"]
    if seconds > LONGEST_SECONDS:
        return now, [f"until is {order.until.isoformat()}, more than seven days after {now.isoformat()}"]
    return order.until.astimezone(UTC), []


def seen_revision(request: web.Request) -> int | None:
    """The revision in If-Match; None for any.

    Raises:
        InvalidInput: it is none of our ETags.
    """
    given = request.headers["If-Match"].strip()
    if given == "*":
        return None
    match = ETAG.fullmatch(given)
    if match is None:
        raise InvalidInput(f"If-Match is '{shortened(given)}'; send the ETag that you were given, or *")
    return int(match[1])


async def once(request: web.Request) -> Once | None:
    """The caller's idempotency key and what it is for.

    Raises:
        InvalidInput: it is too long or has odd characters.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not HARMLESS_KEY.fullmatch(key):
        raise InvalidInput("Idempotency-Key has 1 to 128 visible ASCII characters")
    asked = f"{request.method} {request.path}\n".encode() + await request.read()
    return Once(key=key, fingerprint=sha256(asked).hexdigest())


def _told(error: ErrorDetails, kind: type[BaseModel]) -> str:
    name = shortened(".".join(str(part) for part in error["loc"]))
    if error["type"] == "json_invalid":
        return f"the body is no JSON: {error['msg'].removeprefix('Invalid JSON: ')}"
    if error["type"] == "missing":
        return f"{name} is missing"
    if error["type"] == "extra_forbidden":
        return f"there is no member '{name}'; there are: {', '.join(sorted(kind.model_fields))}"
    message = error["msg"].removeprefix("Input ")
    return f"{name or 'the body'} is '{shortened(str(error['input']))}'; it {message}"
