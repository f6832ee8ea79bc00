"""Steering a cluster by hand: a range, a halt, a pause or a wake-up for a while, and its mode."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from aiohttp import web

from autoscaler.api import control_schemas as schemas
from autoscaler.api.access import CALLER
from autoscaler.api.bodies import end_of, once, read_body, seen_revision
from autoscaler.api.endpoints import DESK, FLEET, Endpoint, answer
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
from autoscaler.core.capacity import Limits, Range
from autoscaler.core.control import Freeze, Mode, Override
from autoscaler.errors import InvalidInput, NotPossible
from autoscaler.service.desk import Desk
from autoscaler.service.sources.kinds import find_kind
from autoscaler.storage.access import Scope
from autoscaler.storage.controls import Orders

Edit = Callable[[Orders], Orders]
WRITES = (INVALID_REQUEST, UNKNOWN_NAME, NOT_POSSIBLE, OUTDATED, ALREADY_USED, UNCONDITIONAL)


async def read_control(request: web.Request) -> web.Response:
    """What holds for a cluster now."""
    orders = await desk_of(request).orders(request.match_info["cluster_id"])
    return tell_control(request, orders)


async def set_override(request: web.Request) -> web.Response:
    """A range instead of the policy's."""
    order = await read_body(request, schemas.OverrideOrder)
    until, wrong = end_of(order, desk_of(request).now())
    limits = request.app[FLEET].view(request.match_info["cluster_id"]).limits
    if order.floor_acu > order.ceiling_acu:
        wrong.append(f"floor_acu is {order.floor_acu:g}, above ceiling_acu, {order.ceiling_acu:g}")
    else:
        wrong += _beyond(order, limits)
    if wrong:
        raise InvalidInput("; ".join(wrong))
    return await _override(request, _range(order), until, "override.set")


async def end_override(request: web.Request) -> web.Response:
    """The policy's range counts again."""
    return await _change(request, lambda orders: replace(orders, override=None, release=None), "override.end")


async def set_freeze(request: web.Request) -> web.Response:
    """No changes in a direction."""
    order = await read_body(request, schemas.FreezeOrder)
    freeze = Freeze(direction=order.direction, until=_end(request, order), by=request[CALLER].actor)
    return await _change(request, lambda orders: replace(orders, freeze=freeze), "freeze.set")


async def end_freeze(request: web.Request) -> web.Response:
    """Changes are made again."""
    return await _change(request, lambda orders: replace(orders, freeze=None), "freeze.end")


async def pause_now(request: web.Request) -> web.Response:
    """The floor stays, unless it is too high to pause; after the provider's shortest idle time the cluster pauses."""
    until = _end(request, await read_body(request, schemas.Timed))
    view = request.app[FLEET].view(request.match_info["cluster_id"])
    if not view.limits.may_pause:
        raise NotPossible(f"{view.cluster_id} may not pause: its owner's limits say so")
    now, lowest = _range_now(request), view.limits.pauses_from_acu
    floor_acu = now.floor_acu if lowest is None else max(lowest, view.limits.min_acu)
    paused = replace(now, floor_acu=floor_acu, pause_after_seconds=view.limits.shortest_pause_seconds)
    if view.limits.settle(paused).pause_after_seconds is None:
        raise NotPossible(f"{view.cluster_id} pauses from a floor of {lowest:g} ACU only, below its owner's minimum")
    return await _override(request, paused, until, "pause.set")


async def resume_now(request: web.Request) -> web.Response:
    """The floor stays; the cluster wakes if it sleeps, and stays awake."""
    until = _end(request, await read_body(request, schemas.Timed))
    return await _override(request, replace(_range_now(request), pause_after_seconds=None), until, "resume.set")


async def set_mode(request: web.Request) -> web.Response:
    """What becomes of decisions from the next one on."""
    order = await read_body(request, schemas.ModeOrder)
    view = request.app[FLEET].view(request.match_info["cluster_id"])
    if order.mode is Mode.ENFORCE and not find_kind(view.kind).acts:
        raise NotPossible(f"nobody can be asked for the range of a {view.kind} cluster; its decisions are advice")
    if order.mode is Mode.ENFORCE and (why := desk_of(request).refusal(view.cluster_id)):
        raise NotPossible(f"{view.cluster_id} cannot be enforced: {why}")
    if order.mode is Mode.ENFORCE and not order.accept_fidelity:
        fidelity = await desk_of(request).fidelity.of(view.cluster_id)
        if fidelity.doubtful:
            raise NotPossible(f"{fidelity.sentence}; to enforce {view.cluster_id} all the same, accept_fidelity")
    return await _change(request, lambda orders: replace(orders, mode=order.mode, release=None), "mode.set")


def desk_of(request: web.Request) -> Desk:
    """Who takes orders and explains.

    Raises:
        NotPossible: this service has nobody for that.
    """
    desk = request.app.get(DESK)
    if desk is None:
        raise NotPossible("this service only shows clusters; it takes no orders")
    return desk


async def _override(request: web.Request, wanted: Range, until: datetime, action: str) -> web.Response:
    override = Override(range=wanted, until=until, by=request[CALLER].actor)
    return await _change(request, lambda orders: replace(orders, override=override, release=None), action)


async def change_orders(request: web.Request, edit: Edit, action: str) -> Orders:
    """The orders after an edit, under the request's conditions."""
    return await desk_of(request).change(
        request.match_info["cluster_id"],
        edit,
        actor=request[CALLER].actor,
        request_id=request[REQUEST_ID],
        action=action,
        expected=seen_revision(request),
        once=await once(request),
    )


async def _change(request: web.Request, edit: Edit, action: str) -> web.Response:
    return tell_control(request, await change_orders(request, edit, action))


def tell_control(request: web.Request, orders: Orders) -> web.Response:
    """What holds for a cluster by these orders."""
    desk = desk_of(request)
    control = desk.control(orders)
    told = schemas.Control.model_validate(
        {
            "cluster_id": orders.cluster_id,
            "at": desk.now(),
            "mode": control.mode,
            "override": control.override,
            "freeze": control.freeze,
            "release": None if orders.release is None else orders.release.range,
            "halted": control.halted,
        }
    )
    response = answer(told)
    response.headers["ETag"] = f'"{orders.revision}"'
    return response


def _end(request: web.Request, order: schemas.Timed) -> datetime:
    until, wrong = end_of(order, desk_of(request).now())
    if wrong:
        raise InvalidInput("; ".join(wrong))
    return until


def _range(order: schemas.OverrideOrder) -> Range:
    return Range(
        floor_acu=order.floor_acu, ceiling_acu=order.ceiling_acu, pause_after_seconds=order.pause_after_seconds
    )


def _beyond(order: schemas.OverrideOrder, limits: Limits) -> list[str]:
    """Nobody is given silently something else than was asked for."""
    asked = _range(order)
    allowed = limits.settle(asked)
    return [] if allowed == asked else [f"the owner's limits do not allow {asked}; the nearest range is {allowed}"]


def _range_now(request: web.Request) -> Range:
    view = request.app[FLEET].view(request.match_info["cluster_id"])
    if view.status is None:
        raise NotPossible(f"{view.cluster_id} has not told its range yet; ask again after its first tick")
    return view.limits.clip(view.status.range)


def _write(
    method: str,
    last: str,
    about: str,
    handle: Callable[[web.Request], Awaitable[web.Response]],
    body: type[schemas.Body] | None = None,
    scope: Scope = Scope.OPERATE,
) -> Endpoint:
    return Endpoint(
        method=method,
        path=f"/v1/clusters/{{cluster_id}}/{last}",
        name=handle.__name__,
        about=about,
        handle=handle,
        answer=schemas.Control,
        body=body,
        scope=scope,
        conditional=True,
        problems=WRITES if body is None else (*WRITES, WRONG_TYPE),
    )


ENDPOINTS = (
    Endpoint(
        path="/v1/clusters/{cluster_id}/control",
        name="read_control",
        about="What people ordered for a cluster; its ETag is what writes want in If-Match.",
        handle=read_control,
        answer=schemas.Control,
        problems=(UNKNOWN_NAME, NOT_POSSIBLE),
    ),
    _write("PUT", "override", "Give a cluster a range for a while.", set_override, schemas.OverrideOrder),
    _write("DELETE", "override", "End the override.", end_override),
    _write("PUT", "freeze", "Stop changes in a direction for a while.", set_freeze, schemas.FreezeOrder),
    _write("DELETE", "freeze", "End the freeze.", end_freeze),
    _write("POST", "pause-now", "Let it pause as soon as it is idle, for a while.", pause_now, schemas.Timed),
    _write("POST", "resume-now", "Wake it and keep it awake for a while.", resume_now, schemas.Timed),
    # Whether the service acts at all has no end by itself, so that it takes more than to operate.
    _write("PUT", "mode", "Observe, recommend or enforce.", set_mode, schemas.ModeOrder, Scope.ADMIN),
)
