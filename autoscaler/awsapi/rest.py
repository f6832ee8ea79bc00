"""The REST protocol of EventBridge Scheduler: names in paths, JSON in bodies."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from autoscaler.awsapi import schedules
from autoscaler.awsapi.faults import Fault
from autoscaler.awsapi.world import World

JSON = "application/json"
ACTIONS: Mapping[str, tuple[str, Callable[[World, str, Mapping[str, Any]], dict[str, Any]]]] = {
    "POST": ("CreateSchedule", schedules.create),
    "PUT": ("UpdateSchedule", schedules.update),
    "DELETE": ("DeleteSchedule", schedules.delete),
    "GET": ("GetSchedule", schedules.get),
}


def answer(world: World, method: str, name: str, body: bytes) -> web.Response:
    """One call about a schedule."""
    action, do = ACTIONS[method]
    try:
        world.gate.admit(f"scheduler:{action}")
        world.live()
        schedules.fire_due(world)
        told = do(world, name, _parsed(body))
    except Fault as fault:
        headers = {"x-amzn-ErrorType": fault.code}
        document = json.dumps({"Message": fault.message}).encode()
        return web.Response(body=document, status=fault.status, content_type=JSON, headers=headers)
    return web.Response(body=json.dumps(told).encode(), content_type=JSON)


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(body or b"{}")
    except ValueError:
        raise Fault("ValidationException", "The body is no JSON.") from None
    if not isinstance(document, dict):
        raise Fault("ValidationException", "The body is no JSON object.")
    return document
