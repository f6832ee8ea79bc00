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

# Handed on to Kubernetes as they are, which knows more of them with every version.
FREE = {
    *("affinity", "podSecurityContext", "securityContext", "lifecycle", "updateStrategy", "dnsConfig"),
    "persistence.selector",
}
# By the last part of the path: names and values that are text.
TEXTS = {
    *("labels", "annotations", "commonLabels", "commonAnnotations", "podLabels", "podAnnotations", "nodeSelector"),
    *("deploymentAnnotations", "metricsAnnotations"),
}
CHOICES = {
    "image.pullPolicy": ["Always", "IfNotPresent", "Never"],
    "service.type": ["ClusterIP", "NodePort", "LoadBalancer"],
    "service.externalTrafficPolicy": ["", "Cluster", "Local"],
    "service.ipFamilyPolicy": ["", "SingleStack", "PreferDualStack", "RequireDualStack"],
    "ingress.pathType": ["Prefix", "Exact", "ImplementationSpecific"],
    "podDisruptionBudget.unhealthyPodEvictionPolicy": ["", "AlwaysAllow", "IfHealthyBudget"],
    "dnsPolicy": ["", "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"],
}
DURATION = "^([0-9]+(ms|s|m|h))+$"
PATTERNS = {
    "image.digest": "^(sha256:[0-9a-f]{64})?$",
    "auth.token": "^(.{32,})?$",
    "persistence.size": "^[0-9]+(\\.[0-9]+)?(Ki|Mi|Gi|Ti)?$",
    "aws.region": "^([a-z]{2}(-[a-z]+)+-[0-9])?$",
    "metrics.serviceMonitor.interval": DURATION,
    "metrics.serviceMonitor.scrapeTimeout": DURATION,
    "metrics.podMonitor.interval": DURATION,
    "metrics.podMonitor.scrapeTimeout": DURATION,
}
MINIMA = {
    "replicaCount": 1,
    "terminationGracePeriodSeconds": 10,
    "service.port": 1,
    "service.metricsPort": 1,
}
TEXT = {"type": "string"}
SHARE = {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": "^[0-9]+%$"}]}
# What is in lists; objects of Kubernetes where nothing is said.
ITEMS: dict[str, dict[str, Any]] = {
    "persistence.accessModes": {"enum": ["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"]},
    "imagePullSecrets": {
        "type": "object",
        "additionalProperties": False,
        "required": ["name"],
        "properties": {"name": TEXT},
    },
    "extraArgs": TEXT,
    "extraObjects": {"type": ["object", "string"]},
    "httpRoute.hostnames": TEXT,
    "ingress.extraHosts": TEXT,
    "prometheusRule.disabled": TEXT,
    "service.loadBalancerSourceRanges": {**TEXT, "pattern": "^[0-9a-fA-F:.]+/[0-9]+$"},
}
PROBE = (
    *("initialDelaySeconds", "periodSeconds", "timeoutSeconds", "failureThreshold", "successThreshold"),
    "terminationGracePeriodSeconds",
)
PROBES = {
    "type": "object",
    "additionalProperties": False,
    "properties": {name: {"type": "integer", "minimum": 0} for name in PROBE},
}
# What the default does not tell.
SPECIAL: dict[str, dict[str, Any]] = {
    "livenessProbe": PROBES,
    "readinessProbe": PROBES,
    "startupProbe": PROBES,
    "resources": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "requests": {"type": "object"},
            "limits": {"type": "object"},
            "claims": {"type": "array", "items": {"type": "object"}},
        },
    },
    "hostUsers": {"type": ["boolean", "null"]},
    "podDisruptionBudget.minAvailable": SHARE,
    "podDisruptionBudget.maxUnavailable": {"anyOf": [{"type": "null"}, *SHARE["anyOf"]]},
    "serviceAccount.annotations": {
        "type": "object",
        "properties": {
            "eks.amazonaws.com/role-arn": {**TEXT, "pattern": "^arn:aws[a-z-]*:iam::[0-9]{12}:role/[!-~]+$"}
        },
        "additionalProperties": TEXT,
    },
}
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
        "global": {"type": "object"},  # helm's own, when this is a chart of another one
    }
    return json.dumps(schema, indent=2) + "\n"


def _of(value: object, path: str) -> dict[str, Any]:
    if path in SPECIAL:
        return SPECIAL[path]
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
            return {"type": "array", "items": ITEMS.get(path, {"type": "object"})}
        case Mapping() if path.rpartition(".")[2] in TEXTS:
            return {"type": "object", "additionalProperties": TEXT}
        case Mapping() if path in FREE:
            return {"type": "object"}
        case Mapping():
            properties = {name: _of(one, f"{path}.{name}".lstrip(".")) for name, one in value.items()}
            return {"type": "object", "additionalProperties": False, "properties": properties}
        case _:
            raise TypeError(f"{path}: nothing tells what a value of it may be")


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
