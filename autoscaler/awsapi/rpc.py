"""The JSON protocol of CloudWatch: members by their names, moments as seconds since 1970."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from autoscaler.awsapi.faults import Fault, invalid_value


def parse(shape: Any, body: bytes) -> dict[str, Any]:  # noqa: ANN401 - botocore's
    """The members of a request; unknown ones are left out, as AWS does.

    Raises:
        Fault: it is no JSON, or a member is missing or not of its type.
    """
    try:
        document = json.loads(body or b"{}")
    except ValueError:
        raise Fault("SerializationException", "the body is no JSON") from None
    if not isinstance(document, dict):
        raise Fault("SerializationException", "the body is no JSON object")
    return _structure(shape, document)


def render(result: Mapping[str, Any]) -> bytes:
    """An answer."""
    return json.dumps(result, default=_plain).encode()


def render_fault(fault: Fault) -> bytes:
    """An error."""
    return json.dumps({"__type": fault.code, "message": fault.message}).encode()


def _structure(shape: Any, document: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - botocore's
    for name in shape.required_members:
        if name not in document:
            raise Fault("MissingParameter", f"The parameter {name} is required.")
    members = shape.members
    return {name: _value(members[name], value, name) for name, value in document.items() if name in members}


def _value(shape: Any, value: Any, name: str) -> Any:  # noqa: ANN401 - as many types as shapes
    match shape.type_name:
        case "structure" if isinstance(value, dict):
            return _structure(shape, value)
        case "list" if isinstance(value, list):
            return [_value(shape.member, one, name) for one in value]
        case "timestamp" if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        case "timestamp" if isinstance(value, str):
            return datetime.fromisoformat(value)
        case "structure" | "list" | "timestamp":
            raise invalid_value(f"The parameter {name} is not of type {shape.type_name}")
        case _:
            return value


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
