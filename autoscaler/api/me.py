"""Who asks, as the service sees it: what a page or a program may offer its user."""

from aiohttp import web

from autoscaler.api import schemas
from autoscaler.api.access import ACCESS, CALLER
from autoscaler.api.endpoints import VERSION, Endpoint, answer
from autoscaler.api.queries import NoQuery, read_query


async def read_me(request: web.Request) -> web.Response:
    """The caller's name, scope and clusters."""
    read_query(request, NoQuery)
    caller = request[CALLER]
    told = schemas.Me(
        actor=caller.actor,
        scope=caller.scope,
        clusters=caller.clusters,
        open=request.app[ACCESS].open,
        version=request.app[VERSION],
    )
    return answer(told)


ENDPOINTS = (
    Endpoint(
        path="/v1/me",
        name="read_me",
        about="Who you are to the service, and how far your token reaches.",
        handle=read_me,
        answer=schemas.Me,
        query=NoQuery,
    ),
)
