"""Spans of OpenTelemetry, where somebody asks for them; otherwise nothing is imported and nothing is made."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from autoscaler.errors import InvalidInput

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

_NOTHING: AbstractContextManager[None] = nullcontext()
_tracers: list["Tracer"] = []


def span(name: str, **attributes: str) -> AbstractContextManager["Span | None"]:
    """A span around a block; an error that leaves the block is recorded. Off, it costs a call and no more."""
    if not _tracers:
        return _NOTHING
    told = {f"autoscaler.{key}": value for key, value in attributes.items()}
    return _tracers[-1].start_as_current_span(name, attributes=told)


def is_tracing() -> bool:
    """Whether spans are made."""
    return bool(_tracers)


@contextmanager
def tracing(provider: "TracerProvider | None") -> Iterator[None]:
    """Make spans until the block ends, and send what is left of them; None: make none."""
    if provider is None:
        yield
        return
    _tracers.append(provider.get_tracer("autoscaler"))
    try:
        yield
    finally:
        _tracers.pop()
        provider.shutdown()


def make_provider(endpoint: str, *, sample_fraction: float, version: str) -> "TracerProvider":
    """Spans for a collector that speaks OTLP over HTTP; headers for it come from OTEL_EXPORTER_OTLP_HEADERS.

    Raises:
        InvalidInput: the packages are not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
    except ImportError:
        raise InvalidInput("traces need more packages; install them with: pip install 'autoscaler[otel]'") from None
    provider = TracerProvider(
        resource=Resource.create({"service.name": "autoscaler", "service.version": version}),
        sampler=ParentBasedTraceIdRatio(sample_fraction),
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    return provider
