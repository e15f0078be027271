"""What traces say of a whole call and its escalation: closed lists and small numbers, and nothing that is anybody's."""

import types
from collections.abc import AsyncIterator
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import column, select, table

from escalation.case import AtDoor, Closed, Spoken
from escalation.engine import Engine
from ivr import happenings as h
from ivr.call import Phase
from ivr.call_trace import PLACES
from ivr.desk import Desk
from ivr.legs import LegId
from ivr.reconcile import reconcile
from models import words
from models.clock import now
from models.tables import Base, Escalation
from models.traced import Correction, Facts, Span, Step
from models.words import NodeId, OfferEnd, Outcome, Post, Seat, TellingEnd
from tests.fakes.line import FakeLine, a_database, eventually, settled
from tests.fakes.staff import SilentPhones, a_phone_at_each_post
from wingline.traces import Collected

pytestmark = pytest.mark.anyio
KINDS = (OfferEnd, Seat, Post, TellingEnd, Correction)
# On a busy machine; nothing here waits for it in vain.
PATIENCE = 30.0
SAFE = Closed("officer-jones", spoken=True, outcome=Outcome.SAFE_NOW)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Evening:
    """A line whose traces are kept in memory, with real rows and the real engine behind it."""

    def __init__(self, folder: Path) -> None:
        self._kept = InMemorySpanExporter()
        self._collected = Collected(self._kept)
        self.line = FakeLine(a_database(folder), "robin", "teal")
        self.staff = SilentPhones()
        self.line.database.do(a_phone_at_each_post)
        self.engine = Engine(
            self.line.database,
            self.staff,
            console=self.staff,
            people=self.staff,
            unreachable=frozenset,
            node=NodeId("node-one"),
            traces=self.spans,
        )
        self.line.ports = replace(self.line.ports, engine=self.engine, traces=self.spans)
        self._a_new_desk()

    def _a_new_desk(self) -> None:
        self.line.telephony.is_told_to_nobody()
        self.line.desk = Desk(self.line.ports)

    @property
    def spans(self) -> Span:
        return self._collected.spans

    async def sent(self) -> list[ReadableSpan]:
        await self._collected.stop(PATIENCE)
        return sorted(self._kept.get_finished_spans(), key=lambda span: span.start_time or 0)

    async def starts_again(self) -> None:
        self.line.ports.errands.stop()
        self._a_new_desk()
        await reconcile(self.line.desk)
        await settled()

    async def call(self) -> None:
        """The first Listener passes, the second takes it; then key 0."""
        line = self.line
        live, _ = await line.a_caller_waits(listening=True)
        await line.answers(await line.is_rung("robin"), "2")
        await line.takes("teal")
        for happening in (h.CallerPressedStaffKey(), h.CallerPressed("1")):
            live.happen(happening)
        assert await eventually(lambda: self.staff.ringing, PATIENCE)
        await self._staff_come()
        line.telephony.hangs_up(LegId(live.caller.id))
        assert await eventually(lambda: not line.desk.calls, PATIENCE)

    async def _staff_come(self) -> None:
        (escalation,) = self.line.asked(select(Escalation.id))
        for post in Post:
            if any(phone.endswith(post) for phone in self.staff.ringing.values()):
                await self.engine.telling_ended(self.staff.telling_at(post), TellingEnd.ACKNOWLEDGED, now())
        for event in (AtDoor("officer-jones"), Spoken("officer-jones")):
            await self.engine.happened(escalation, event, now())
        await self.engine.close(escalation, SAFE, now())

    def ids(self) -> set[str]:
        """Every word of the database by which somebody, a place or a call can be found."""
        rows = self.line.database.do(
            lambda session: [row for every in Base.metadata.sorted_tables for row in session.execute(select(every))]
        )
        kinds = [kind for kind in vars(words).values() if isinstance(kind, type) and issubclass(kind, StrEnum)]
        known = {member.value for kind in (Step, *kinds) for member in kind}
        return {one for row in rows for one in row if isinstance(one, str) and len(one) > 4} - known


@pytest.fixture
async def evening(tmp_path: Path) -> AsyncIterator[Evening]:
    new = Evening(tmp_path)
    yield new
    await new.line.stop()


def names(spans: list[ReadableSpan]) -> list[str]:
    return [span.name for span in spans]


def trace_of(spans: list[ReadableSpan], root: Step) -> list[ReadableSpan]:
    (begun,) = (span for span in spans if span.name == root)
    return [span for span in spans if span.context.trace_id == begun.context.trace_id]


def said(spans: list[ReadableSpan], name: Step) -> list[dict[str, object]]:
    return [dict(span.attributes or {}) for span in spans if span.name == name]


async def test_a_trace_tells_how_a_call_went(evening: Evening) -> None:
    await evening.call()
    call = trace_of(await evening.sent(), Step.CALL)

    places = [name for name in names(call) if name in PLACES.values()]
    assert places == [Step.LANGUAGE, Step.NOTICE, Step.WAITING, Step.TALKING]
    assert [one["ring"] for one in said(call, Step.RING)] == ["passed", "taken"]
    assert said(call, Step.TALKING) == [{"heard": True}]
    assert said(call, Step.STAFF_KEY) == [{"staff_called": True}]


async def test_an_escalation_is_a_trace_of_its_own(evening: Evening) -> None:
    await evening.call()
    spans = await evening.sent()
    escalation = trace_of(spans, Step.ESCALATION)

    steps = [Step.TOLD, Step.TELLING_ENDED, Step.ACKNOWLEDGED, Step.AT_DOOR, Step.SPOKEN, Step.CLOSED]
    assert list(dict.fromkeys(names(escalation))) == [Step.ESCALATION, *steps]
    assert {"post", "step", "round"} == set(said(escalation, Step.TOLD)[0])
    assert not {span.context.trace_id for span in escalation} & {
        span.context.trace_id for span in trace_of(spans, Step.CALL)
    }


async def test_nobody_is_in_what_leaves_the_line(evening: Evening) -> None:
    await evening.call()
    ids = evening.ids()
    spans = await evening.sent()
    sent = encode_spans(spans).SerializeToString()

    assert {"call-one", "phone-caller", "listener-robin", "cell-A1"} <= ids
    assert [one for one in ids if one.encode() in sent] == []
    values = {member.value for kind in KINDS for member in kind}
    for span in spans:
        assert span.name in set(Step)
        assert not [*span.events, *span.links]
        assert span.status.description is None
        for name, value in (span.attributes or {}).items():
            assert name in Facts.__dataclass_fields__
            assert (value in values) if isinstance(value, str) else 0 <= value <= 99  # type: ignore[operator]
    assert {key for span in spans for key in span.resource.attributes} == {"service.name", "service.version"}


async def test_what_reconcile_puts_right_is_traced(evening: Evening) -> None:
    await evening.line.a_caller_waits()
    await evening.line.is_rung("robin")
    await settled()
    await evening.starts_again()

    corrected = [{"correction": "call_adopted"}, {"correction": "ring_silenced"}]
    assert said(await evening.sent(), Step.CORRECTION) == corrected


async def test_a_database_that_fails_is_traced(evening: Evening) -> None:
    line = evening.line
    line.database.on_trouble = lambda: evening.spans.begin(Step.DATABASE_TROUBLE).end()
    with pytest.raises(Exception, match="no such table"):
        line.asked(select(column("id")).select_from(table("nowhere")))

    assert names(await evening.sent()) == [Step.DATABASE_TROUBLE]


# ---- the closed lists


def test_no_attribute_can_hold_a_word_of_somebodys() -> None:
    allowed = {bool, int, types.NoneType, *KINDS}

    assert {one for hint in get_type_hints(Facts).values() for one in get_args(hint)} <= allowed
    assert all(issubclass(kind, StrEnum) for kind in KINDS)


@pytest.mark.parametrize("smuggled", ["phone-caller", "A-1-001", ("listener-robin",), Phase.TALKING])
def test_what_is_no_such_kind_is_left_out_whatever_the_types_say(smuggled: object) -> None:
    assert Facts(ring=smuggled).attributes() == {}  # type: ignore[arg-type]  # the point of the test


def test_a_number_is_small_or_cut() -> None:
    facts = Facts(step=1, round=447_1001, calls=-3)

    assert facts.attributes() == {"step": 1, "round": 99, "calls": 0}
