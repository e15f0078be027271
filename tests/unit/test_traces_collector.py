"""Where spans go: to the collector and nowhere else; one that is down, slow or mad costs spans, and no call."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from models.errors import BadSite
from models.traced import Step
from tests.fakes.http_server import HttpServer, an_http_server
from wingline.site import SiteFile, read_site
from wingline.traces import Collected, exporter_to
from wingline.traces_part import TracesPart, traces_of

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / "docs" / "site-example.toml").read_text("utf-8")
HERE = "http://127.0.0.1:4318/v1/traces"
# Sends at the end alone.
NEVER = 3600.0
# On a busy machine.
PATIENCE = 30.0
# Too short for another try.
SHORT = 0.3


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def collector() -> Iterator[HttpServer]:
    with an_http_server() as server:
        yield server


def at(address: str, *, within: float = PATIENCE) -> Collected:
    return Collected(exporter_to(address, within=within), every=NEVER)


def moments(collected: Collected, number: int) -> None:
    for _ in range(number):
        collected.spans.begin(Step.CALL).end()


@contextmanager
def a_server_that_says(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """To whoever connects; until the test ends."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    link, _ = door.accept()
                    with link, suppress(OSError):
                        link.recv(65536)
                        answer(link)

        serving = Thread(target=serve, daemon=True)
        serving.start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}/v1/traces"
        door.shutdown(socket.SHUT_RDWR)
    serving.join()


def rubbish(link: socket.socket) -> None:
    link.sendall(b"\x00\xff teapot\r\n" * 100)


def without_end(link: socket.socket) -> None:
    link.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        link.sendall(b"x" * 65536)


async def test_spans_go_to_the_collector(collector: HttpServer) -> None:
    collected = at(collector.address)
    with_one_inside = collected.spans.begin(Step.CALL)
    with_one_inside.begin(Step.WAITING)
    with_one_inside.end()
    await collected.stop(PATIENCE)

    (posted,) = collector.posted
    (resource,) = ExportTraceServiceRequest.FromString(posted.body).resource_spans
    assert [span.name for span in resource.scope_spans[0].spans] == [Step.WAITING, Step.CALL]
    assert collected.dropped == 0


async def test_a_collector_that_is_down_costs_spans_and_they_are_counted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    collected = at(f"http://127.0.0.1:{port}/v1/traces", within=SHORT)
    moments(collected, 3)
    await collected.stop(PATIENCE)

    assert collected.dropped == 3


@pytest.mark.parametrize("status", [302, 307, 400, 500, 503])
async def test_what_is_not_taken_is_counted_and_goes_nowhere_else(collector: HttpServer, status: int) -> None:
    collector.answers = [status] * 10
    collected = at(collector.address, within=SHORT)
    moments(collected, 3)
    await collected.stop(PATIENCE)

    assert collected.dropped == 3
    assert {posted.path for posted in collector.posted} == {"/wingline"}


async def test_a_collector_that_hangs_fills_a_queue_that_has_an_end_and_holds_nobody(collector: HttpServer) -> None:
    collector.hangs = True
    collected = Collected(exporter_to(collector.address, within=20), queue=4, every=0.01)
    moments(collected, 1)
    assert collector.was_asked.wait(PATIENCE)
    moments(collected, 10)
    await collected.stop(within=0.1)

    # One is on its way and three wait; the collector has not answered yet.
    assert collected.dropped == 7
    assert not collector.ended.is_set()


async def test_rubbish_is_no_answer() -> None:
    with a_server_that_says(rubbish) as address:
        collected = at(address, within=SHORT)
        moments(collected, 2)
        await collected.stop(PATIENCE)

    assert collected.dropped == 2


async def test_an_answer_without_end_is_not_read() -> None:
    with a_server_that_says(without_end) as address:
        collected = at(address)
        moments(collected, 2)
        await collected.stop(PATIENCE)

    assert collected.dropped == 0


async def test_without_a_collector_nothing_is_traced() -> None:
    traces = traces_of(None)
    traces.spans.begin(Step.CALL).end()
    await traces.stop()

    assert traces.dropped() == 0


def test_without_a_collector_nothing_of_opentelemetry_is_loaded() -> None:
    folders = ("console", "escalation", "ivr", "listeners", "models", "rota", "speech", "wingline")
    files = (file for folder in folders for file in (ROOT / folder).rglob("*.py"))
    loads = re.compile(r"(?m)^(from|import) (opentelemetry|wingline\.traces)\b")

    assert [file.name for file in files if loads.search(file.read_text("utf-8"))] == ["traces.py"]


async def test_a_proxy_of_the_environment_is_not_asked(collector: HttpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:9")
    traces = traces_of(TracesPart(endpoint=collector.address))
    traces.spans.begin(Step.CALL).end()
    await traces.stop()

    assert len(collector.posted) == 1


# ---- the site file


def a_site(folder: Path, more: str) -> SiteFile:
    file = folder / "site.toml"
    file.write_text(f"{EXAMPLE}\n[traces]\n{more}\n", "utf-8")
    return read_site(file)


@pytest.mark.parametrize(
    "more",
    [
        f'endpoint = "{HERE}"',
        'endpoint = "http://localhost:4318/v1/traces"',
        'endpoint = "http://[::1]:4318/v1/traces"',
        'endpoint = "https://10.20.0.9/v1/traces"',
        'endpoint = "https://[fd00::9]:4318/v1/traces"',
        'endpoint = "https://collector.prison.example/v1/traces"\nanywhere = true',
    ],
)
def test_a_collector_inside_is_taken(tmp_path: Path, more: str) -> None:
    site = a_site(tmp_path, more)

    assert site.traces is not None


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ('endpoint = "collector"', "no address of a collector"),
        ('endpoint = "http://127.0.0.1:x/v1/traces"', "no address of a collector"),
        ('endpoint = "http://127.0.0.1:4318"', "no address of a collector"),
        ('endpoint = "grpc://127.0.0.1:4317/"', "no address of a collector"),
        ('endpoint = "http://10.20.0.9/v1/traces"', "only to a program on this machine"),
        ('endpoint = "https://me:word@10.20.0.9/v1/traces"', "no name, password or query"),
        ('endpoint = "https://8.8.8.8/v1/traces"', "may be outside the prison"),
        ('endpoint = "https://collector.example.net/v1/traces"', "may be outside the prison"),
        ('endpoint = "https://0.0.0.0/v1/traces"', "may be outside the prison"),
        ('endpoint = "http://collector.example.net/v1/traces"\nanywhere = true', "only to a program on this machine"),
        ("", "Field required"),
    ],
)
def test_any_other_is_refused_in_words(tmp_path: Path, more: str, complaint: str) -> None:
    with pytest.raises(BadSite, match=complaint):
        a_site(tmp_path, more)
