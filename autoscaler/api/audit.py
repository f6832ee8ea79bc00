"""The audit log, for reading."""

from aiohttp import web

from autoscaler.api import control_schemas as schemas
from autoscaler.api.control import desk_of
from autoscaler.api.endpoints import Endpoint, answer_page
from autoscaler.api.problems import NOT_POSSIBLE
from autoscaler.api.queries import Cursor, Limit, Query, id_from_cursor, read_query, to_cursor
from autoscaler.storage.access import Scope


class AuditQuery(Query):
    """Which page of the log."""

    limit: Limit = 100
    cursor: Cursor = None


async def list_audit(request: web.Request) -> web.Response:
    """Every write, newest first."""
    query = read_query(request, AuditQuery)
    before = None if query.cursor is None else id_from_cursor(query.cursor)
    lines = await desk_of(request).audit(limit=query.limit + 1, before=before)
    page, next_page = lines[: query.limit], None
    if len(lines) > len(page):
        cursor = to_cursor(str(page[-1].id))
        next_page = str(request.rel_url.with_query({"limit": query.limit, "cursor": cursor}))
    items = tuple(schemas.AuditLine.model_validate(line) for line in page)
    return answer_page(schemas.AuditPage(items=items, next=next_page), next_page)


ENDPOINTS = (
    Endpoint(
        path="/v1/audit",
        name="list_audit",
        about="Every write with its actor, before and after; newest first.",
        handle=list_audit,
        answer=schemas.AuditPage,
        query=AuditQuery,
        scope=Scope.ADMIN,
        whole_fleet=True,
        problems=(NOT_POSSIBLE,),
    ),
)
