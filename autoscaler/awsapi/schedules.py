"""EventBridge Scheduler: one-shot schedules whose target is RDS's ModifyDBCluster. They fire in cluster time."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from autoscaler.awsapi import clusters
from autoscaler.awsapi.faults import Fault
from autoscaler.awsapi.world import ACCOUNT, World

Parameters = Mapping[str, Any]
ONCE = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
TARGET = "arn:aws:scheduler:::aws-sdk:rds:modifyDBCluster"
BUSY = "InvalidDBClusterStateFault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A change of a cluster at a moment; its input has the names of the SDK for Java, as universal targets want [M]."""

    name: str
    expression: str
    at: datetime
    input: Parameters
    role_arn: str


def create(world: World, name: str, given: Parameters) -> dict[str, Any]:
    """CreateSchedule."""
    if name in world.schedules:
        raise Fault("ConflictException", f"Schedule {name} already exists.", HTTPStatus.CONFLICT)
    world.schedules[name] = _schedule(name, given)
    return {"ScheduleArn": _arn(world, name)}


def update(world: World, name: str, given: Parameters) -> dict[str, Any]:
    """UpdateSchedule: all of it anew."""
    _find(world, name)
    world.schedules[name] = _schedule(name, given)
    return {"ScheduleArn": _arn(world, name)}


def delete(world: World, name: str, _: Parameters) -> dict[str, Any]:
    """DeleteSchedule."""
    del world.schedules[_find(world, name).name]
    return {}


def get(world: World, name: str, _: Parameters) -> dict[str, Any]:
    """GetSchedule."""
    found = _find(world, name)
    target = {"Arn": TARGET, "RoleArn": found.role_arn, "Input": json.dumps(found.input)}
    return {
        "Name": name,
        "Arn": _arn(world, name),
        "GroupName": "default",
        "ScheduleExpression": found.expression,
        "State": "ENABLED",
        "Target": target,
    }


def fire_due(world: World) -> None:
    """Do what is due; what a busy cluster refuses is tried again, as AWS does for a day [D]."""
    for one in [one for one in world.schedules.values() if one.at <= world.now()]:
        given = {"DBClusterIdentifier": one.input["DbClusterIdentifier"], **one.input}
        try:
            clusters.modify(world, given)
        except Fault as fault:
            if fault.code == BUSY:
                continue
        del world.schedules[one.name]


def _schedule(name: str, given: Parameters) -> Schedule:
    target, expression = given.get("Target", {}), str(given.get("ScheduleExpression", ""))
    once = ONCE.fullmatch(expression)
    if once is None:
        raise _invalid(f"The schedule expression {expression} is not simulated; take at(yyyy-mm-ddThh:mm:ss).")
    if target.get("Arn") != TARGET:
        raise _invalid(f"The target {target.get('Arn')} is not simulated; take {TARGET}.")
    try:
        content = json.loads(target.get("Input", "{}"))
        name_of_cluster = content["DbClusterIdentifier"]
    except (ValueError, KeyError, TypeError):
        raise _invalid("The input of the target is no JSON object with a DbClusterIdentifier.") from None
    return Schedule(
        name=name,
        expression=expression,
        at=datetime.fromisoformat(once[1]).replace(tzinfo=UTC),
        input={**content, "DbClusterIdentifier": name_of_cluster},
        role_arn=target.get("RoleArn", ""),
    )


def _find(world: World, name: str) -> Schedule:
    if name not in world.schedules:
        raise Fault("ResourceNotFoundException", f"Schedule {name} does not exist.", HTTPStatus.NOT_FOUND)
    found: Schedule = world.schedules[name]
    return found


def _arn(world: World, name: str) -> str:
    return f"arn:aws:scheduler:{world.region}:{ACCOUNT}:schedule/default/{name}"


def _invalid(message: str) -> Fault:
    return Fault("ValidationException", message)
