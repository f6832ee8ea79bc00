"""The query protocol: flat form parameters in, XML out; both follow the shapes of botocore's models."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from autoscaler.awsapi.faults import Fault, invalid_value

TRUE, FALSE = ("true", "True", "1"), ("false", "False", "0")


def parse(shape: Any, form: Mapping[str, str], prefix: str = "") -> dict[str, Any]:  # noqa: ANN401 - botocore's
    """The members of a structure in a form; those that were not sent are left out.

    Raises:
        Fault: a value is not of its type, or a required member is missing.
    """
    found = {}
    for name, member in shape.members.items():
        key = f"{prefix}{member.serialization.get('name', name)}"
        value = _value(member, form, key)
        if value is not None:
            found[name] = value
    for name in shape.required_members:
        if name not in found:
            raise Fault("MissingParameter", f"The request must contain the parameter {prefix}{name}")
    return found


def render(operation: Any, result: Mapping[str, Any], request_id: str) -> bytes:  # noqa: ANN401 - botocore's
    """The XML of an answer."""
    root = Element(f"{operation.name}Response", {"xmlns": operation.metadata.get("xmlNamespace", "")})
    shape = operation.output_shape
    if shape is not None:
        holder = SubElement(root, shape.serialization.get("resultWrapper", f"{operation.name}Result"))
        _fill(holder, shape, result)
    SubElement(SubElement(root, "ResponseMetadata"), "RequestId").text = request_id
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def render_fault(fault: Fault, request_id: str) -> bytes:
    """The XML of an error."""
    root = Element("ErrorResponse")
    error = SubElement(root, "Error")
    SubElement(error, "Type").text = "Sender" if fault.status < 500 else "Receiver"
    SubElement(error, "Code").text = fault.code
    SubElement(error, "Message").text = fault.message
    SubElement(root, "RequestId").text = request_id
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _value(shape: Any, form: Mapping[str, str], key: str) -> Any:  # noqa: ANN401 - as many types as shapes
    match shape.type_name:
        case "structure":
            there = any(name.startswith(f"{key}.") for name in form)
            return parse(shape, form, f"{key}.") if there else None
        case "list":
            return _list(shape, form, key)
        case _:
            return _scalar(shape, form[key], key) if key in form else None


def _list(shape: Any, form: Mapping[str, str], key: str) -> list[Any] | None:  # noqa: ANN401 - botocore's
    """Members are numbered from 1 on, behind their own name unless the list is flat."""
    names = ("member", shape.member.serialization.get("name", "member"))
    stems = [key] if shape.serialization.get("flattened") else [f"{key}.{name}" for name in names]
    for stem in stems:
        values: list[Any] = []
        while (value := _value(shape.member, form, f"{stem}.{len(values) + 1}")) is not None:
            values.append(value)
        if values:
            return values
    return None


def _scalar(shape: Any, text: str, key: str) -> Any:  # noqa: ANN401 - as many types as shapes
    try:
        match shape.type_name:
            case "integer" | "long":
                return int(text)
            case "double" | "float":
                return float(text)
            case "timestamp":
                moment = datetime.fromisoformat(text)
                return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            case "boolean" if text in (*TRUE, *FALSE):
                return text in TRUE
            case "boolean":
                raise ValueError(text)
            case _:
                return text
    except ValueError:
        raise invalid_value(f"Invalid value '{text}' for {key}. Must be of type {shape.type_name}") from None


def _fill(parent: Element, shape: Any, value: Mapping[str, Any]) -> None:  # noqa: ANN401 - botocore's
    for name, member in shape.members.items():
        if value.get(name) is not None:
            _add(parent, member.serialization.get("name", name), member, value[name])


def _add(parent: Element, name: str, shape: Any, value: Any) -> None:  # noqa: ANN401 - as many types as shapes
    if shape.type_name == "list":
        flat = shape.serialization.get("flattened")
        holder = parent if flat else SubElement(parent, name)
        for one in value:
            _add(holder, name if flat else shape.member.serialization.get("name", "member"), shape.member, one)
        return
    element = SubElement(parent, name)
    if shape.type_name == "structure":
        _fill(element, shape, value)
    elif shape.type_name == "map":
        for key, one in value.items():
            entry = SubElement(element, "entry")
            _add(entry, "key", shape.key, key)
            _add(entry, "value", shape.value, one)
    else:
        element.text = _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    return str(value)
