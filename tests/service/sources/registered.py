"""The cluster of the simulated AWS, registered at a service."""

from typing import Any

from autoscaler.service.settings import ClusterSettings
from tests.adapters.aurora_clusters import REGION, Connected


def registered(one: Connected, **others: Any) -> ClusterSettings:
    """As the settings file names it."""
    return ClusterSettings.model_validate(
        {
            "id": "orders",
            "kind": "aurora",
            "policy": "reactive",
            "source": {"resource_id": one.resource_id},
            **others,
        }
    )


def sources_of(one: Connected, **others: Any) -> dict[str, Any]:
    """Where the settings file says that it is."""
    return {"aurora": {"accounts": [{"region": REGION, "endpoint_url": one.url, **others}]}}
