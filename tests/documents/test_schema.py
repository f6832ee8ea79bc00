"""The published schema: made from the code, and true to it."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from autoscaler.config import PolicyDocument
from autoscaler.documents.presets import preset_names, preset_text
from autoscaler.documents.schema import policy_schema
from autoscaler.registry import forecaster_names, policy_names

SHIPPED = Path(__file__).resolve().parents[2] / "docs" / "policy.schema.json"


def told(text: str) -> dict[str, Any]:
    """A document as JSON: dates are texts there."""
    content: dict[str, Any] = json.loads(json.dumps(yaml.safe_load(text), default=str))
    return content


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = policy_schema(PolicyDocument)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_shipped_schema_is_the_one_of_the_code() -> None:
    assert json.loads(SHIPPED.read_text(encoding="utf-8")) == policy_schema(PolicyDocument), (
        "run: autoscaler policies schema > docs/policy.schema.json"
    )


def test_every_registered_policy_and_forecaster_is_in_the_schema() -> None:
    definitions = policy_schema(PolicyDocument)["$defs"]
    expected = {*(f"policy:{name}" for name in policy_names()), *(f"forecaster:{name}" for name in forecaster_names())}

    assert expected <= set(definitions)
    assert all(definitions[name].get("description") for name in expected)


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_fits_the_schema(name: str, validator: jsonschema.Draft202012Validator) -> None:
    assert list(validator.iter_errors(told(preset_text(name)))) == []


@pytest.mark.parametrize(
    "text",
    [
        "settings: {}",
        "policy: reactiv",
        "{policy: reactive, settings: {speed: 3}}",
        "{policy: reactive, forecaster: x}",
        "{policy: quantile, forecaster: last-value, forecaster_settings: {keep: 1}}",
        "{policy: reactive, rules: {watch: 3}}",
        "{policy: reactive, colour: blue}",
        "{policy: within, settings: {policy: {policy: reactive, settings: {speed: 3}}}}",
        "{policy: scheduled, settings: {windows: [{day: mon, floor_acu: 1}]}}",
    ],
)
def test_the_schema_refuses_what_the_code_refuses(text: str, validator: jsonschema.Draft202012Validator) -> None:
    assert list(validator.iter_errors(told(text)))
