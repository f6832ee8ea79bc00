"""How the service is observed, as its operator writes it."""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from autoscaler.config import Document
from autoscaler.observability.traces import make_provider

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider


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


class TracesDocument(Document):
    """Spans for OpenTelemetry; they need the extra ``otel``.

    Args:
        endpoint: of a collector that speaks OTLP over HTTP, such as http://collector:4318/v1/traces; left out, there
            are no spans.
        sample_fraction: which part of the ticks and requests is traced.
    """

    endpoint: Annotated[str | None, Field(pattern=r"^https?://[^\s@]+$")] = None
    sample_fraction: Annotated[float, Field(ge=0, le=1)] = 1.0

    def build(self, *, version: str) -> "TracerProvider | None":
        """Who makes the spans; None: nobody.

        Raises:
            InvalidInput: the extra is not installed.
        """
        if self.endpoint is None:
            return None
        return make_provider(self.endpoint, sample_fraction=self.sample_fraction, version=version)
