"""How the service is observed, as its operator writes it."""

from typing import Annotated

from pydantic import Field

from autoscaler.config import Document


class MetricsDocument(Document):
    """The metrics for Prometheus.

    Args:
        per_cluster: series of each cluster; without them the sums over the fleet are left.
        port: also at this port, without a token and without TLS, and nothing else there; for scrapers in the network
            of the pod. Left out, they are at /metrics of the API only, for tokens.
        host: where that port is open.
    """

    per_cluster: bool = True
    port: Annotated[int | None, Field(ge=0, le=65535)] = None
    host: str = "127.0.0.1"
