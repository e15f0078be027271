"""The figures as Prometheus reads them, on loopback alone, and only when a port is set (WINGLINE_METRICS_PORT)."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from importlib.metadata import version
from time import monotonic
from typing import TYPE_CHECKING

import structlog
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ivr.call import Phase
from models.clock import now
from models.traced import Correction
from models.words import CallStage, Instant, PhoneKind
from wingline.certificates import ends_at
from wingline.http_server import HttpServer
from wingline.metrics.reading import Since, Standing, since, standing

if TYPE_CHECKING:
    from wingline.wiring import Line

log = structlog.get_logger()

# A row is there a moment after what it tells of; what is younger is counted at the next look.
SETTLED = timedelta(seconds=2)
ANSWER_SECONDS = 4.0
STATES = ("on_duty", "ringing", "talking", "resting")


class LineFigures(Collector):
    """Looks when Prometheus asks, in the line's own turn at the database."""

    def __init__(self, line: "Line", registry: CollectorRegistry) -> None:
        self._line = line
        self._registry = registry
        self._looking = asyncio.Lock()
        self._now: list[Metric] = []
        self._looked_at: Instant = now() - SETTLED
        self._begun = Counter("wingline_calls_begun", "Calls that were dialled.", registry=registry)
        self._answered = Counter("wingline_calls_answered", "First answers, by whom.", ["by"], registry=registry)
        for by in ("listener", "outside", "duty_office"):
            self._answered.labels(by)
        self._abandoned = Counter("wingline_calls_abandoned", "Hung up while waiting, unanswered.", registry=registry)
        self._answer = Histogram(
            "wingline_answer_seconds",
            "From when a caller first waited until a Listener had the call.",
            buckets=(5, 15, 30, 60, 120, 300),
            registry=registry,
        )
        registry.register(self)

    async def page(self, _request: Request) -> Response:
        async with self._looking:
            self._now = [metric async for metric in self._look()]
            return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)

    def collect(self) -> list[Metric]:
        """What the last look found; counters are in the registry themselves."""
        return self._now

    async def _look(self) -> AsyncIterator[Metric]:
        began, found = monotonic(), None
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                happened, found = await self._line.database.run(self._read)
            self._count(happened)
        except (TimeoutError, SQLAlchemyError) as error:
            log.warning("metrics.no_database", error=type(error).__name__)
        took = monotonic() - began
        yield _gauge("database_seconds", "How long it took to ask the database, its queue included.", took)
        yield _gauge("database_up", "Whether the database answered.", found is not None)
        head = await asyncio.to_thread(self._line.heads.last)
        yield _gauge(
            "audit_head_timestamp_seconds", "When the last head was signed.", _at(head.signed_at if head else None)
        )
        ends = await asyncio.to_thread(_certificate_ends, self._line)
        yield _gauge("certificate_ends_timestamp_seconds", "Of phones with TLS; 0: there is none.", _at(ends))
        for metric in (*self._in_memory(), *(_in_rows(found) if found else ())):
            yield metric

    def _read(self, session: Session) -> tuple[Since, Standing]:
        at = now()
        happened = since(session, self._line.site.id, self._looked_at, at - SETTLED)
        self._looked_at = at - SETTLED
        return happened, standing(session, self._line.site.id, self._line.unreachable, at)

    def _count(self, happened: Since) -> None:
        self._begun.inc(happened.begun)
        self._abandoned.inc(happened.abandoned)
        answered = {"listener": len(happened.answers), "outside": happened.outside, "duty_office": happened.duty_office}
        for by, number in answered.items():
            self._answered.labels(by).inc(number)
        for seconds in happened.answers:
            self._answer.observe(seconds)

    def _in_memory(self) -> Iterator[Metric]:
        line, hearing = self._line, self._line.hearing()
        heard = sum(live.call.listening and live.call.phase is Phase.TALKING for live in list(line.desk.calls.values()))
        yield _gauge("info", "The release.", {version("wingline"): 1}, label="version")
        yield _gauge("asterisk_connected", "Whether there is a link to Asterisk.", line.asterisk_up)
        yield _gauge(
            "speech_connected", "Whether speech listens, or would if it were not turned off.", _speech_up(line)
        )
        yield _gauge("listening_off", "Whether somebody turned the listening off.", hearing.off is not None)
        yield _gauge("calls_heard", "Conversations that the machine may hear now.", heard)
        yield _gauge(
            "speech_left_out", "Phrases that were not heard a second time, since speech began.", hearing.left_out
        )
        yield _gauge("speech_unheard_seconds", "Audio that was dropped, since speech began.", hearing.unheard)
        says = "What the look at Asterisk and the database put right, by what."
        corrections = CounterMetricFamily("wingline_corrections", says, labels=["what"])
        for what in Correction:
            corrections.add_metric([what], line.desk.last_look.corrected[what])
        yield corrections
        says = "Spans of traces that the collector never got."
        yield CounterMetricFamily("wingline_trace_spans_dropped", says, value=line.traces.dropped())
        yield _gauge("disk_free_bytes", "Where the data is.", shutil.disk_usage(line.settings.data).free)
        warn_after = line.backup_warn_after
        yield _gauge(
            "backup_warn_after_seconds", "0: nothing is settled.", warn_after.total_seconds() if warn_after else 0
        )


def _certificate_ends(line: "Line") -> datetime | None:
    own = line.settings.data / "tls" / "line.pem"
    certificate = line.site.phones.certificate or own
    return ends_at(certificate) if certificate.exists() else None


def _speech_up(line: "Line") -> bool:
    hearing = line.hearing()
    return hearing.listening or hearing.off is not None


def _in_rows(found: Standing) -> Iterator[Metric]:
    stages = {stage.value: found.calls.get(stage, 0) for stage in CallStage if stage is not CallStage.ENDED}
    yield _gauge("calls_live", "Calls now, by where they are.", stages, label="stage")
    yield _gauge("listeners", "How many Listeners are …", {one: found.listeners[one] for one in STATES}, label="state")
    yield _gauge("escalations_open", "Escalations that are not closed.", found.open_escalations)
    yield _gauge("escalations_late", "Of these, how many are due and were not looked after.", found.late_escalations)
    yield _gauge("due_late_seconds", "How late the latest of these is.", found.late)
    away = {kind.value: found.phones_away.get(kind, 0) for kind in PhoneKind}
    yield _gauge("phones_away", "Phones that are not registered.", away, label="kind")
    yield _gauge("backup_timestamp_seconds", "When the last backup was made.", _at(found.backed_up_at))
    yield _gauge("purge_timestamp_seconds", "When what is due was last forgotten.", _at(found.purged_at))
    yield _gauge("nightly_call_broken", "Whether a link of the last nightly call did not hold.", found.night_broken)


def _at(moment: datetime | None) -> float:
    """0 for never, as Prometheus has it."""
    return moment.timestamp() if moment else 0.0


def _gauge(name: str, says: str, value: float | Mapping[str, float], *, label: str = "") -> Metric:
    if not isinstance(value, Mapping):
        return GaugeMetricFamily(f"wingline_{name}", says, value=float(value))
    family = GaugeMetricFamily(f"wingline_{name}", says, labels=[label])
    for one, number in value.items():
        family.add_metric([one], float(number))
    return family


@asynccontextmanager
async def exposed(line: "Line") -> AsyncIterator[None]:
    """For as long as the line answers. A port that is taken is logged, and no reason to leave callers alone."""
    if not line.settings.metrics_port:
        yield
        return
    try:
        door = socket.create_server(("127.0.0.1", line.settings.metrics_port))
    except OSError as error:
        log.error("metrics.not_exposed", error=type(error).__name__)  # noqa: TRY400  its text names an address
        yield
        return
    registry = CollectorRegistry()
    figures = LineFigures(line, registry)
    ProcessCollector(registry=registry)
    server = HttpServer(Starlette(routes=[Route("/metrics", figures.page)]))
    with door:
        serving = asyncio.create_task(server.at(door))
        yield
        server.stop()
    await serving
