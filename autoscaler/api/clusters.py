"""Clusters and their decisions, for reading."""

from aiohttp import web

from autoscaler.api import schemas
from autoscaler.api.access import CALLER
from autoscaler.api.endpoints import FLEET, Endpoint, answer, answer_page
from autoscaler.api.problems import UNKNOWN_NAME
from autoscaler.api.queries import (
    ClusterQuery,
    DecisionQuery,
    NoQuery,
    Query,
    from_cursor,
    id_from_cursor,
    read_query,
    to_cursor,
)
from autoscaler.service.views import Fleet, JournalEntry

# A filtered page gives up after so many entries and hands out a cursor: no request reads years of no-ops.
BATCH, MOST_BATCHES = 500, 4


async def list_clusters(request: web.Request) -> web.Response:
    """All clusters by id, a page at a time."""
    query = read_query(request, ClusterQuery)
    after = None if query.cursor is None else from_cursor(query.cursor)
    views = sorted(request.app[FLEET].views(), key=lambda view: view.cluster_id)
    views = [view for view in views if request[CALLER].sees(view.cluster_id)]
    rest = [view for view in views if after is None or view.cluster_id > after]
    page = rest[: query.limit]
    more = len(rest) > len(page)
    next_page = _next_link(request, query, page[-1].cluster_id) if more else None
    items = tuple(schemas.ClusterSummary.model_validate(view) for view in page)
    return answer_page(schemas.ClusterPage(items=items, next=next_page), next_page)


async def read_cluster(request: web.Request) -> web.Response:
    """One cluster."""
    read_query(request, NoQuery)
    view = request.app[FLEET].view(request.match_info["cluster_id"])
    return answer(schemas.Cluster.model_validate(view))


async def list_decisions(request: web.Request) -> web.Response:
    """The decisions about one cluster, a page at a time."""
    query = read_query(request, DecisionQuery)
    before = None if query.cursor is None else id_from_cursor(query.cursor)
    cluster_id = request.match_info["cluster_id"]
    found, before = await _read_journal(request.app[FLEET], cluster_id, query, before)
    next_page = None if before is None else _next_link(request, query, str(before))
    items = tuple(schemas.JournalledDecision.model_validate(entry) for entry in found)
    return answer_page(schemas.DecisionPage(items=items, next=next_page), next_page)


async def _read_journal(
    fleet: Fleet, cluster_id: str, query: DecisionQuery, before: int | None
) -> tuple[list[JournalEntry], int | None]:
    """The entries of a page, and the id to go on before; None when there is nothing older."""
    size = BATCH if query.changes_only else query.limit + 1
    found: list[JournalEntry] = []
    for _ in range(MOST_BATCHES):
        batch = await fleet.decisions(cluster_id, limit=size, before=before)
        for entry in batch:
            if query.changes_only and not entry.decision.changes:
                continue
            if len(found) == query.limit:
                return found, found[-1].id
            found.append(entry)
        if len(batch) < size:
            return found, None
        before = batch[-1].id
    return found, before


def _next_link(request: web.Request, query: Query, place: str) -> str:
    """Where the page after ``place`` is; what was asked for stays, in plain words."""
    asked = {key: str(value).lower() for key, value in query.model_dump(exclude={"cursor"}).items()}
    return str(request.rel_url.with_query({**asked, "cursor": to_cursor(place)}))


ENDPOINTS = (
    Endpoint(
        path="/v1/clusters",
        name="list_clusters",
        about="All clusters, by id.",
        handle=list_clusters,
        answer=schemas.ClusterPage,
        query=ClusterQuery,
    ),
    Endpoint(
        path="/v1/clusters/{cluster_id}",
        name="read_cluster",
        about="One cluster with its forecast.",
        handle=read_cluster,
        answer=schemas.Cluster,
        query=NoQuery,
        problems=(UNKNOWN_NAME,),
    ),
    Endpoint(
        path="/v1/clusters/{cluster_id}/decisions",
        name="list_decisions",
        about="The decisions about a cluster, newest first, those that change nothing included.",
        handle=list_decisions,
        answer=schemas.DecisionPage,
        query=DecisionQuery,
        problems=(UNKNOWN_NAME,),
    ),
)
