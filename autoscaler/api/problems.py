"""Errors as RFC 9457 problem documents, of a closed list of types."""

from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from autoscaler.errors import AlreadyUsed, InvalidInput, NotPossible, Outdated, StorageError, UnknownName

REQUEST_ID = web.RequestKey("request_id", str)
MEDIA_TYPE = "application/problem+json"
# A message that lists all that exists helps while the list is short.
LONGEST_DETAIL = 600
LONGEST_NAME = 80
LISTS = {
    "backtest": "/v1/backtests",
    "cluster": "/v1/clusters",
    "decision": "/v1/clusters/{cluster_id}/decisions",
    "policy": "/v1/policies",
    "policy version": "/v1/policies/{policy}/versions",
}


class Problem(BaseModel):
    """What went wrong and what to do about it (RFC 9457)."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(description="The kind of problem; see the vocabulary.")
    title: str
    status: int
    detail: str = Field(description="What was wrong with what, and what to do.")
    instance: str = Field(description="The path that was asked for.")
    request_id: str = Field(description="Also in the X-Request-Id header and in the service's log.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One type of problem."""

    name: str
    status: HTTPStatus
    title: str

    @property
    def type(self) -> str:
        """The URI that identifies it."""
        return f"urn:autoscaler:problem:{self.name}"


INVALID_REQUEST = Kind(name="invalid-request", status=HTTPStatus.BAD_REQUEST, title="The request cannot be used")
UNKNOWN_NAME = Kind(name="unknown-name", status=HTTPStatus.NOT_FOUND, title="There is nothing of that name")
UNKNOWN_PATH = Kind(name="unknown-path", status=HTTPStatus.NOT_FOUND, title="There is nothing at that path")
WRONG_METHOD = Kind(name="wrong-method", status=HTTPStatus.METHOD_NOT_ALLOWED, title="That method is not for this path")
TOO_LARGE = Kind(
    name="too-large", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, title="The body of the request is too large"
)
FOREIGN_HOST = Kind(
    name="foreign-host", status=HTTPStatus.MISDIRECTED_REQUEST, title="The request was meant for another host"
)
NO_TOKEN = Kind(name="no-token", status=HTTPStatus.UNAUTHORIZED, title="There is no good token in the request")
FORBIDDEN = Kind(name="forbidden", status=HTTPStatus.FORBIDDEN, title="The token is not good for this")
NOT_POSSIBLE = Kind(name="not-possible", status=HTTPStatus.CONFLICT, title="It cannot be done as things are now")
OUTDATED = Kind(name="outdated", status=HTTPStatus.PRECONDITION_FAILED, title="It was changed meanwhile")
WRONG_TYPE = Kind(name="wrong-type", status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE, title="The body is not JSON")
ALREADY_USED = Kind(
    name="already-used", status=HTTPStatus.UNPROCESSABLE_ENTITY, title="The idempotency key was used otherwise"
)
UNCONDITIONAL = Kind(name="unconditional", status=HTTPStatus.PRECONDITION_REQUIRED, title="If-Match is missing")
TOO_MANY = Kind(name="too-many", status=HTTPStatus.TOO_MANY_REQUESTS, title="Too many requests")
INTERNAL = Kind(name="internal", status=HTTPStatus.INTERNAL_SERVER_ERROR, title="The service made a mistake")
UNAVAILABLE = Kind(
    name="unavailable", status=HTTPStatus.SERVICE_UNAVAILABLE, title="The service cannot answer this now"
)
KINDS = (
    *(INVALID_REQUEST, UNKNOWN_NAME, UNKNOWN_PATH, WRONG_METHOD, TOO_LARGE, FOREIGN_HOST),
    *(NO_TOKEN, FORBIDDEN, NOT_POSSIBLE, OUTDATED, WRONG_TYPE, ALREADY_USED, UNCONDITIONAL, TOO_MANY),
    *(INTERNAL, UNAVAILABLE),
)

OF_MISTAKES: dict[type[InvalidInput], Kind] = {
    Outdated: OUTDATED,
    AlreadyUsed: ALREADY_USED,
    NotPossible: NOT_POSSIBLE,
}


def problem(request: web.Request, kind: Kind, detail: str) -> web.Response:
    """An answer that tells of a problem."""
    told = Problem(
        type=kind.type,
        title=kind.title,
        status=kind.status,
        detail=detail.encode(errors="replace").decode(),  # half a character in a body may be told back
        instance=shortened(request.rel_url.raw_path, LONGEST_DETAIL),
        request_id=request[REQUEST_ID],
    )
    return web.Response(body=told.model_dump_json().encode(), status=kind.status, content_type=MEDIA_TYPE)


def of_mistake(request: web.Request, mistake: InvalidInput | StorageError) -> web.Response:
    """The problem behind one of our own errors."""
    if isinstance(mistake, StorageError):
        return problem(request, UNAVAILABLE, "the store cannot be read at the moment; ask again later")
    detail = str(mistake)
    if not isinstance(mistake, UnknownName):
        return problem(request, OF_MISTAKES.get(type(mistake), INVALID_REQUEST), detail)
    if len(detail) > LONGEST_DETAIL:
        place = LISTS.get(mistake.kind, "the list they are from")
        detail = f"no {mistake.kind} named '{shortened(mistake.name)}'; GET {place} lists those that exist"
    return problem(request, UNKNOWN_NAME, detail)


def of_refusal(request: web.Request, refusal: web.HTTPException) -> web.Response:
    """The problem behind an error of the HTTP library."""
    match refusal:
        case web.HTTPMethodNotAllowed():
            allowed = ", ".join(sorted(refusal.allowed_methods))
            answer = problem(request, WRONG_METHOD, f"{request.method} is not for this path; there are: {allowed}")
            answer.headers["Allow"] = allowed
            return answer
        case web.HTTPNotFound():
            return problem(request, UNKNOWN_PATH, f"there is nothing at this path; there are: {_paths(request.app)}")
        case web.HTTPRequestEntityTooLarge():
            return problem(request, TOO_LARGE, "send less")
    return problem(request, INVALID_REQUEST, f"{refusal.reason}")


def shortened(text: str, most: int = LONGEST_NAME) -> str:
    """What somebody sent, short enough to be sent back."""
    return text if len(text) <= most else f"{text[:most]}…"


def _paths(app: web.Application) -> str:
    return ", ".join(sorted({resource.canonical for resource in app.router.resources()}))
