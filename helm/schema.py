"""The schema of the chart's values: their types from the defaults, their documents from the service's own models.

A key that nobody knows is refused wherever it stands. What two values must be to each other a schema cannot say:
that is in templates/checks.yaml.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from autoscaler.config import PolicyDocument
from autoscaler.service.settings import ClusterSettings, ServiceSettings

# Handed on to Kubernetes or to the service as they are.
FREE = {
    *("commonLabels", "podAnnotations", "podLabels", "nodeSelector", "affinity", "resources", "annotations", "labels"),
    *("livenessProbe", "readinessProbe", "startupProbe", "podSecurityContext", "securityContext"),
}
CHOICES = {
    "image.pullPolicy": ["Always", "IfNotPresent", "Never"],
    "service.type": ["ClusterIP", "NodePort", "LoadBalancer"],
}
PATTERNS = {
    "image.digest": "^(sha256:[0-9a-f]{64})?$",
    "auth.token": "^(.{32,})?$",
    "persistence.size": "^[0-9]+(\\.[0-9]+)?(Ki|Mi|Gi|Ti)?$",
}
MINIMA = {"replicaCount": 1, "podDisruptionBudget.minAvailable": 1, "terminationGracePeriodSeconds": 10}
NAME = "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"


def schema_json(values: Path) -> str:
    """The schema of a values file, as text."""
    defaults = yaml.safe_load(values.read_text(encoding="utf-8"))
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Values of the autoscaler chart",
        **_of(defaults, ""),
    }
    schema["properties"] |= {
        "config": _names_of(ServiceSettings, without=("clusters",)),
        "clusters": {"type": "array", "items": _names_of(ClusterSettings)},
        "policies": {
            "type": "object",
            "additionalProperties": False,
            "patternProperties": {NAME: _names_of(PolicyDocument)},
        },
        "hostUsers": {"type": ["boolean", "null"]},
        "global": {"type": "object"},  # helm's own, when this is a chart of another one
    }
    return json.dumps(schema, indent=2) + "\n"


def _of(value: object, path: str) -> dict[str, Any]:
    key = path.rpartition(".")[2]
    match value:
        case bool():
            return {"type": "boolean"}
        case int():
            return {"type": "integer", "minimum": MINIMA.get(path, 0)}
        case str():
            choices = {"enum": CHOICES[path]} if path in CHOICES else {}
            pattern = {"pattern": PATTERNS[path]} if path in PATTERNS else {}
            return {"type": "string", **choices, **pattern}
        case list():
            return {"type": "array"}
        case Mapping() if value and key not in FREE:
            properties = {name: _of(one, f"{path}.{name}".lstrip(".")) for name, one in value.items()}
            return {"type": "object", "additionalProperties": False, "properties": properties}
        case Mapping():
            return {"type": "object"}
        case _:
            return {}


def _names_of(model: type[BaseModel], without: tuple[str, ...] = ()) -> dict[str, Any]:
    """An object with the members of a document; what is in them the service checks when it starts."""
    fields = {name: field for name, field in model.model_fields.items() if name not in without}
    required = [name for name, field in fields.items() if field.is_required()]
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: {} for name in fields},
        **({"required": required} if required else {}),
    }
