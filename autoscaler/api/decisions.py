"""The decisions about a cluster, those that change nothing included."""

from aiohttp import web
from pydantic import AwareDatetime, Field

from autoscaler.api import schemas
from autoscaler.api.control import desk_of
from autoscaler.api.endpoints import FLEET, SHOWCASE, Endpoint, answer_page
from autoscaler.api.problems import NOT_POSSIBLE, UNKNOWN_NAME
from autoscaler.api.queries import Cursor, Limit, Query, id_from_cursor, next_link, read_query
from autoscaler.api.showcase import Page
from autoscaler.storage.archive import Wanted
from autoscaler.storage.entries import State

LONGEST_NAME = 100


class DecisionQuery(Query):
    """Which decisions, and which page of them."""

    limit: Limit = 50
    cursor: Cursor = None
    changes_only: bool = Field(default=False, description="Leave out the decisions that change nothing.")
    driver: str | None = Field(
        default=None, max_length=LONGEST_NAME, description="Only where this had the last word: `policy`, or a rule."
    )
    outcome: State | None = Field(default=None, description="Only those that this became of.")
    since: AwareDatetime | None = Field(default=None, description="Only from this cluster time on.")
    until: AwareDatetime | None = Field(default=None, description="Only before this cluster time.")


async def list_decisions(request: web.Request) -> web.Response:
    """A page, newest first."""
    view, pages = request.app[FLEET].view(request.match_info["cluster_id"]), request.app[SHOWCASE].pages
    page = pages.find(view, request.path_qs) or pages.keep(view, request.path_qs, await _read(request))
    return answer_page(page.content, page.following)


async def _read(request: web.Request) -> Page:
    query = read_query(request, DecisionQuery)
    before = None if query.cursor is None else id_from_cursor(query.cursor)
    found = await desk_of(request).archive.decisions(
        request.match_info["cluster_id"], limit=query.limit + 1, before=before, wanted=_wanted(query)
    )
    page = found[: query.limit]
    following = next_link(request, query, str(page[-1].id)) if len(found) > len(page) else None
    items = tuple(schemas.JournalledDecision.model_validate(line) for line in page)
    return Page(schemas.DecisionPage(items=items, next=following).model_dump_json().encode(), following)


def _wanted(query: DecisionQuery) -> Wanted:
    return Wanted(
        changes=True if query.changes_only else None,
        driver=query.driver,
        state=query.outcome,
        since=query.since,
        until=query.until,
    )


ENDPOINTS = (
    Endpoint(
        path="/v1/clusters/{cluster_id}/decisions",
        name="list_decisions",
        about="The decisions about a cluster, newest first, those that change nothing included.",
        handle=list_decisions,
        answer=schemas.DecisionPage,
        query=DecisionQuery,
        problems=(UNKNOWN_NAME, NOT_POSSIBLE),
    ),
)
