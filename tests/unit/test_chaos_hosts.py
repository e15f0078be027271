"""What a lost host, cable or proxy of a cluster excuses, and what it does not; and how a run is held across hosts."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from models.words import TellingEnd
from wingline.chaos import logs
from wingline.chaos.bounds import Bounds
from wingline.chaos.history import CallerStory, Dialled, EndedBy, Escalation, Fault, History, PhoneCall, Rows, Telling
from wingline.chaos.invariants import everything_broken
from wingline.chaos.kinds import BETWEEN_HOSTS, ON_ONE_MACHINE, FaultKind
from wingline.chaos.plan import BadPlan, CallPlan, plan
from wingline.chaos.prison import Prison, person_of
from wingline.chaos.wire import Wire
from wingline.demo.world import free_ports
from wingline.watchdog import Proof

BOUNDS = Bounds(human=90, rung_anew=15, silence=8, nobody_told=18, written=10, rang=6)
PLAN = CallPlan(number=1, lane=0, begins=1, stays=40, presses=(), through=5)
CALL = PhoneCall("caller-0", 2, 50, EndedBy.SELF)
STORY = CallerStory(PLAN, "A-1-008", (Dialled(1.8, 2, 2),), (CALL,))
GOOD = History(60, callers=(STORY,))
RAISED = Escalation("esc-1", "call-1", "asked", "A-1-008", 10, 59)
TOLD = Telling("esc-1", "healthcare", 10, 20, TellingEnd.NO_ANSWER)


def broken_in(history: History) -> set[str]:
    return {one.invariant for one in everything_broken(history, BOUNDS)}


def beside(history: History, kind: FaultKind) -> History:
    return replace(history, faults=(Fault(kind, 9, 31),))


SILENT = replace(GOOD, callers=(replace(STORY, calls=(replace(CALL, silent=((10.0, 30.0),)),)),))
UNANSWERED = replace(GOOD, callers=(replace(STORY, dialled=(Dialled(12, 18, None), *STORY.dialled)),))
UNTOLD = replace(GOOD, rows=Rows(escalations=(RAISED,), tellings=(replace(TOLD, began=32, ended=59),)))


@pytest.mark.parametrize(
    ("history", "invariant", "excused_by"),
    [
        (SILENT, "is_never_silent", {FaultKind.NODE_CUT_OFF}),
        (
            UNANSWERED,
            "is_answered",
            {FaultKind.NODE_CUT_OFF, FaultKind.PROXY_CUT_OFF, FaultKind.PROXY_KILLED, FaultKind.PROXY_STOPPED},
        ),
        (
            UNTOLD,
            "somebody_is_told",
            BETWEEN_HOSTS - {FaultKind.SPEECH_CUT_OFF, FaultKind.SOUND_PROXY_KILLED, FaultKind.SOUND_PROXY_STOPPED},
        ),
    ],
)
def test_a_loss_between_hosts_excuses_what_it_takes_and_nothing_else(
    history: History, invariant: str, excused_by: set[FaultKind]
) -> None:
    assert invariant in broken_in(history)
    assert {kind for kind in BETWEEN_HOSTS if invariant not in broken_in(beside(history, kind))} == excused_by


def test_a_caller_who_never_gets_through_is_seen_though_each_try_was_short() -> None:
    tries = tuple(Dialled(at, at + 0.5, None) for at in range(12, 30, 2))
    never = replace(GOOD, callers=(STORY, replace(STORY, dialled=tries, calls=())))

    assert broken_in(never) == {"calls_again"}
    assert "calls_again" not in broken_in(beside(never, FaultKind.PROXY_STOPPED))


def told(*tellings: Telling) -> History:
    return replace(GOOD, rows=Rows(escalations=(RAISED,), tellings=tellings))


def test_a_phone_that_two_nodes_ring_at_once_for_one_escalation_is_seen() -> None:
    after, meanwhile = replace(TOLD, began=20, ended=58), replace(TOLD, began=15, ended=58)

    assert "is_rung_once" not in broken_in(told(TOLD, after, replace(meanwhile, post="control_room")))
    assert "is_rung_once" not in broken_in(told(TOLD, replace(meanwhile, escalation="esc-2")))
    assert "is_rung_once" in broken_in(told(TOLD, meanwhile))
    assert "is_rung_once" in broken_in(told(replace(TOLD, ended=None), after))
    assert "is_rung_once" not in broken_in(beside(told(TOLD, meanwhile), FaultKind.CLOCK_JUMPED))


def test_no_fault_of_hosts_is_planned_or_asked_for_on_one_machine() -> None:
    assert not {fault.kind for fault in plan(1, 60).faults} & BETWEEN_HOSTS
    assert set(ON_ONE_MACHINE) | BETWEEN_HOSTS == set(FaultKind)
    with pytest.raises(BadPlan, match="node_cut_off"):
        plan(1, 4).with_instead({"node_cut_off"})


def test_the_logs_of_all_lines_are_read(tmp_path: Path) -> None:
    for node, at in (("node-a", "10:00:01"), ("node-b", "10:00:02")):
        said = f"timestamp='2026-12-01T{at}Z' level='info' event='call.adopted' call='call-{node}'\n"
        (tmp_path / f"{node}-line.log").write_text(said)

    assert logs.corrected(tmp_path) == {"call.adopted": 2}
    assert len(logs.told(tmp_path, datetime.timestamp)) == 2


def test_a_seat_names_who_sits_there() -> None:
    assert [person_of(seat) for seat in ("Kestrel", "outside@node-b")] == ["Kestrel", "outside"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def a_prison(*proofs: Proof) -> Prison:
    nothing: Any = None
    return Prison([], [], proofs, nothing, nothing, Path(), Path(), Path(), [], {})


@pytest.mark.anyio
async def test_each_part_has_to_answer_after_a_fault_though_not_all_of_them_at_once() -> None:
    one, other, never = iter([True]), iter([False, True]), itertools.repeat(False)

    async def says(answers: Iterator[bool]) -> bool:
        return next(answers)

    assert await a_prison(partial(says, one), partial(says, other)).until_well(0.0)
    assert not await a_prison(partial(says, never)).until_well(0.0, within=0.1)


class Place:
    """Counts who went there, and whether anybody still is."""

    def __init__(self) -> None:
        self.visits, self.inside = 0, False

    @contextmanager
    def __call__(self) -> Iterator[None]:
        self.visits, self.inside = self.visits + 1, True
        yield
        self.inside = False


@pytest.mark.anyio
async def test_both_ends_of_a_wire_are_made_where_they_belong_and_nobody_waits_there() -> None:
    near, far, there = Place(), Place(), []
    port, to = free_ports(2)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there.append(near.inside or far.inside)
        writer.write(await reader.read(10))
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", to), Wire(port, to, near=near, far=far) as wire:
        for _ in range(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"well?")
            assert await reader.read(10) == b"well?"
            writer.close()
        assert (near.visits, far.visits, there) == (1, 2, [False, False])
        assert time.monotonic() >= wire.answered_at > 0
