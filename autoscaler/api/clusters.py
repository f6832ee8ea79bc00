"""Clusters, for reading."""

from collections.abc import Callable
from json import dumps
from operator import attrgetter

from aiohttp import web

from autoscaler.api import schemas
from autoscaler.api.access import CALLER
from autoscaler.api.endpoints import FLEET, SHOWCASE, Endpoint, answer, answer_page
from autoscaler.api.problems import UNKNOWN_NAME
from autoscaler.api.queries import ClusterQuery, NoQuery, from_cursor, next_link, read_query
from autoscaler.core.selectors import parse_selector
from autoscaler.service.views import ClusterView


async def list_clusters(request: web.Request) -> web.Response:
    """All clusters by id, a page at a time."""
    query = read_query(request, ClusterQuery)
    after = None if query.cursor is None else from_cursor(query.cursor)
    views = sorted(request.app[FLEET].views(), key=attrgetter("cluster_id"))
    if not request[CALLER].sees_all:
        views = [view for view in views if request[CALLER].sees(view.cluster_id)]
    if query.filters:
        wanted = _filter(query)
        views = [view for view in views if wanted(view)]
    rest = [view for view in views if after is None or view.cluster_id > after]
    page = rest[: query.limit]
    more = len(rest) > len(page)
    next_page = next_link(request, query, page[-1].cluster_id) if more else None
    showcase = request.app[SHOWCASE]
    showcase.forget_others(len(request.app[FLEET].views()))
    items = b",".join(showcase.told(schemas.ClusterSummary, view) for view in page)
    return answer_page(b'{"items":[%b],"next":%b}' % (items, dumps(next_page).encode()), next_page)


async def read_cluster(request: web.Request) -> web.Response:
    """One cluster."""
    read_query(request, NoQuery)
    view = request.app[FLEET].view(request.match_info["cluster_id"])
    return answer(request.app[SHOWCASE].told(schemas.Cluster, view))


def _filter(query: ClusterQuery) -> Callable[[ClusterView], bool]:
    selector = None if query.tag is None else parse_selector(query.tag)

    def wanted(view: ClusterView) -> bool:
        phase = None if view.status is None else view.status.phase
        asked = ((query.kind, view.kind), (query.mode, view.mode), (query.phase, phase))
        meant = selector is None or selector.matches(view.tags)
        return meant and all(one is None or one == other for one, other in asked)

    return wanted


ENDPOINTS = (
    Endpoint(
        path="/v1/clusters",
        name="list_clusters",
        about="The clusters, by id; all of them, or those of some tags, a kind, a mode or a phase.",
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
)
