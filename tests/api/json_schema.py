"""A checker for the part of JSON Schema that our documents use; any other keyword fails, so it cannot lie."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

JsonSchema = Mapping[str, Any]

TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
SPOKEN = {"title", "description", "default", "examples", "additionalProperties"}
CHECKED = {
    *("$ref", "anyOf", "type", "enum", "const", "format", "properties", "required", "items"),
    *("minimum", "maximum", "maxLength"),
}


def faults(value: object, schema: JsonSchema, document: JsonSchema, at: str = "$") -> Iterator[str]:
    """What about a value is not as its schema says. Members that no schema names are faults, too."""
    if unknown := set(schema) - SPOKEN - CHECKED:
        yield f"{at}: this checker does not know {sorted(unknown)}"
    if "$ref" in schema:
        yield from faults(value, resolve(schema["$ref"], document), document, at)
    if "anyOf" in schema and all([*faults(value, one, document, at)] for one in schema["anyOf"]):
        yield f"{at}: {value!r} is none of {schema['anyOf']}"
    if "type" in schema and not _is(value, schema["type"]):
        yield f"{at}: {value!r} is no {schema['type']}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    yield from _number_faults(value, schema, at)
    yield from _text_faults(value, schema, at)
    if isinstance(value, dict) and "properties" in schema:
        yield from _member_faults(value, schema, document, at)
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from faults(item, schema.get("items", {}), document, f"{at}[{place}]")


def resolve(reference: str, document: JsonSchema) -> JsonSchema:
    """What a reference within a document leads to."""
    found: Any = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    schema: JsonSchema = found
    return schema


def _is(value: object, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, TYPES[kind])


def _number_faults(value: object, schema: JsonSchema, at: str) -> Iterator[str]:
    if isinstance(value, int | float) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{at}: {value} is out of bounds"


def _text_faults(value: object, schema: JsonSchema, at: str) -> Iterator[str]:
    if not isinstance(value, str):
        return
    if len(value) > schema.get("maxLength", len(value)):
        yield f"{at}: {value!r} is too long"
    if schema.get("format") == "date-time" and datetime.fromisoformat(value).utcoffset() is None:
        yield f"{at}: {value!r} has no time zone"


def _member_faults(value: dict[str, Any], schema: JsonSchema, document: JsonSchema, at: str) -> Iterator[str]:
    for missing in set(schema.get("required", ())) - set(value):
        yield f"{at}: there is no {missing}"
    for name, member in value.items():
        if name in schema["properties"]:
            yield from faults(member, schema["properties"][name], document, f"{at}.{name}")
        else:
            yield f"{at}: nobody told of {name}"
