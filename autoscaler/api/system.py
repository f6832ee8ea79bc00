"""What is not about clusters: probes, metrics and the OpenAPI document."""

import asyncio

from aiohttp import web

from autoscaler.api import schemas
from autoscaler.api.access import ACCESS
from autoscaler.api.endpoints import FLEET, METRICS, OPENAPI, VERSION, Endpoint, answer
from autoscaler.api.problems import UNAVAILABLE, problem
from autoscaler.api.queries import NoQuery, read_query
from autoscaler.service.views import Fleet

MOST_NAMES = 5


async def live(request: web.Request) -> web.Response:
    """Looks at nothing: a broken metrics source must not get the process restarted."""
    return answer(schemas.Health(version=request.app[VERSION]))


async def ready(request: web.Request) -> web.Response:
    """Whether the service does its work."""
    fleet = request.app[FLEET]
    if fleet.ready:
        return answer(schemas.Readiness(ready=True, reason="every cluster has been looked at"))
    # Strangers may probe; what the clusters are called is none of their business.
    return problem(request, UNAVAILABLE, _waiting(fleet, names=MOST_NAMES if request.app[ACCESS].open else 0))


async def metrics(request: web.Request) -> web.Response:
    """The service's own metrics; those of clusters that are gone are dropped here."""
    told = request.app[METRICS]
    told.retain({view.cluster_id for view in request.app[FLEET].views()})
    # A large fleet takes long to print, and a tick must not wait for it.
    body, content_type = await asyncio.to_thread(told.expose, request.headers.get("Accept", ""))
    return web.Response(body=body, headers={"Content-Type": content_type})


async def document(request: web.Request) -> web.Response:
    """This API, for machines."""
    read_query(request, NoQuery)
    return web.Response(body=request.app[OPENAPI], content_type="application/json")


def _waiting(fleet: Fleet, *, names: int) -> str:
    waiting = [view.cluster_id for view in fleet.views() if view.last_tick_at is None]
    if not waiting:
        return "no tick has started for a while: the service is stopping, or stuck"
    count = f"{len(waiting)} of {len(fleet.views())} clusters"
    if not names:
        return f"not looked at yet: {count}"
    told = ", ".join(waiting[:names]) + (", …" if len(waiting) > names else "")
    return f"not looked at yet: {told} ({count})"


ENDPOINTS = (
    Endpoint(
        path="/livez",
        name="live",
        about="Whether the process is alive; looks at nothing else.",
        handle=live,
        answer=schemas.Health,
        scope=None,
    ),
    Endpoint(
        path="/healthz", name="health", about="The same as /livez.", handle=live, answer=schemas.Health, scope=None
    ),
    Endpoint(
        path="/readyz",
        name="ready",
        about="Whether every cluster has been looked at since the start; if not, why.",
        handle=ready,
        answer=schemas.Readiness,
        scope=None,
    ),
    Endpoint(
        path="/metrics",
        name="metrics",
        about="The service's own metrics, in the Prometheus text format or as OpenMetrics.",
        handle=metrics,
        answer="text/plain",
        whole_fleet=True,
    ),
    Endpoint(
        path="/openapi.json",
        name="openapi",
        about="This document.",
        handle=document,
        answer="application/json",
        query=NoQuery,
    ),
)
