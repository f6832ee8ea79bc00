"""The RPC protocols of CloudWatch and Performance Insights, in JSON and in CBOR: members by their names."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from autoscaler.awsapi import cbor
from autoscaler.awsapi.faults import Fault, invalid_value


def _loads(body: bytes) -> Any:  # noqa: ANN401 - any document
    try:
        return json.loads(body)
    except ValueError:
        raise Fault("SerializationException", "the body is no JSON") from None


def _dumps(document: object) -> bytes:
    return json.dumps(document, default=_plain).encode()


@dataclass(frozen=True, slots=True)
class Form:
    """How documents are written."""

    media_type: str
    loads: Callable[[bytes], Any]
    dumps: Callable[[object], bytes]
    headers: Mapping[str, str]

    def parse(self, shape: Any, body: bytes) -> dict[str, Any]:  # noqa: ANN401 - botocore's
        """The members of a request; unknown ones are left out, as AWS does.

        Raises:
            Fault: it is no document, or a member is missing or not of its type.
        """
        document = self.loads(body) if body else {}
        if not isinstance(document, dict):
            raise Fault("SerializationException", "the body is no map of members")
        return _structure(shape, document)

    def render(self, result: Mapping[str, Any]) -> bytes:
        """An answer."""
        return self.dumps(result)

    def render_fault(self, fault: Fault) -> bytes:
        """An error."""
        return self.dumps({"__type": fault.code, "message": fault.message})


JSON_1_0 = Form("application/x-amz-json-1.0", _loads, _dumps, {})
JSON_1_1 = Form("application/x-amz-json-1.1", _loads, _dumps, {})
CBOR = Form(cbor.MEDIA_TYPE, cbor.loads, cbor.dumps, {"smithy-protocol": "rpc-v2-cbor"})


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
        case "timestamp" if isinstance(value, datetime):
            return value
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
