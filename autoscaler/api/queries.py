"""Query parameters: read strictly, all errors at once; and the cursors that lead from page to page."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Annotated, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from autoscaler.api.problems import shortened
from autoscaler.core.capacity import Phase
from autoscaler.core.control import Mode
from autoscaler.errors import InvalidInput

LARGEST_ID = 2**63 - 1  # what a database takes


class Query(BaseModel):
    """What all queries share: unknown parameters are refused, for a misspelt filter would be a wrong answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Limit = Annotated[int, Field(ge=1, le=500, description="How many items a page holds at most.")]
Cursor = Annotated[str | None, Field(max_length=1000, description="Where to go on: taken from `next`.")]


class NoQuery(Query):
    """No parameters at all."""


class ClusterQuery(Query):
    """Which clusters, and which page of them."""

    limit: Limit = 100
    cursor: Cursor = None
    tag: str | None = Field(
        default=None, max_length=1000, description="Only those with all these tags, as in `env=prod,team=shop`."
    )
    kind: str | None = Field(default=None, max_length=100, description="Only those of this kind.")
    mode: Mode | None = Field(default=None, description="Only those in this mode.")
    phase: Phase | None = Field(default=None, description="Only those in this phase.")

    @property
    def filters(self) -> bool:
        """Whether some may be left out."""
        return any(one is not None for one in (self.tag, self.kind, self.mode, self.phase))


Q = TypeVar("Q", bound=Query)


def read_query(request: web.Request, kind: type[Q]) -> Q:
    """The parameters of a request.

    Raises:
        InvalidInput: one is unknown, given twice or not of its kind; the message names each with its value.
    """
    if not request.query_string:
        return kind.model_validate({})
    repeated = sorted({name for name in request.query if len(request.query.getall(name)) > 1})
    problems = [f"'{shortened(name)}' is given more than once" for name in repeated]
    try:
        query = kind.model_validate(dict(request.query))
    except ValidationError as invalid:
        problems += [_told(error, kind) for error in invalid.errors()]
    else:
        if not problems:
            return query
    raise InvalidInput("; ".join(problems))


def to_cursor(place: str) -> str:
    """A cursor: text that only means something to us, so that paging may change one day."""
    return urlsafe_b64encode(place.encode()).decode().rstrip("=")


def from_cursor(cursor: str) -> str:
    """The place behind a cursor.

    Raises:
        InvalidInput: it is none of ours.
    """
    try:
        return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        raise _foreign(cursor) from None


def id_from_cursor(cursor: str) -> int:
    """The id behind a cursor.

    Raises:
        InvalidInput: it is none of ours.
    """
    place = from_cursor(cursor)
    if not (place.isascii() and place.isdigit() and len(place) <= 19 and 0 < int(place) <= LARGEST_ID):
        raise _foreign(cursor)
    return int(place)


def moment_from_cursor(cursor: str) -> datetime:
    """The moment behind a cursor.

    Raises:
        InvalidInput: it is none of ours.
    """
    try:
        moment = datetime.fromisoformat(from_cursor(cursor))
    except ValueError:
        raise _foreign(cursor) from None
    if moment.tzinfo is None:
        raise _foreign(cursor)
    return moment


def next_link(request: web.Request, query: Query, place: str) -> str:
    """Where the page after ``place`` is; what was asked for stays, in plain words."""
    asked = query.model_dump(mode="json", exclude={"cursor"}, exclude_none=True)
    words = {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in asked.items()}
    return str(request.rel_url.with_query({**words, "cursor": to_cursor(place)}))


def _foreign(cursor: str) -> InvalidInput:
    return InvalidInput(f"cursor is '{shortened(cursor)}', which is none of ours; leave it out to begin at the start")


def _told(error: ErrorDetails, kind: type[Query]) -> str:
    name = shortened(".".join(str(part) for part in error["loc"]))
    if error["type"] == "extra_forbidden":
        known = ", ".join(sorted(kind.model_fields))
        return f"there is no parameter '{name}'; " + (f"there are: {known}" if known else "there are none here")
    message = error["msg"].removeprefix("Input ")
    return f"{name} is '{shortened(str(error['input']))}'; it {message}"
