"""What other people did to a cluster's range, and giving the cluster back to them."""

from dataclasses import replace

from aiohttp import web

from autoscaler.api import control_schemas
from autoscaler.api import registering_schemas as schemas
from autoscaler.api.access import CALLER
from autoscaler.api.bodies import read_body
from autoscaler.api.control import WRITES, change_orders, desk_of, tell_control
from autoscaler.api.endpoints import FLEET, Endpoint, answer
from autoscaler.api.problems import NOT_POSSIBLE, UNKNOWN_NAME, WRONG_TYPE
from autoscaler.core.control import Drift
from autoscaler.errors import NotPossible
from autoscaler.service.handing_back import demand_releasable
from autoscaler.service.sources.kinds import find_kind
from autoscaler.storage.access import Scope
from autoscaler.storage.controls import Orders, Release


async def read_drift(request: web.Request) -> web.Response:
    """The change from outside that matters."""
    orders = await desk_of(request).orders(request.match_info["cluster_id"])
    return _answer(request, orders)


async def acknowledge_drift(request: web.Request) -> web.Response:
    """It is meant: the policy decides again."""
    order = await read_body(request, schemas.Acknowledgement)
    drift = request.app[FLEET].view(request.match_info["cluster_id"]).drift
    if drift is None:
        raise NotPossible("there is no drift to acknowledge")
    if drift.at != order.at:
        raise NotPossible(f"at is {order.at.isoformat()}, but the newest drift was noticed at {drift.at.isoformat()}")
    at = drift.at
    orders = await change_orders(request, lambda before: replace(before, acknowledged=at), "drift.acknowledge")
    return _answer(request, orders)


async def release_cluster(request: web.Request) -> web.Response:
    """Its range as it was found, then nothing more."""
    desk, view = desk_of(request), request.app[FLEET].view(request.match_info["cluster_id"])
    if not find_kind(view.kind).acts:
        raise NotPossible(f"nobody can be asked for the range of a {view.kind} cluster: there is nothing to give back")
    demand_releasable(view, (await desk.orders(view.cluster_id)).at(desk.now()), halted=desk.halted)
    found = await desk.registrar.found_range(view.cluster_id)
    if found is None:
        raise NotPossible(f"nobody knows the range {view.cluster_id} was found with: it was never looked at")
    if (allowed := view.limits.clip(found)) != found:
        raise NotPossible(
            f"it was found at {found}, which the owner's limits do not allow; the nearest range is {allowed}: "
            "widen the limits first"
        )
    release = Release(range=found, by=request[CALLER].actor)
    orders = await change_orders(request, lambda before: replace(before, release=release), "release.start")
    return tell_control(request, orders)


def _answer(request: web.Request, orders: Orders) -> web.Response:
    view = request.app[FLEET].view(request.match_info["cluster_id"])
    told = {"cluster_id": view.cluster_id, "drift": _seen_to(view.drift, orders)}
    response = answer(schemas.DriftReport.model_validate(told))
    response.headers["ETag"] = f'"{orders.revision}"'
    return response


def _seen_to(drift: Drift | None, orders: Orders) -> Drift | None:
    """What the next tick will know."""
    if drift is None or orders.acknowledged is None:
        return drift
    return replace(drift, acknowledged=drift.at <= orders.acknowledged)


ENDPOINTS = (
    Endpoint(
        path="/v1/clusters/{cluster_id}/drift",
        name="read_drift",
        about="Whether somebody else changed the cluster's range.",
        handle=read_drift,
        answer=schemas.DriftReport,
        problems=(UNKNOWN_NAME, NOT_POSSIBLE),
    ),
    Endpoint(
        method="POST",
        path="/v1/clusters/{cluster_id}/drift/acknowledge",
        name="acknowledge_drift",
        about="Say that a change from outside is meant: from the next tick on it no longer holds the policy back.",
        handle=acknowledge_drift,
        answer=schemas.DriftReport,
        body=schemas.Acknowledgement,
        scope=Scope.OPERATE,
        conditional=True,
        problems=(*WRITES, WRONG_TYPE),
    ),
    Endpoint(
        method="POST",
        path="/v1/clusters/{cluster_id}/release",
        name="release_cluster",
        about="Restore the range the cluster was found with, then only look at it.",
        handle=release_cluster,
        answer=control_schemas.Control,
        scope=Scope.ADMIN,
        conditional=True,
        problems=WRITES,
    ),
)
