"""Traces: spans reach a collector when configured, and nothing at all happens when not."""

import gzip
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from streams.kafka.operation.traces import no_spans, tracing

ROOT = Path(__file__).parents[3]


class Collector:
    """A collector that speaks OTLP over HTTP, as far as taking spans goes."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.services: set[str] = set()
        collector = self

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                collector.take(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/traces"

    def take(self, request: ExportTraceServiceRequest) -> None:
        for of_resource in request.resource_spans:
            told = {each.key: each.value.string_value for each in of_resource.resource.attributes}
            self.services.add(told["service.name"])
            for scope in of_resource.scope_spans:
                self.spans.extend(scope.spans)


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def test_spans_reach_the_collector_with_their_attributes_and_parents(collector: Collector) -> None:
    with (
        tracing(collector.url, version="1.2.3", application="seamline") as spans,
        spans("checkpoint", partition=3),
        spans("commit", records=7),
    ):
        pass
    by_name = {span.name: span for span in collector.spans}
    assert by_name["commit"].parent_span_id == by_name["checkpoint"].span_id
    assert {each.key: each.value.int_value for each in by_name["checkpoint"].attributes} == {"partition": 3}
    assert collector.services == {"seamline"}


def test_a_span_that_fails_says_so(collector: Collector) -> None:
    with (
        tracing(collector.url, version="1", application="seamline") as spans,
        pytest.raises(ValueError, match="no"),
        spans("insert"),
    ):
        int("no")
    assert collector.spans[0].status.code == Status.STATUS_CODE_ERROR


def test_without_an_address_nothing_is_made_nor_imported() -> None:
    code = (
        "import sys; from streams.kafka.operation.traces import no_spans, tracing\n"
        "with tracing('', version='1', application='x') as spans:\n"
        "    assert spans is no_spans\n"
        "    with spans('checkpoint', partition=1): pass\n"
        "assert not [name for name in sys.modules if name.startswith('opentelemetry')]\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_off_costs_next_to_nothing() -> None:
    began = time.perf_counter()
    for _ in range(100_000):
        with no_spans("checkpoint", partition=3):
            pass
    assert (time.perf_counter() - began) / 100_000 < 10e-6


def test_an_address_without_the_extra_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['opentelemetry.sdk'] = None\n"
        "from streams.kafka.operation.traces import Tracing, TracesMissing\n"
        "try: Tracing('http://127.0.0.1:9/', version='1', application='x')\n"
        "except TracesMissing as error: print(error, error.next_step)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert "seamline[traces]" in said.stdout
