"""Spans to an OTLP/HTTP collector, from a bounded queue in a thread of their own: no call waits for them."""

import asyncio
import logging
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from threading import Lock, Thread
from typing import Any

import requests
import structlog
from opentelemetry import trace as otel
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from models.traced import NOTHING, Facts, Span, Step

log = structlog.get_logger()

QUEUE = 2048
BATCH = 256
EVERY_SECONDS = 5.0
# For one batch, with the exporter's own tries.
ANSWER_SECONDS = 5.0
STOP_SECONDS = 2.0


class NotTaken(requests.RequestException):
    """The collector sends us elsewhere: nothing goes where the site file does not say."""


class _Straight(requests.Session):
    """No proxy of the environment, no redirect; the answer's body, which may have no end, is not read."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def request(self, method: str, url: str | bytes, **how: Any) -> requests.Response:  # type: ignore[override]
        with super().request(method, url, **how | {"stream": True, "allow_redirects": False}) as answer:
            if 300 <= answer.status_code < 400:
                raise NotTaken
            return answer


def exporter_to(endpoint: str, *, within: float = ANSWER_SECONDS) -> SpanExporter:
    """Whom this machine trusts (SSL_CERT_FILE for another list) is trusted."""
    trusted = ssl.get_default_verify_paths()
    return OTLPSpanExporter(
        endpoint,
        certificate_file=trusted.cafile or trusted.capath,
        timeout=within,
        compression=Compression.NoCompression,
        session=_Straight(),
    )


@dataclass(eq=False)
class _Spans:
    """``span`` is nothing at the root: what begins there is a trace of its own, with an id that is drawn for it."""

    tracer: otel.Tracer
    span: otel.Span | None = None
    within: list["_Spans"] = field(default_factory=list)

    def begin(self, step: Step, facts: Facts = NOTHING) -> Span:
        around = otel.set_span_in_context(self.span, Context()) if self.span else Context()
        begun = _Spans(self.tracer, self.tracer.start_span(step.value, around, attributes=facts.attributes()))
        if self.span and self.span.is_recording():
            self.within.append(begun)
        return begun

    def end(self, facts: Facts = NOTHING) -> None:
        if self.span is None or not self.span.is_recording():
            return
        for one in self.within:
            one.end()
        self.within.clear()
        self.span.set_attributes(facts.attributes())
        self.span.end()


@dataclass
class _Room:
    """Of the queue: what is on its way or waits, and how many found no room or were not taken."""

    most: int
    waiting: int = 0
    dropped: int = 0
    _counting: Lock = field(default_factory=Lock)

    def take(self) -> bool:
        with self._counting:
            free = self.waiting < self.most
            self.waiting += free
            self.dropped += not free
            return free

    def give_back(self, spans: int, *, dropped: bool) -> None:
        with self._counting:
            self.waiting -= spans
            self.dropped += spans if dropped else 0


class _Before(SpanProcessor):
    """The batches would drop what is oldest, and tell nobody."""

    def __init__(self, room: _Room, batches: SpanProcessor) -> None:
        self._room = room
        self._batches = batches

    def on_end(self, span: ReadableSpan) -> None:
        if self._room.take():
            self._batches.on_end(span)

    def shutdown(self) -> None:
        self._batches.shutdown()


class _Behind(SpanExporter):
    """Logs that the collector takes nothing, and that it does again, once each."""

    def __init__(self, room: _Room, exporter: SpanExporter) -> None:
        self._room = room
        self._exporter = exporter
        self._well = True

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = SpanExportResult.FAILURE
        try:
            result = self._exporter.export(spans)
        finally:
            taken = result is SpanExportResult.SUCCESS
            self._room.give_back(len(spans), dropped=not taken)
            if taken is not self._well:
                self._well = taken
                (log.info if taken else log.warning)("traces.taken_again" if taken else "traces.not_taken")
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()


class Collected:
    """One collector, for as long as the line runs."""

    def __init__(self, exporter: SpanExporter, *, queue: int = QUEUE, every: float = EVERY_SECONDS) -> None:
        # What they log names the address, at each try; we say it once.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        self._room = _Room(queue)
        # Nothing of the environment, the host's name among it, and no end of the process that waits for a collector.
        about = Resource({"service.name": "wingline", "service.version": version("wingline")})
        self._provider = TracerProvider(ALWAYS_ON, about, shutdown_on_exit=False)
        batches = BatchSpanProcessor(_Behind(self._room, exporter), queue, every * 1000, min(queue, BATCH))
        self._provider.add_span_processor(_Before(self._room, batches))
        self.spans: Span = _Spans(self._provider.get_tracer("wingline"))

    @property
    def dropped(self) -> int:
        return self._room.dropped

    async def stop(self, within: float = STOP_SECONDS) -> None:
        """What is left is sent; a collector that does not answer is not waited for."""
        last = Thread(target=self._provider.shutdown, daemon=True)
        last.start()
        await asyncio.to_thread(last.join, within)
