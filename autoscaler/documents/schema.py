"""The JSON Schema of policy documents, made from the code: whatever is registered, with all of its settings."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from autoscaler.core.budget import Budget
from autoscaler.core.decision import RuleSettings
from autoscaler.core.ports import Policy
from autoscaler.core.signals import Signals
from autoscaler.documents.explained import explained
from autoscaler.documents.special_days import SpecialDays
from autoscaler.registry import (
    FORECASTERS,
    POLICIES,
    adapter_of,
    find_class,
    forecaster_names,
    policy_names,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"
INNER_POLICY = "InnerPolicy"
A_POLICY = "x-policy"


class _Generator(GenerateJsonSchema):
    """Like pydantic's, and a policy among the settings is a mapping that names one."""

    def is_instance_schema(self, schema: core_schema.IsInstanceSchema) -> JsonSchemaValue:
        """A mark where a policy belongs."""
        if schema["cls"] is Policy:
            return {A_POLICY: True}  # references to what it does not define itself are not allowed here
        return super().is_instance_schema(schema)

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        """The settings of a class, each with its meaning."""
        found = super().dataclass_schema(schema)
        told = explained(schema["cls"])
        found["description"] = " ".join(text for text in (told.title, told.description) if text)
        for name, setting in found.get("properties", {}).items():
            if name in told.settings:
                setting["description"] = told.settings[name]
        return found


def policy_schema(document: type[BaseModel]) -> dict[str, Any]:
    """The schema of policy documents (draft 2020-12).

    Args:
        document: the kind of document; what it says of policies, forecasters and rules is filled in.
    """
    definitions: dict[str, Any] = {}
    policies = {name: _settings(POLICIES, "policy", name, definitions) for name in policy_names()}
    forecasters = {name: _settings(FORECASTERS, "forecaster", name, definitions) for name in forecaster_names()}
    schema = _finished(document.model_json_schema(ref_template="#/$defs/{model}"))
    definitions |= schema.pop("$defs", {})
    properties, told = schema["properties"], explained(document)
    schema["description"] = told.title
    for name, meaning in told.settings.items():
        properties[name]["description"] = meaning
    properties["policy"] = {"enum": list(policies), "description": told.settings["policy"]}
    properties["forecaster"]["enum"] = [*forecasters, None]
    for name, kind in (("rules", RuleSettings), ("signals", Signals)):
        reference = _defined(kind, kind.__name__, definitions)
        properties[name] = {**reference, "description": told.settings[name]}
    optionals: tuple[tuple[str, type[object]], ...] = (
        ("budget", Budget),
        ("special_days", SpecialDays),
    )
    for name, optional in optionals:
        reference = _defined(optional, optional.__name__, definitions)
        properties[name] = {"anyOf": [reference, {"type": "null"}], "description": told.settings[name]}
    definitions[INNER_POLICY] = {
        "type": "object",
        "description": "A policy inside a policy.",
        "properties": {"policy": {"enum": list(policies)}, "settings": {"type": "object"}},
        "required": ["policy"],
        "additionalProperties": False,
        "allOf": _by_name("policy", "settings", policies),
    }
    return {
        "$schema": DIALECT,
        "title": "Autoscaler policy",
        **schema,
        "allOf": [
            *_by_name("policy", "settings", policies),
            *_by_name("forecaster", "forecaster_settings", forecasters),
        ],
        "$defs": dict(sorted(definitions.items())),
    }


def _by_name(key: str, settings: str, known: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "if": {"properties": {key: {"const": name}}, "required": [key]},
            "then": {"properties": {settings: reference}},
        }
        for name, reference in known.items()
    ]


def _settings(group: str, kind: str, name: str, definitions: dict[str, Any]) -> dict[str, Any]:
    found = find_class(group, kind, name)
    return _defined(found, f"{kind}:{name}", definitions)


def _defined(kind: Any, name: str, definitions: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 # any class
    """A reference to the schema of a dataclass, which is put among the definitions with all it refers to."""
    schema = adapter_of(kind).json_schema(ref_template="#/$defs/{model}", schema_generator=_Generator)
    inner = schema.pop("$defs", {})
    definitions |= {key: _finished(part) for key, part in {**inner, name: schema}.items()}
    return {"$ref": f"#/$defs/{name}"}


def _finished(schema: Any) -> Any:  # noqa: ANN401 # any JSON
    """Without the titles that only repeat names, and with references where policies belong."""
    if isinstance(schema, list):
        return [_finished(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if A_POLICY in schema:
        rest = {key: value for key, value in schema.items() if key not in (A_POLICY, "title")}
        return {"$ref": f"#/$defs/{INNER_POLICY}", **rest}
    return {key: _finished(value) for key, value in schema.items() if key != "title" or not isinstance(value, str)}
