"""Spans of what a worker does, for OpenTelemetry; without the extra `traces` and an address they cost nothing.

A span stands for a checkpoint, a poll or an insert, never for an event. Attributes are plain values: partitions,
counts, bytes; nothing of customers.

    TracesMissing    traces are configured and the extra is not installed
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final, Protocol, TypeAlias

Attribute: TypeAlias = str | int | float | bool
_NOTHING: Final = nullcontext()


class TracesMissing(Exception):
    """An address for traces is set, and OpenTelemetry is not installed."""

    next_step = "install seamline[traces], or leave worker.traces_url empty"


class Spans(Protocol):
    """Begins spans: `with spans("checkpoint", partition=3): ...`. An exception that passes marks the span failed."""

    def __call__(self, name: str, **attributes: Attribute) -> AbstractContextManager[object]:
        """Begin a span that ends with the block."""


def no_spans(name: str, **attributes: Attribute) -> AbstractContextManager[object]:  # noqa: ARG001 - as `Spans` says
    """Begin nothing: what a worker uses where traces are off."""
    return _NOTHING


class Tracing:
    """Spans that are sent in batches, by a thread of their own, over OTLP and HTTP to `url` (`.../v1/traces`)."""

    def __init__(self, url: str, *, version: str, application: str) -> None:
        """Prepare to send; nothing is connected to yet. TracesMissing where OpenTelemetry is not installed."""
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
            from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
            from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
            from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        except ImportError as error:
            raise TracesMissing("traces are configured, and OpenTelemetry is not installed") from error
        resource = Resource({"service.name": application, "service.version": version})
        self._provider: Any = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)))
        self._tracer: Any = self._provider.get_tracer("seamline", version)

    def __call__(self, name: str, **attributes: Attribute) -> AbstractContextManager[object]:
        """Begin a span that ends with the block."""
        span: AbstractContextManager[object] = self._tracer.start_as_current_span(name, attributes=attributes)
        return span

    def close(self) -> None:
        """Send what is left, for some seconds at most."""
        self._provider.shutdown()


@contextmanager
def tracing(url: str, *, version: str, application: str) -> Iterator[Spans]:
    """Give spans for the life of a worker: real ones where an address is set, else those that cost nothing."""
    if not url:
        yield no_spans
        return
    traced = Tracing(url, version=version, application=application)
    try:
        yield traced
    finally:
        traced.close()
