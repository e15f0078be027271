"""A Listener's own line: who is let in, and what each key does."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from argon2 import PasswordHasher
from builders import NOON, SITE, a_shift_row
from sqlalchemy import delete, select, update

from ivr import own_menu
from ivr.own_line import BYE, OUTSIDE, speak_with
from ivr.own_store import Duty, Kept, kept_of
from ivr.ports import Ports
from ivr.prompts import languages
from listeners.movements import Movement, Source
from listeners.movements_ahead import movements_ahead, take_back
from listeners.movements_store import record
from listeners.pin import hashed, keep_pin
from listeners.welfare import NIGHT
from models import tables
from models.clock import now
from models.errors import BadSite
from models.words import Cover, ListenerId, MovementKind, PhoneId, Standing
from rota import swaps
from rota.own_shifts import OwnShift
from rota.rules import Limits
from rota.scheme import Scheme
from rota.slot import Pattern
from tests.fakes.line import FakeLine, FakeVoice, a_database
from wingline.site import read_site

pytestmark = pytest.mark.anyio
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
PIN = "2580"
LONDON = ZoneInfo("Europe/London")
ROBIN, WREN = ListenerId("listener-robin"), ListenerId("listener-wren")
SCHEME = Scheme(
    patterns=[Pattern(name="day", starts=time(8), ends=time(20)), Pattern(name="night", starts=time(20), ends=time(8))],
    limits=Limits(nights_in_a_row=9, weekly_minutes=9999, rest=timedelta()),
    new_for=timedelta(),
)
Lines = Callable[..., FakeLine]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[FakeLine]:
    """Robin and Wren are on shift for an hour yet; Robin has a PIN."""
    one = FakeLine(a_database(tmp_path), "robin", "wren")
    one.database.do(lambda session: keep_pin(session, ROBIN, hashed(PIN)))
    yield one
    await one.stop()


async def dials(line: FakeLine, *keys: str, name: str = "robin", ports: Ports | None = None) -> FakeVoice:
    """Every question takes the next key, and "" is silence; where the dialplan goes on is its last word."""
    voice = FakeVoice(*keys)
    phone = PhoneId(f"phone-{name}")
    voice.prompts.append(await speak_with(voice, ports or line.ports, phone))  # type: ignore[arg-type]  # a person
    return voice


async def with_pin(line: FakeLine, *keys: str, **scheme: Any) -> FakeVoice:
    return await dials(line, *PIN, "#", *keys, ports=replace(line.ports, **scheme))


def row_of(line: FakeLine, listener: ListenerId = ROBIN) -> tables.Listener:
    return line.database.do(lambda session: session.get_one(tables.Listener, listener))


def shifts_of(line: FakeLine, listener: ListenerId = ROBIN) -> list[tables.Shift]:
    return line.asked(select(tables.Shift).where(tables.Shift.listener_id == listener).order_by(tables.Shift.starts_at))


def a_shift_later(line: FakeLine, name: str = "robin", **changes: Any) -> str:
    row = a_shift_row(name, id=f"later-{name}", starts_at=now() + 20 * HOUR, ends_at=now() + 22 * HOUR, **changes)
    with line.database.transaction() as session:
        session.add(row)
    return str(row.id)


def a_swap(line: FakeLine, shift: str) -> str:
    return line.database.do(lambda session: swaps.ask(session, line.ports.site, shift, now=now()))


# ---- who is let in


async def test_who_gives_their_pin_hears_the_whole_menu(line: FakeLine) -> None:
    heard = await with_pin(line)

    assert heard.prompts[:4] == ["line/name", "own/pin", "own/key-sign-on", "own/menu"]


async def test_the_star_begins_the_pin_again(line: FakeLine) -> None:
    heard = await dials(line, "9", "9", "*", *PIN, "#")

    assert "own/menu" in heard.prompts


async def test_who_has_no_pin_chooses_one_twice_and_is_let_in(line: FakeLine) -> None:
    heard = await dials(line, *"1379#", *"1379#", name="wren")
    again = await dials(line, *"1379#", name="wren")

    assert heard.prompts[1:4] == ["own/pin-choose", "own/pin-again", "own/pin-kept"]
    assert "own/menu" in heard.prompts
    assert again.prompts[1] == "own/pin"
    assert "own/menu" in again.prompts


async def test_two_pins_that_differ_are_asked_again_and_neither_is_kept(line: FakeLine) -> None:
    heard = await dials(line, *"1379#", *"1378#", name="wren")

    assert heard.prompts[3:5] == ["own/pin-differs", "own/pin-choose"]
    assert row_of(line, WREN).pin is None


async def test_a_pin_that_anybody_would_guess_is_not_kept(line: FakeLine) -> None:
    heard = await dials(line, *"1234#", *"1234#", name="wren")

    assert "own/pin-too-easy" in heard.prompts
    assert row_of(line, WREN).pin is None


async def test_while_a_pin_is_checked_or_made_the_database_serves_others(
    line: FakeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[str] = []

    def asks_the_database(*_: object) -> bool:
        # SQLite has one thread here: in a transaction of it, this would wait for itself for ever.
        asked = line.database._threads.submit(line.database.do, lambda session: session.get_one(tables.Site, SITE).name)
        served.append(asked.result(timeout=5))
        return True

    monkeypatch.setattr(PasswordHasher, "verify", asks_the_database)
    monkeypatch.setattr(PasswordHasher, "hash", lambda *_: str(asks_the_database()))

    assert "own/menu" in (await dials(line, *PIN, "#")).prompts
    assert "own/menu" in (await dials(line, *"1379#", *"1379#", name="wren")).prompts
    assert len(served) == 2


async def test_after_three_wrong_pins_there_is_on_and_off_duty_and_nothing_else(line: FakeLine) -> None:
    heard = await dials(line, *"1111#", *"2222#", *"3333#", "2", "1")

    assert heard.prompts.count("own/pin-wrong") == 2
    assert "own/pin-no-more" in heard.prompts
    assert "own/menu" not in heard.prompts
    assert heard.prompts[heard.prompts.index("own/no-such-key") + 1] == "own/key-off-duty"
    assert row_of(line).off_duty_since is not None


async def test_the_right_pin_does_not_help_any_more_after_three_wrong_ones(line: FakeLine) -> None:
    await dials(line, *"1111#", *"2222#")
    await dials(line, *"3333#")
    heard = await dials(line, *PIN, "#")

    assert heard.prompts[1:3] == ["own/pin-no-more", "own/key-off-duty"]


async def test_the_right_pin_forgets_the_wrong_ones_before_it(line: FakeLine) -> None:
    await dials(line, *"1111#", *"2222#", *PIN, "#")
    heard = await dials(line, *"1111#", *"2222#", *PIN, "#")

    assert "own/menu" in heard.prompts


async def test_who_has_forgotten_their_pin_can_still_go_off_duty(line: FakeLine) -> None:
    heard = await dials(line, "#", "1")

    assert heard.prompts[2:4] == ["own/pin-missing", "own/key-off-duty"]
    assert row_of(line).off_duty_since is not None


async def test_a_phone_that_is_nobodys_is_told_so(line: FakeLine) -> None:
    heard = await dials(line, name="caller")

    assert heard.prompts == ["own/not-a-listener", BYE]


def goes(line: FakeLine, kind: MovementKind, since: datetime) -> None:
    movement = Movement(listener=ROBIN, kind=kind, since=since)
    line.database.do(lambda session: record(session, line.ports.site, movement, source=Source.CONSOLE, now=now()))


@pytest.mark.parametrize("kind", [MovementKind.RELEASE, MovementKind.TRANSFER])
async def test_whoever_has_the_phone_of_somebody_who_is_gone_is_told_that_it_is_nobodys(
    line: FakeLine, kind: MovementKind
) -> None:
    goes(line, kind, now() - MINUTE)

    assert (await with_pin(line, "8")).prompts == ["own/not-a-listener", BYE]


async def test_the_phone_of_who_has_left_the_scheme_is_nobodys(line: FakeLine) -> None:
    with line.database.transaction() as session:
        session.execute(update(tables.Listener).where(tables.Listener.id == ROBIN).values(standing=Standing.LEFT.value))

    assert (await with_pin(line, "8")).prompts == ["own/not-a-listener", BYE]


async def test_who_has_not_gone_yet_or_is_in_hospital_keeps_their_line(line: FakeLine) -> None:
    goes(line, MovementKind.RELEASE, now() + HOUR)
    goes(line, MovementKind.HOSPITAL, now() - HOUR)

    assert "own/menu" in (await with_pin(line)).prompts


async def test_a_release_that_is_taken_back_gives_the_line_back(line: FakeLine) -> None:
    goes(line, MovementKind.RELEASE, now() - MINUTE)
    with line.database.transaction() as session:
        (release,) = movements_ahead(session, line.ports.site, now())
        take_back(session, line.ports.site, release.id, now())

    assert "own/menu" in (await with_pin(line)).prompts


# ---- the menu


async def test_silence_says_the_menu_once_more_and_then_goodbye(line: FakeLine) -> None:
    heard = await with_pin(line)

    assert heard.prompts[2:] == ["own/key-sign-on", "own/menu"] * 2 + ["own/goodbye", BYE]


async def test_a_key_without_a_meaning_is_said_so_and_the_menu_comes_again(line: FakeLine) -> None:
    heard = await with_pin(line, "9")

    assert heard.prompts[4:7] == ["own/no-such-key", "own/key-sign-on", "own/menu"]


async def test_0_helps(line: FakeLine) -> None:
    assert "own/help" in (await with_pin(line, "0")).prompts


async def test_1_signs_on_for_a_shift_that_runs_and_then_goes_off_and_on_duty(line: FakeLine) -> None:
    heard = await with_pin(line, "1", "1", "1")

    said = [prompt for prompt in heard.prompts if prompt.startswith(("own/key", "own/signed", "key/"))]
    assert said == [
        *("own/key-sign-on", "own/signed-on", "own/key-off-duty", "key/done", "own/key-on-duty"),
        *("key/done", "own/key-off-duty", "own/key-off-duty"),
    ]
    (shift,) = shifts_of(line)
    assert shift.checked_in_at is not None
    assert row_of(line).off_duty_since is None


async def test_who_signs_on_is_not_off_duty_any_more(line: FakeLine) -> None:
    await dials(line, "#", "1")
    await with_pin(line, "1")

    assert row_of(line).off_duty_since is None


async def test_2_reads_the_next_shifts_with_their_cover(line: FakeLine) -> None:
    a_swap(line, a_shift_later(line, cover=Cover.BACKUP))

    heard = (await with_pin(line, "2")).prompts

    assert heard.count("time/from") == 2
    assert heard.index("own/first-cover") < heard.index("own/backup")
    assert heard[heard.index("own/backup") + 1] == "own/swap-is-asked"


# ---- swaps and cover


@pytest.mark.parametrize("key", ["3", "4"])
async def test_without_a_scheme_the_rota_is_the_coordinators(line: FakeLine, key: str) -> None:
    assert "own/rota-by-coordinator" in (await with_pin(line, key)).prompts


async def test_3_asks_for_a_swap_of_a_shift_to_come_and_takes_it_back(line: FakeLine) -> None:
    shift = a_shift_later(line)
    asked = await with_pin(line, "3", "1", scheme=SCHEME)
    open_swaps = line.database.do(lambda session: swaps.open_swaps(session, line.ports.site, now=now()))
    withdrawn = await with_pin(line, "3", "1", scheme=SCHEME)

    assert "own/swap-asked" in asked.prompts
    assert [(swap.shift, swap.asked_by) for swap in open_swaps] == [(shift, ROBIN)]
    assert "own/to-keep-it-press" in withdrawn.prompts
    assert "own/swap-withdrawn" in withdrawn.prompts
    assert line.database.do(lambda session: swaps.open_swaps(session, line.ports.site, now=now())) == ()


async def test_a_shift_that_runs_cannot_be_swapped(line: FakeLine) -> None:
    assert "own/no-shifts" in (await with_pin(line, "3", scheme=SCHEME)).prompts


async def test_the_star_goes_back_to_the_menu_and_nothing_is_asked(line: FakeLine) -> None:
    a_shift_later(line)

    heard = await with_pin(line, "3", "*", scheme=SCHEME)

    assert heard.prompts[-1] == BYE
    assert line.database.do(lambda session: swaps.open_swaps(session, line.ports.site, now=now())) == ()


@pytest.mark.parametrize(
    ("by_rule", "said", "whose"), [(True, "own/shift-is-yours", ROBIN), (False, "own/coordinator-decides", WREN)]
)
async def test_4_takes_somebodys_swap_at_once_or_leaves_it_to_the_coordinator(
    line: FakeLine, said: str, whose: ListenerId, *, by_rule: bool
) -> None:
    shift = a_shift_later(line, "wren")
    a_swap(line, shift)
    only_swaps = replace(SCHEME, patterns=[])

    heard = await with_pin(line, "4", "1", scheme=only_swaps, swaps_by_rule=by_rule)

    assert said in heard.prompts
    assert line.asked(select(tables.Shift.listener_id).where(tables.Shift.id == shift)) == [whose]


async def test_4_takes_an_empty_seat(line: FakeLine) -> None:
    heard = await with_pin(line, "4", "2", "1", scheme=SCHEME)

    assert "own/shift-is-yours" in heard.prompts
    taken = [shift for shift in shifts_of(line) if shift.slot]
    assert [shift.cover for shift in taken] == [Cover.FIRST]
    assert taken[0].starts_at > now()


class Slow(FakeVoice):
    """Something happens to the rota after this prompt and before the key."""

    def __init__(self, *keys: str, after: str, happens: Callable[[], object]) -> None:
        super().__init__(*keys)
        self._after, self._happens = after, happens

    async def ask(self, files: list[str], wait_seconds: float, **_: Any) -> str:
        key = await super().ask(files, wait_seconds)
        if self._after in [Path(file).name for file in files]:
            self._happens()
        return key


async def test_somebody_who_was_slower_is_told_that_it_is_not_possible_any_more(line: FakeLine) -> None:
    a_swap(line, a_shift_later(line, "wren"))
    ended = update(tables.Swap).values(ended_at=now(), end="done")
    voice = Slow(
        *(*PIN, "#", "4", "1"),
        after="to-take-it",
        happens=lambda: line.database.do(lambda session: session.execute(ended)),
    )
    ports = replace(line.ports, scheme=replace(SCHEME, patterns=[]))

    await speak_with(voice, ports, PhoneId("phone-robin"))  # type: ignore[arg-type]  # a person

    assert "own/not-any-more" in voice.prompts


async def test_nobody_asks_for_a_swap_of_a_shift_that_has_become_anothers(line: FakeLine) -> None:
    shift = a_shift_later(line)
    given = update(tables.Shift).where(tables.Shift.id == shift).values(listener_id=WREN)
    voice = Slow(
        *(*PIN, "#", "3", "1"),
        after="to-ask-for-a-swap-press",
        happens=lambda: line.database.do(lambda session: session.execute(given)),
    )

    await speak_with(voice, replace(line.ports, scheme=SCHEME), PhoneId("phone-robin"))  # type: ignore[arg-type]

    assert "own/not-any-more" in voice.prompts
    assert line.database.do(lambda session: swaps.open_swaps(session, line.ports.site, now=now())) == ()


async def test_who_takes_a_shift_that_runs_is_signed_on_for_it(line: FakeLine) -> None:
    line.database.do(lambda session: session.execute(delete(tables.Shift).where(tables.Shift.listener_id == ROBIN)))
    began, ends = ((now() + hours * HOUR).astimezone(LONDON).time() for hours in (-1, 1))
    runs = replace(SCHEME, patterns=[Pattern(name="runs", starts=began, ends=ends)])

    heard = await with_pin(line, "4", "1", scheme=runs)

    assert "own/shift-is-yours" in heard.prompts
    assert [shift.checked_in_at is not None for shift in shifts_of(line)] == [True]


async def test_when_there_is_nothing_to_take_it_says_so(line: FakeLine) -> None:
    heard = await with_pin(line, "4", scheme=replace(SCHEME, patterns=[]))

    assert "own/none-to-take" in heard.prompts


async def test_after_the_last_one_it_says_that_this_was_all(line: FakeLine) -> None:
    a_swap(line, a_shift_later(line, "wren"))

    heard = await with_pin(line, "4", "2", scheme=replace(SCHEME, patterns=[]))

    assert "own/that-was-all" in heard.prompts


# ---- rest, debrief, support, what is kept


async def test_5_rests_a_quarter_of_an_hour_longer_each_time(line: FakeLine) -> None:
    before = now()

    heard = await with_pin(line, "5", "5")

    assert heard.prompts.count("own/rest-until") == 2
    assert before + 30 * MINUTE <= (row_of(line).resting_until or before) <= now() + 30 * MINUTE


async def test_6_asks_to_talk_and_says_that_it_is_done(line: FakeLine) -> None:
    asked = await with_pin(line, "6", "2")
    wanted = row_of(line).wants_debrief
    done = await with_pin(line, "6", "1")

    assert "after/will-be-called" in asked.prompts
    assert wanted
    assert "after/all-right" in done.prompts
    assert not row_of(line).wants_debrief


async def test_7_goes_on_to_the_outside_line(line: FakeLine) -> None:
    heard = await with_pin(line, "7")

    assert heard.prompts[-2:] == ["own/support", OUTSIDE]


async def test_8_says_what_is_kept_and_ends_with_what_is_not(line: FakeLine) -> None:
    heard = (await with_pin(line, "8")).prompts
    said = heard[heard.index("own/kept") :]

    assert said[:3] == ["own/kept", "own/standing-certified", "own/certificate-until"]
    assert said[said.index("own/debrief-not-wanted") :][:3] == [
        *("own/debrief-not-wanted", "own/not-kept-apart", "kept/listener"),
    ]


def test_a_rule_that_keeps_two_apart_is_kept_about_both(tmp_path: Path) -> None:
    database = a_database(tmp_path)
    line = FakeLine(database, "robin", "wren", "teal")
    rule = tables.KeepApart(
        id="rule", listener_id=ROBIN, other_listener_id=WREN, cell_id=None, restriction="WING", other="a-hash"
    )
    with database.transaction() as session:
        session.add(rule)
    names = ("robin", "wren", "teal")

    with line.database.transaction() as session:
        apart = [kept_of(session, ListenerId(f"listener-{name}"), night=NIGHT, now=now()).kept_apart for name in names]
    database.close()

    assert apart == [True, True, False]


def test_what_was_talked_and_the_nights_are_those_of_four_weeks(tmp_path: Path) -> None:
    database = a_database(tmp_path)
    FakeLine(database, "robin")
    call = {"id": "call-1", "site_id": "site-demo", "stage": "ended", "language": "en", "began_at": NOON}
    nights = [datetime(2026, 3, day, 22, tzinfo=UTC) for day in (1, 2)] + [datetime(2026, 2, 1, 22, tzinfo=UTC)]
    talks = [NOON - timedelta(days=1), NOON - timedelta(days=29)]
    with database.transaction() as session:
        session.add(tables.Call(**call))
        session.flush()
        session.add_all(a_shift_row(starts_at=at, ends_at=at + 4 * HOUR) for at in nights)
        session.add_all(
            tables.Talk(
                id=f"talk-{n}",
                call_id="call-1",
                listener_id=ROBIN,
                seat="first",
                began_at=at,
                ended_at=at + 95 * MINUTE,
            )
            for n, at in enumerate(talks)
        )
        session.flush()

        kept = kept_of(session, ROBIN, night=NIGHT, now=NOON)
    database.close()

    assert (kept.listened, kept.nights) == (95 * MINUTE, 2)


def test_no_two_codes_of_a_site_are_the_same(tmp_path: Path) -> None:
    text = Path("docs/site-example.toml").read_text(encoding="utf-8")
    (tmp_path / "site.toml").write_text(text.replace('own_code = "200"', 'own_code = "201"'), encoding="utf-8")
    example = read_site(Path("docs/site-example.toml")).site

    assert (example.own_code, example.wait_code) == ("200", "201")
    with pytest.raises(BadSite, match="staff_code must differ"):
        read_site(tmp_path / "site.toml")


# ---- what is said for which facts

KNOWN = languages()[0].prompts


def known_of(**changes: Any) -> Kept:
    chosen: dict[str, Any] = {
        "standing": Standing.CERTIFIED,
        "certified_from": NOON,
        "certified_until": datetime(2027, 1, 1, tzinfo=UTC),
        "listened": timedelta(),
        "nights": 0,
        "wants_debrief": False,
        "kept_apart": False,
    }
    return Kept(**chosen | changes)


def words(prompts: tuple[str, ...]) -> str:
    return " ".join(KNOWN[prompt].strip(".,") for prompt in prompts)  # type: ignore[index]  # names of prompts


def test_a_certificate_that_ends_at_midnight_has_its_last_day_before() -> None:
    said = words(own_menu.kept(known_of(), zone=LONDON))

    assert "The last day of your certificate is Thirty One December Two Zero Two Six In" in said


def test_hours_and_minutes_are_said_as_many_as_they_are() -> None:
    said = words(own_menu.kept(known_of(listened=61 * MINUTE, nights=12, kept_apart=True), zone=LONDON))

    assert "you listened for One hour One minute Nights" in said
    assert "weeks: Twelve No debrief is open" in said
    assert "There is a rule that keeps you and somebody else apart" in said


@pytest.mark.parametrize("standing", list(Standing))
def test_every_standing_has_words(standing: Standing) -> None:
    assert words(own_menu.kept(known_of(standing=standing, certified_from=None), zone=LONDON))


@pytest.mark.parametrize(
    ("duty", "whole", "said"),
    [
        (Duty(off=False, to_sign_on=True), True, ("own/key-sign-on", "own/menu")),
        (Duty(off=False, to_sign_on=True), False, ("own/key-off-duty",)),
        (Duty(off=True, to_sign_on=False), True, ("own/key-on-duty", "own/menu")),
    ],
)
def test_key_1_is_what_is_most_wanted_of_it_now(duty: Duty, said: tuple[str, ...], *, whole: bool) -> None:
    assert own_menu.menu(duty, whole=whole) == said


def test_shifts_to_swap_have_their_keys_in_order() -> None:
    shifts = [
        OwnShift(
            id=str(hours),
            cover=Cover.FIRST,
            starts_at=NOON + hours * HOUR,
            ends_at=NOON + (hours + 1) * HOUR,
            checked_in=False,
            swap="swap" if hours == 2 else None,
        )
        for hours in (1, 2)
    ]

    said = own_menu.to_swap(shifts, now=NOON, zone=LONDON)

    keys = [(said[place - 1], one) for place, one in enumerate(said) if one.startswith("digits/")]
    assert keys == [("own/to-ask-for-a-swap-press", "digits/1"), ("own/to-keep-it-press", "digits/2")]


def test_everything_that_is_said_by_name_has_a_text() -> None:
    sources = [*Path("ivr").glob("own_*.py"), *Path("ivr").glob("cover_*.py")]
    named = {word for path in sources for word in path.read_text().split('"') if word.startswith(("own/", "cover/"))}

    assert {name for name in named if "{" not in name and name not in KNOWN} == set()
    assert len(named) > 30
