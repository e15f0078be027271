"""Where a caller is can be asked in one place: by the call graph of every module, and by trying.

From a phone to a cell there is one way, the column ``cell_id``. Whoever names it is listed here with the reason, and so
is whoever can reach those who ask it of a caller's phone. tests/database/test_sealed_rows.py reads rows and acts.
"""

import ast
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from console.board import LineNow, board_for
from console.ports import HearingNow
from console.store import facts_of, site_of
from escalation.store import Deed
from ivr import happenings as h
from ivr.desk import Desk
from ivr.live_call import LiveCall
from ivr.staff_acts import StaffActs
from ivr.staff_line import speak_with
from models import tables
from models.clock import now
from models.words import AccountRole, ListenerId, Post, TellingEnd
from tests.fakes.line import CALLERS_PHONE, FakeLine, FakeVoice, a_database, eventually, settled
from tests.fakes.staff import SilentPhones, a_phone_at_each_post, an_engine, phone_of

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PACKAGES = ("console", "corpus", "escalation", "ivr", "listeners", "models", "rota", "speech", "wingline")

# Every function that names ``cell_id``, and why it may.
NAMES_CELLS = {
    "console.listeners.person_store._lives_in": "where a Listener lives, on their own page; of no caller",
    "console.listeners.preview._everybody": "where Listeners live, beside the movements of a file",
    "escalation.opening.cell_of": "from a caller's phone to the cell: the seal",
    "escalation.opening.open_location": "breaks it: writes the cell into the escalation that tells it, with an act",
    "escalation.store._disclosure": "reads it from an escalation in which it has been opened",
    "escalation.store.open_of_call": "whether it has been opened, for whoever takes the call over; gives no cell back",
    "escalation.store.lock_open_of_cell": "compares with escalations in which it has been opened",
    "ivr.store.wings_near": "the router: whose wing is near; gives wings back, and no cell",
    "listeners.apart_store._place_of": "the router: who must not be rung for this caller",
    "listeners.apart_store._listeners_places": "the router: where Listeners live",
    "listeners.apart_store._rules": "cells in the rules by which Listeners are kept apart",
    "listeners.apart_store.import_rules": "the same, as the prison gave them",
    "listeners.homes.cells_with_a_phone": "which cells have one; of no caller",
    "listeners.homes.homes_of": "where Listeners live",
    "listeners.homes.move": "a Listener gets the phone of another cell",
    "listeners.movements_ahead._Told.movement": "where a Listener moves",
    "listeners.movements_ahead._told": "where a Listener moves",
    "listeners.movements_store._movements": "where a Listener moves",
    "listeners.movements_store._write": "where a Listener moves",
    "wingline.bench.cluster.whole.accounts_of": "makes a prison that is not there",
    "wingline.bench.ground._accounts": "makes a prison that is not there",
    "wingline.chaos.rows._escalations": "whether two escalations are behind one door, in a prison that is not there",
    "wingline.console_bench.year_of_people._kept_apart": "makes a prison that is not there",
    "wingline.console_bench.year_of_people._movements": "makes a prison that is not there",
    "wingline.console_bench.year_of_staff._escalation": "makes a prison that is not there",
    "wingline.demo.world.World.cell_phone": "the demonstration plugs in a phone by its cell",
    "wingline.exchange._phones": "which phones have to encrypt, by the cells that the site file names",
    "wingline.phone_book.phones_of": "whoever plugs phones in asks at a terminal which is whose",
    "wingline.protocol.simulation._prison": "makes a prison that is not there",
    "wingline.site_rows._apply_listeners": "the site file: Listeners' phones",
    "wingline.site_rows._apply_listeners_phones": "the site file: Listeners' phones",
    "wingline.site_rows._apply_phone": "the site file: a phone for each cell",
}
# Who may refer to those that take a caller's phone; their callers are named until nobody is left who knows a caller.
MAY_REACH = {
    "escalation.opening.cell_of": {"escalation.opening.open_location", "escalation.raising._same_door"},
    "escalation.raising._same_door": {"escalation.raising.raise_or_join", "escalation.raising.tell_or_join"},
    "escalation.opening.open_location": {
        "escalation.raising._open_when_told",
        "escalation.raising.tell_or_join",
        "escalation.engine.Engine._open_late",
    },
    "escalation.raising._open_when_told": {"escalation.raising.raise_or_join"},
    "escalation.raising.raise_or_join": {"escalation.engine.Engine.raise_escalation"},
    # The turn obeys OpenLocation, which escalation/protocol.py orders when it is decided that staff are told.
    "escalation.engine.Engine._open_sealed": {"escalation.engine.Engine._turn"},
    "escalation.raising.tell_or_join": {"escalation.engine.Engine._open_sealed"},
    # That was decided by another process, which did not know where the caller is.
    "escalation.engine.Engine._open_late": {"escalation.engine.Engine._decided_without_us"},
    # Its phone is the one in a Listener's row.
    "console.listeners.person_store._lives_in": {"console.listeners.person_store.person"},
    # Both end in the router's order of Listeners; neither gives a cell back.
    "ivr.store.wings_near": {"ivr.ringing.Ringing._order"},
    "listeners.apart_store._place_of": {"listeners.apart_store.kept_apart_from"},
    "listeners.apart_store.kept_apart_from": {"ivr.ringing.Ringing._order"},
}
# Who reads which phone a live channel is of. The phone of a caller goes no further than these.
READS_THE_CHANNEL = {
    "ivr.asterisk_legs.AsteriskLegs._waiting": "a Listener's phone that waits on the line",
    "ivr.being_told.BeingTold.over_at": "of staff who hear what happened; of no caller",
    "ivr.desk.Desk._caller": "who had whom a moment ago, under a keyed mark (ivr/lately.py)",
    "ivr.desk.Desk._remember": "the same",
    "ivr.desk.Desk._listener_of": "a Listener's own phone",
    "ivr.desk.Desk._new_call": "whether it is the line's call to itself",
    "ivr.desk.Desk._telling": "whether a phone of staff is one of the line's own",
    "ivr.gone_phones.GonePhones._judge": "asks a phone in a conversation whether it is still there; told to nobody",
    "ivr.live_call.LiveCall._escalate": "goes along sealed, to the engine",
    "ivr.owed.Owed._write": "for staff who are told it, until the database has it; not while somebody decides",
    "ivr.own_line.answer": "a Listener's own phone",
    "ivr.reconcile._adopt": "goes along sealed, to the engine, from a call that another process had",
    "ivr.ringing.Ringing._order": "the router: wings, and who is left out",
    "ivr.recorder.Recorder.answer": "whether it is staff's; on any other nobody records a prompt",
    "ivr.staff_dialog.StaffDialog._heard": "of staff who hear what happened; of no caller",
    "ivr.staff_line.answer": "a phone of staff",
}


@dataclass(frozen=True, slots=True)
class Function:
    module: str
    name: str
    node: ast.AST

    @property
    def path(self) -> str:
        return f"{self.module}.{self.name}" if self.name else self.module


@cache
def modules() -> Mapping[str, ast.Module]:
    """Every module but the steps of the database's own history."""
    files = (file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py")))
    return {
        ".".join(file.relative_to(ROOT).with_suffix("").parts): ast.parse(file.read_text("utf-8"))
        for file in files
        if "migrations" not in file.parts
    }


@cache
def functions() -> tuple[Function, ...]:
    """With what stands outside of any, under the module's or the class's own name."""
    return tuple(found for module, tree in modules().items() for found in _functions(module, "", tree))


def _functions(module: str, name: str, node: ast.AST) -> Iterator[Function]:
    for child in ast.iter_child_nodes(node):
        of_child = (
            f"{name}.{child.name}".lstrip(".")
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            else name
        )
        if isinstance(child, ast.ClassDef):
            yield from _functions(module, of_child, child)
        else:
            yield Function(module, of_child, child)


@cache
def mentions() -> Mapping[str, tuple[tuple[Function, ast.AST], ...]]:
    """Every name, attribute, keyword, import and string of the program: where it stands, by what it says."""
    found: defaultdict[str, list[tuple[Function, ast.AST]]] = defaultdict(list)
    for function in functions():
        for node in ast.walk(function.node):
            match node:
                case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)) | ast.alias(name=name):
                    found[name].append((function, node))
                case ast.Constant(value=str(name)):
                    found[name].append((function, node))
    return {name: tuple(all_of_it) for name, all_of_it in found.items()}


def refers_to(module: str, node: ast.AST, target: str) -> bool:
    """By any name that an import gives it; an attribute of what no import explains may be anybody's, and counts."""
    home, _, _ = target.rpartition(".")
    match node:
        case ast.Name(id=name):
            return _meanings(module).get(name) in {target, None}
        case ast.Attribute(value=ast.Name(id=owner)):
            return _meanings(module).get(owner) in {None, home, home.rpartition(".")[0]}
        case ast.Attribute():
            return True
        case _:
            return False


@cache
def _meanings(module: str) -> Mapping[str, str]:
    meanings = {}
    for node in ast.walk(modules()[module]):
        if isinstance(node, ast.ImportFrom):
            meanings |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            meanings[node.name] = f"{module}.{node.name}"
    return meanings


# ---- the call graph


def test_whoever_names_a_cell_is_listed_with_the_reason() -> None:
    """As an attribute, as a keyword, or as a string that could be asked for by name; but for the tables themselves."""
    naming = {one.path for one, _ in mentions()["cell_id"] if not one.module.startswith("models.tables")}

    assert naming == set(NAMES_CELLS)


@pytest.mark.parametrize("target", MAY_REACH)
def test_from_a_callers_phone_to_a_cell_there_is_no_other_way(target: str) -> None:
    mentioned = mentions()[target.rpartition(".")[2]]

    assert {one.path for one, node in mentioned if refers_to(one.module, node, target)} == MAY_REACH[target]


@pytest.mark.parametrize("target", MAY_REACH)
def test_nobody_gives_it_another_name(target: str) -> None:
    mentioned = mentions()[target.rpartition(".")[2]]

    assert [one.path for one, node in mentioned if isinstance(node, ast.alias) and node.asname] == []


def test_whoever_reads_the_phone_of_a_live_channel_is_listed_with_the_reason() -> None:
    reading = {
        one.path
        for one, node in mentions()["phone"]
        if one.module.startswith("ivr.") and isinstance(node, ast.Attribute)
    }

    assert reading == set(READS_THE_CHANNEL)


def test_no_module_asks_the_database_in_words_of_its_own() -> None:
    """A statement written as text would escape all of the above."""
    strings = (name.lower() for name, all_of_it in mentions().items() if isinstance(all_of_it[0][1], ast.Constant))

    assert [
        said for said in strings if "select" in said and "from" in said and ("cell" in said or "phones" in said)
    ] == []


def test_the_graph_finds_a_way_that_is_not_allowed() -> None:
    """Or none of the above could fail."""
    target = "escalation.opening.cell_of"
    spies = {
        "escalation.store": "opening.cell_of(session, phone)",
        "console.board": "somebody.cell_of(session, phone)",
        "escalation.raising": "cell_of(session, phone)",
    }
    innocent = {"wingline.demo.world": "cell_of(listener)"}

    for module, said in (*spies.items(), *innocent.items()):
        call = ast.parse(said, mode="eval").body
        assert isinstance(call, ast.Call)
        assert refers_to(module, call.func, target) == (module in spies), said


# ---- by trying


CELL = ("A-1-001", "cell-A1", CALLERS_PHONE)
ROBIN = ListenerId("listener-robin")
OF_THE_PRISON = {"cells", "phones"}
pytest_asyncio = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Tried:
    """A caller in a conversation, with a real engine behind, and everything that anybody can ask."""

    line: FakeLine
    live: LiveCall
    phones: SilentPhones

    def presses(self, keys: str) -> None:
        for key in keys:
            self.live.happen(h.ListenerPressed(ROBIN, key))

    async def everything(self) -> dict[str, str]:
        database, site = self.line.database, self.line.ports.site
        facts = database.do(lambda session: facts_of(session, site, now()))
        named = database.do(lambda session: site_of(session, site))
        assert named
        boards = {
            role: board_for(role, facts, LineNow(asterisk_up=True, hearing=HearingNow(listening=True)), now())
            for role in AccountRole
        }
        return {
            **{f"the board of {role}": str(board) for role, board in boards.items()},
            "the staff's line": " ".join([*await self._staff_line(), str(facts.escalations)]),
            "the rows": "\n".join(self._rows()),
            "the call": repr(self.live.call),
        }

    async def _staff_line(self) -> list[str]:
        heard = []
        for post in Post:
            voice = FakeVoice("", "")
            await speak_with(voice, self.line.ports, StaffActs(self.line.ports, lambda _: None), phone_of(post))  # type: ignore[arg-type]  # a person
            heard += [prompt for prompt in voice.prompts if prompt.startswith(("letters/", "digits/", "staff/cell"))]
        return heard

    def _rows(self) -> Iterator[str]:
        with self.line.database.engine.connect() as connection:
            for table in tables.Base.metadata.sorted_tables:
                if table.name not in OF_THE_PRISON:
                    yield from (str(tuple(row)) for row in connection.execute(select(table)))


@pytest.fixture
async def tried(tmp_path: Path) -> AsyncIterator[Tried]:
    line = FakeLine(a_database(tmp_path), "robin")
    line.database.do(a_phone_at_each_post)
    phones = SilentPhones()
    line.telephony.is_told_to_nobody()
    line.ports = replace(line.ports, engine=an_engine(line.database, phones))
    line.desk = Desk(line.ports)
    live, _ = await line.a_caller_waits()
    await line.takes("robin")
    await settled()
    yield Tried(line, live, phones)
    await line.stop()


def found_in(everything: Mapping[str, str]) -> dict[str, str]:
    return {who: what for who, said in everything.items() for what in CELL if what in said}


@pytest_asyncio
async def test_of_a_call_without_an_escalation_nobody_learns_where_it_is(tried: Tried) -> None:
    with capture_logs() as logs:
        tried.presses("*39*2")
        await settled()
        asked = await tried.everything()
        tried.live.happen(h.CallerHungUp())
        await settled()
        asked |= {f"{who}, afterwards": said for who, said in (await tried.everything()).items()}

    assert found_in({**asked, "the logs": str(logs)}) == {}


@pytest_asyncio
async def test_while_somebody_decides_nobody_learns_it_and_then_staff_do(tried: Tried) -> None:
    with capture_logs() as logs:
        tried.presses("*34")
        assert await eventually(lambda: tried.phones.ringing)
        asked = await tried.everything()
        decided = tried.phones.telling_at(Post.SCHEME_LEADER)
        await tried.line.ports.engine.telling_ended(decided, TellingEnd.ACKNOWLEDGED, now())
        afterwards = await tried.everything()

    assert found_in(asked) == {}
    assert found_in({"the logs": str(logs)}) == {}
    assert "the rows" in found_in(afterwards)
    acts = tried.line.asked(select(tables.Act.what))
    assert acts.count(Deed.LOCATION_OPENED) == 1
