"""Spans as a collector receives them: one for each request, one within it for each step."""

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.testclient import TestClient

from service.app import create_app
from service.decoders import Decoders
from service.resources import share_resources
from service.settings import ServiceSettings
from service.tracing import TracingNotInstalledError, open_tracer
from tests.fakes import FakeEmbedder
from tests.service.conftest import ClientOpener

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"


class Collector(ThreadingHTTPServer):
    """Keeps the spans that are sent to it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), TakeSpans)
        self.spans: list[Any] = []

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/traces"

    def named(self, name: str) -> Any:
        """The one span of this name."""
        (span,) = [each for each in self.spans if each.name == name]
        return span


class TakeSpans(BaseHTTPRequestHandler):
    """OTLP over HTTP: protobuf in, an empty answer out."""

    server: Collector

    def do_POST(self) -> None:
        sent = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["content-length"])))
        for resource in sent.resource_spans:
            for scope in resource.scope_spans:
                self.server.spans += scope.spans
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def traced(collector: Collector, settings: ServiceSettings, decoders: Decoders) -> TestClient:
    """A service to be entered and left: spans are sent by the time it is left."""
    app = create_app(
        settings.model_copy(update={"otlp_endpoint": collector.endpoint}),
        open_resources=lambda chosen: share_resources(chosen, FakeEmbedder(), decoders),
    )
    return TestClient(app)


def value(span: Any, name: str) -> object:
    """An attribute of `span`."""
    (found,) = [each.value for each in span.attributes if each.key == name]
    return getattr(found, found.WhichOneof("value"))


def test_a_match_leaves_a_span_with_one_for_each_step(
    collector: Collector, traced: TestClient, mix: bytes
) -> None:
    with traced as client:
        assert client.post("/match?type=bass", files={"mix": mix}).status_code == 200
    request = collector.named("POST request")
    assert value(request, "url.path") == "/match"
    assert value(request, "http.request.method") == "POST"
    assert value(request, "http.response.status_code") == 200
    for step in ("decode", "context", "predict", "search"):
        span = collector.named(step)
        assert span.parent_span_id == request.span_id
        assert span.trace_id == request.trace_id
        assert request.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano


def test_a_request_goes_on_with_the_trace_of_its_caller(collector: Collector, traced: TestClient) -> None:
    with traced as client:
        client.get("/version", headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})
    span = collector.named("GET request")
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)


def test_a_refused_request_has_its_status(collector: Collector, traced: TestClient) -> None:
    with traced as client:
        assert client.get("/stems/0000000000000000").status_code == 404
    assert value(collector.named("GET request"), "http.response.status_code") == 404


def test_a_collector_that_is_away_changes_no_answer(
    settings: ServiceSettings, open_client: ClientOpener
) -> None:
    client = open_client(settings.model_copy(update={"otlp_endpoint": "http://127.0.0.1:1/v1/traces"}))
    assert client.get("/version").status_code == 200


def test_without_the_extra_an_endpoint_is_refused_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # None in the place of a module is how Python itself marks one that cannot be imported.
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(TracingNotInstalledError, match=r"counterpart\[tracing\]"):
        open_tracer("http://127.0.0.1:1/v1/traces")
