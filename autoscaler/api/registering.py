"""Registering, changing, removing, discovering and adopting clusters."""

from aiohttp import web

from autoscaler.api import registering_schemas as schemas
from autoscaler.api.access import CALLER
from autoscaler.api.bodies import once, read_body, seen_revision
from autoscaler.api.control import desk_of
from autoscaler.api.endpoints import Endpoint, answer
from autoscaler.api.problems import (
    ALREADY_USED,
    INVALID_REQUEST,
    NOT_POSSIBLE,
    OUTDATED,
    REQUEST_ID,
    UNCONDITIONAL,
    UNKNOWN_NAME,
    WRONG_TYPE,
)
from autoscaler.errors import InvalidInput
from autoscaler.service.registrar import Asked, Registrar
from autoscaler.storage.access import Scope
from autoscaler.storage.roster import Listing

NEW = (INVALID_REQUEST, NOT_POSSIBLE, ALREADY_USED, WRONG_TYPE)
CHANGES = (INVALID_REQUEST, UNKNOWN_NAME, NOT_POSSIBLE, OUTDATED, ALREADY_USED, UNCONDITIONAL)
SETTINGS = "/v1/clusters/{cluster_id}/settings"


async def register_cluster(request: web.Request) -> web.Response:
    """A new cluster."""
    order = await read_body(request, schemas.ClusterRegistration)
    _demand_own(request, order.id)
    listing = await _registrar(request).register(order.model_dump(), await _asked(request))
    return _answer(listing)


async def read_settings(request: web.Request) -> web.Response:
    """A cluster's settings, as whoever had the last word left them."""
    return _answer(await _registrar(request).listing(request.match_info["cluster_id"]))


async def replace_settings(request: web.Request) -> web.Response:
    """Other settings for a cluster."""
    order = await read_body(request, schemas.ClusterSettings)
    document = order.model_dump(exclude={"id"} if not order.id else None)
    return _answer(await _registrar(request).update(request.match_info["cluster_id"], document, await _asked(request)))


async def patch_settings(request: web.Request) -> web.Response:
    """Some other settings for a cluster."""
    patch = (await read_body(request, schemas.ClusterPatch)).model_dump(exclude_unset=True)
    return _answer(await _registrar(request).patch(request.match_info["cluster_id"], patch, await _asked(request)))


async def remove_cluster(request: web.Request) -> web.Response:
    """No more decisions about a cluster."""
    return _answer(await _registrar(request).remove(request.match_info["cluster_id"], await _asked(request)))


async def discover_clusters(request: web.Request) -> web.Response:
    """What there is, and nobody has registered."""
    kind = (await read_body(request, schemas.DiscoverOrder)).kind
    found = [one for one in await _registrar(request).discover(kind) if request[CALLER].sees(one.id)]
    return answer(schemas.FoundClusters.model_validate({"kind": kind, "items": tuple(found)}))


async def adopt_cluster(request: web.Request) -> web.Response:
    """Register what a source knows of."""
    order = await read_body(request, schemas.AdoptOrder)
    _demand_own(request, order.id)
    document = order.model_dump(exclude_none=True, exclude={"kind"})
    return _answer(await _registrar(request).adopt(order.kind, document, await _asked(request)))


def _registrar(request: web.Request) -> Registrar:
    return desk_of(request).registrar


async def _asked(request: web.Request) -> Asked:
    return Asked(
        actor=request[CALLER].actor,
        request_id=request[REQUEST_ID],
        expected=seen_revision(request) if "If-Match" in request.headers else None,
        once=await once(request),
    )


def _demand_own(request: web.Request, cluster_id: str) -> None:
    """Who is let in for some clusters names new ones so that they are his."""
    caller = request[CALLER]
    if not caller.sees(cluster_id):
        raise InvalidInput(f"id is '{cluster_id}'; your token is for '{caller.clusters}'")


def _answer(listing: Listing) -> web.Response:
    settings = {name: value for name, value in listing.document.items() if name != "mode"}
    told = {name: getattr(listing, name) for name in schemas.ClusterListing.model_fields if name != "settings"}
    response = answer(schemas.ClusterListing.model_validate({**told, "settings": settings}))
    response.headers["ETag"] = f'"{listing.revision}"'
    return response


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/v1/clusters",
        name="register_cluster",
        about="Register a cluster; it is only looked at until its mode is changed.",
        handle=register_cluster,
        answer=schemas.ClusterListing,
        body=schemas.ClusterRegistration,
        scope=Scope.ADMIN,
        keyed=True,
        problems=NEW,
    ),
    Endpoint(
        method="POST",
        path="/v1/clusters/discover",
        name="discover_clusters",
        about="Ask the source of a kind what there is; tells what nobody has registered.",
        handle=discover_clusters,
        answer=schemas.FoundClusters,
        body=schemas.DiscoverOrder,
        scope=Scope.OPERATE,
        problems=(INVALID_REQUEST, NOT_POSSIBLE, WRONG_TYPE),
    ),
    Endpoint(
        method="POST",
        path="/v1/clusters/adopt",
        name="adopt_cluster",
        about="Register a cluster that a source knows of, and remember the range it has now.",
        handle=adopt_cluster,
        answer=schemas.ClusterListing,
        body=schemas.AdoptOrder,
        scope=Scope.ADMIN,
        keyed=True,
        problems=NEW,
    ),
    Endpoint(
        path=SETTINGS,
        name="read_settings",
        about="A cluster's settings; their ETag is what changes want in If-Match.",
        handle=read_settings,
        answer=schemas.ClusterListing,
        problems=(UNKNOWN_NAME, NOT_POSSIBLE),
    ),
    Endpoint(
        method="PUT",
        path=SETTINGS,
        name="replace_settings",
        about="Give a cluster other settings, from its next tick on; orders stay.",
        handle=replace_settings,
        answer=schemas.ClusterListing,
        body=schemas.ClusterSettings,
        scope=Scope.ADMIN,
        conditional=True,
        etag_of="…/settings",
        problems=(*CHANGES, WRONG_TYPE),
    ),
    Endpoint(
        method="PATCH",
        path=SETTINGS,
        name="patch_settings",
        about="Change some of a cluster's settings.",
        handle=patch_settings,
        answer=schemas.ClusterListing,
        body=schemas.ClusterPatch,
        body_types=("application/json", "application/merge-patch+json"),
        scope=Scope.ADMIN,
        conditional=True,
        etag_of="…/settings",
        problems=(*CHANGES, WRONG_TYPE),
    ),
    Endpoint(
        method="DELETE",
        path="/v1/clusters/{cluster_id}",
        name="remove_cluster",
        about="Decide no more about a cluster; its range stays as it is, its history is kept.",
        handle=remove_cluster,
        answer=schemas.ClusterListing,
        scope=Scope.ADMIN,
        conditional=True,
        etag_of="…/settings",
        problems=CHANGES,
    ),
)
