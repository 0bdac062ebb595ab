"""Spans for OpenTelemetry, where the extra `tracing` is installed and an address to send them to is set."""

import time
from contextlib import ExitStack
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.observation import read_steps

NAME: Final = "counterpart"
NANOSECONDS: Final = 1_000_000_000


class TracingNotInstalledError(RuntimeError):
    """An address for spans is set, but what sends them is not installed."""


def open_tracer(endpoint: str) -> tuple[Any, Any]:
    """A provider of tracers that sends to `endpoint` (close it with `shutdown`), and a tracer of it.

    Raises:
        TracingNotInstalledError: the extra is missing.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - only where spans are wanted
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise TracingNotInstalledError(
            "COUNTERPART_OTLP_ENDPOINT is set, but OpenTelemetry is not installed. "
            "Run: pip install 'counterpart[tracing]'"
        ) from error
    provider = TracerProvider(resource=Resource.create({"service.name": NAME}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    return provider, provider.get_tracer(NAME)


class TracingMiddleware:
    """A span for each request, and one within it for each of its steps."""

    def __init__(self, app: ASGIApp, tracer: Any) -> None:
        self.app = app
        self.tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        from opentelemetry.propagate import extract  # noqa: PLC0415 - installed, or there is no tracer

        context = extract(dict(Headers(scope=scope)))
        with ExitStack() as stack:
            span = stack.enter_context(
                self.tracer.start_as_current_span(f"{scope['method']} request", context=context)
            )

            async def note_status(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            await self.app(scope, receive, note_status)
            self._add_steps(span, scope)

    def _add_steps(self, span: Any, scope: Scope) -> None:
        span.set_attribute("http.request.method", scope["method"])
        span.set_attribute("url.path", scope["path"])
        steps = read_steps(scope.get("state", {}))
        ends = time.time_ns()
        # They are known only as sums: laid one after another, up to the end of the request.
        begins = ends - int(sum(steps.values()) * NANOSECONDS / 1000)
        for name, milliseconds in steps.items():
            step = self.tracer.start_span(name, start_time=begins)
            begins += int(milliseconds * NANOSECONDS / 1000)
            step.end(begins)
