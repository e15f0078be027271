"""The call until a Listener is there, and when none comes: what the caller hears and what is ordered."""

import pytest

from ivr import happenings as h
from ivr import orders as o
from ivr.call import Phase
from ivr.prompts.checks import LIMITS
from models.words import CallStage, Cause, Hearing, Language, Seat
from tests.fakes.line import a_profile
from tests.fakes.told import (
    EVERY_PHASE,
    NOBODY_CAME,
    QUIET,
    ROBIN,
    ROBIN_JOINS,
    Told,
    nobody_at_all,
    nobody_outside,
    talking,
    waiting,
)

# The first half of the adult profile's notice: when staff are told.
TOLD = "notice/told-life"


def test_the_ways_to_every_phase_lead_there() -> None:
    assert {phase: way().call.phase for phase, way in EVERY_PHASE.items()} == {phase: phase for phase in EVERY_PHASE}


# ---- the opening: language and notice


def test_with_one_language_the_notice_is_the_first_thing_said() -> None:
    told = Told().after(h.CallerDialled())

    assert told.caller_hears == [TOLD, "notice/ask"]
    assert told.of(o.NoteStage) == [o.NoteStage(CallStage.NOTICE)]


def test_two_languages_are_offered_each_in_itself() -> None:
    told = Told("en", "cy").after(h.CallerDialled())

    assert told.lines == [
        ("en", "line/name"),
        ("en", "language/own-name"),
        ("en", "line/press-1"),
        ("cy", "language/own-name"),
        ("cy", "line/press-2"),
    ]


@pytest.mark.parametrize(("key", "language", "notice"), [("1", "en", "notice/ask"), ("2", "cy", "notice/off")])
def test_a_language_key_works_from_the_first_syllable(key: str, language: str, notice: str) -> None:
    told = Told("en", "cy").after(h.CallerDialled()).pressing(key)

    assert told.lines == [(language, TOLD), (language, notice)]


def test_four_languages_are_offered_two_at_a_time() -> None:
    told = Told("en", "cy", "pl", "ro").after(h.CallerDialled(), QUIET)

    assert [line for line in told.lines if line[1] == "language/own-name"] == [
        ("pl", "language/own-name"),
        ("ro", "language/own-name"),
    ]
    assert told.pressing("2").lines == [("ro", TOLD), ("ro", "notice/off")]


def test_of_three_languages_the_last_is_offered_alone_and_2_is_no_language_there() -> None:
    told = Told("en", "cy", "pl").after(h.CallerDialled(), QUIET)

    assert [language for language, _ in told.lines] == ["pl", "pl"]
    assert told.pressing("2").lines == [("en", TOLD), ("en", "notice/ask")]


@pytest.mark.parametrize("languages", [("en",), ("en", "cy"), ("en", "cy", "pl", "ro")])
def test_silence_through_everything_rings_a_listener_in_the_sites_language_and_does_not_listen(
    languages: tuple[str, ...],
) -> None:
    told = Told(*languages).after(h.CallerDialled())
    while told.call.phase is not Phase.WAITING:
        told.after(QUIET)

    assert told.of(o.RingListeners) == [o.RingListeners(Seat.FIRST, Language("en"))]
    assert "caller/listening-off" in told.caller_hears
    assert not told.after(ROBIN_JOINS).of(o.StartHearing)


def test_a_listener_is_rung_in_the_language_that_was_chosen() -> None:
    told = Told("en", "cy").after(h.CallerDialled()).pressing("2").after(QUIET)

    assert [ring.language for ring in told.of(o.RingListeners)] == ["cy"]


def test_listeners_are_rung_before_the_caller_is_told_so() -> None:
    orders = waiting().orders

    assert [type(order) for order in orders] == [o.NoteStage, o.RingListeners, o.Say]


@pytest.mark.parametrize("phase", [Phase.LANGUAGE, Phase.NOTICE])
def test_a_question_that_star_interrupted_is_asked_again(phase: Phase) -> None:
    """Star says nothing about it: neither a language nor a yes was meant."""
    asked = EVERY_PHASE[phase]()
    question = asked.caller_hears
    told = asked.pressing("*").after(QUIET)

    assert told.call.phase is phase
    assert told.caller_hears == question


def test_a_caller_whom_we_lost_before_the_first_listener_does_not_hear_that_a_listener_has_gone() -> None:
    told = Told().after(h.CallerDialled(), h.CallerCameBack())

    assert "talk/listener-gone" not in told.caller_hears


# ---- consent


@pytest.mark.parametrize(
    ("hearing", "key", "listens"),
    [
        (Hearing.OFF, None, False),
        (Hearing.OFF, "1", False),
        (Hearing.ASK, None, False),
        (Hearing.ASK, "1", True),
        (Hearing.ASK, "2", False),
        (Hearing.ASK, "7", False),
        (Hearing.OPT_OUT, None, True),
        (Hearing.OPT_OUT, "1", True),
        (Hearing.OPT_OUT, "2", False),
    ],
)
def test_the_machine_listens_only_after_a_yes_or_where_a_yes_may_be_presumed(
    hearing: Hearing, key: str | None, *, listens: bool
) -> None:
    told = Told(hearing=hearing).after(h.CallerDialled(), h.CallerPressed(key) if key else QUIET)

    assert told.call.listening is listens
    assert bool(told.after(ROBIN_JOINS).of(o.StartHearing)) is listens


@pytest.mark.parametrize(
    ("hearing", "notice"), [(Hearing.OFF, "off"), (Hearing.ASK, "ask"), (Hearing.OPT_OUT, "opt-out")]
)
def test_each_mode_has_its_own_notice(hearing: Hearing, notice: str) -> None:
    assert Told(hearing=hearing).after(h.CallerDialled()).caller_hears == [TOLD, f"notice/{notice}"]


def test_where_the_machine_never_listens_nothing_is_said_about_a_choice() -> None:
    assert Told(hearing=Hearing.OFF).after(h.CallerDialled(), QUIET).caller_hears == ["wait/ringing"]


@pytest.mark.parametrize("hearing", Hearing)
def test_no_machine_listens_in_a_language_that_it_does_not_understand(hearing: Hearing) -> None:
    told = Told("en", "cy", hearing=hearing).after(h.CallerDialled()).pressing("2")

    assert told.caller_hears == [TOLD, "notice/off"]
    assert not told.pressing("1").call.listening
    assert not told.after(ROBIN_JOINS).of(o.StartHearing)


@pytest.mark.parametrize("keys", ["*", "02", "0"])
def test_a_yes_is_not_presumed_of_a_caller_who_has_not_heard_the_notice(keys: str) -> None:
    told = Told(hearing=Hearing.OPT_OUT).after(h.CallerDialled()).pressing(keys).after(QUIET)
    if "notice/opt-out" not in told.caller_hears:
        told.after(QUIET)

    assert told.caller_hears == [TOLD, "notice/opt-out"]
    assert not told.call.listening


def test_hearing_begins_again_when_the_machine_is_back_and_only_for_who_said_yes() -> None:
    assert talking(listening=True).after(h.HearingMayStart()).of(o.StartHearing)
    assert not talking().after(h.HearingMayStart()).orders
    assert not waiting(listening=True).after(h.HearingMayStart()).orders


def test_the_listener_alone_learns_that_the_machine_does_not_listen_any_more() -> None:
    told = talking(listening=True).after(h.HearingLost())

    assert told.listener_is_whispered == ["key/not-listening"]
    assert not told.caller_is_whispered
    assert not talking().after(h.HearingLost()).orders


def test_the_listener_hears_a_tone_when_the_machine_does_not_keep_up_and_not_all_the_time() -> None:
    told = talking(listening=True).after(h.FellBehind())

    assert told.listener_is_whispered == ["key/not-listening"]
    assert [one.tone for one in told.of(o.Whisper)] == [True]
    assert not told.caller_is_whispered
    assert not told.after(h.FellBehind()).orders
    assert not talking().after(h.FellBehind()).orders


# ---- waiting


def test_calm_words_come_again_and_again_and_take_turns() -> None:
    told = waiting()
    heard = []
    for _ in range(4):
        heard += told.after(QUIET).caller_hears

    assert heard == ["wait/still-1", "wait/still-2", "wait/still-3", "wait/still-1"]


@pytest.mark.parametrize("every", [5, 8, 15])
def test_calm_words_are_never_more_than_15_seconds_apart(every: int) -> None:
    """From the beginning of some words to the beginning of the next, however long the prompts may be."""
    told = waiting(profile=a_profile({"calm_words_every": every}))

    for happening in (QUIET, QUIET, QUIET, h.MoreAreRung(), h.LineIsBack(), QUIET):
        (said,) = told.after(happening).of(o.Say)
        assert said.wait_seconds + len(said.lines) * LIMITS["wait/"] <= 15


def test_a_silent_caller_whom_nobody_answers_passes_every_help_and_is_tried_again() -> None:
    told = waiting()
    stages = []
    for happening in (
        NOBODY_CAME,
        QUIET,
        h.CallerCameBack(h.Dialled.FAILED),
        QUIET,
        h.CallerCameBack(h.Dialled.FAILED),
        QUIET,
        QUIET,
    ):
        stages += [stage.stage for stage in told.after(happening).of(o.NoteStage)]

    assert stages == [CallStage.OUTSIDE, CallStage.DUTY_OFFICE, CallStage.GROUNDING, CallStage.WAITING]


def test_a_caller_hears_when_more_listeners_are_rung() -> None:
    assert waiting().after(h.MoreAreRung()).caller_hears == ["wait/more-listeners"]


def test_a_line_that_was_away_rings_again_for_a_caller_who_waits() -> None:
    told = waiting().after(h.LineIsBack())

    assert told.of(o.RingListeners)
    assert told.caller_hears == ["wait/ringing"]


def test_a_caller_who_was_cut_off_is_offered_the_same_listener() -> None:
    told = Told().after(h.CallerDialled(same_again=ROBIN), QUIET)

    assert [ring.same_again for ring in told.of(o.RingListeners)] == [ROBIN]
    assert told.caller_hears == ["caller/listening-off", "wait/same-again"]


def test_key_2_asks_for_another_listener_than_the_same_again() -> None:
    told = Told().after(h.CallerDialled(same_again=ROBIN), QUIET).pressing("2")

    assert isinstance(told.orders[0], o.StopRinging)
    assert told.of(o.RingListeners) == [o.RingListeners(Seat.FIRST, Language("en"), None, frozenset({ROBIN}))]
    assert told.caller_hears == ["wait/ringing"]


def test_key_2_means_nothing_to_a_caller_who_was_not_cut_off() -> None:
    told = waiting().pressing("2")

    assert told.caller_hears == ["wait/still-1"]
    assert not told.of(o.RingListeners)


def test_nobody_leads_to_the_outside_helpline_in_words_and_then_in_deed() -> None:
    told = waiting().after(NOBODY_CAME)

    assert told.caller_hears == ["wait/outside"]
    assert told.after(QUIET).let_go_to == [o.Next.OUTSIDE]


def test_no_helpline_leads_to_the_duty_office() -> None:
    told = nobody_outside()

    assert told.caller_hears == ["wait/duty-office"]
    assert told.after(QUIET).let_go_to == [o.Next.DUTY]


def test_nobody_at_all_offers_a_visit() -> None:
    assert nobody_at_all().caller_hears == ["wait/nobody", "wait/visit"]


def test_a_visit_is_asked_for_with_key_1_and_the_caller_is_told_and_calmed() -> None:
    told = nobody_at_all().pressing("1")

    assert told.causes == [Cause.VISIT_ASKED]
    assert told.caller_hears == ["caller/a-visit-is-asked-for", "grounding"]


def test_silence_asks_for_no_visit() -> None:
    told = nobody_at_all().after(QUIET)

    assert told.caller_hears == ["grounding"]
    assert not told.causes


def test_key_2_tries_again_as_the_caller_was_told() -> None:
    """wait/visit: "To have me try again, press 2"."""
    assert nobody_at_all().pressing("2").of(o.RingListeners)


def test_after_the_grounding_everybody_is_tried_again() -> None:
    told = Told().after(h.CallerDialled(same_again=ROBIN), QUIET).pressing("2")
    failed = h.CallerCameBack(h.Dialled.FAILED)
    told.after(NOBODY_CAME, failed, QUIET, failed, QUIET, QUIET)

    assert told.of(o.RingListeners) == [o.RingListeners(Seat.FIRST, Language("en"))]
    assert told.caller_hears == ["wait/try-again"]


@pytest.mark.parametrize("phase", [Phase.OUTSIDE, Phase.DUTY_OFFICE])
def test_a_caller_who_has_talked_to_somebody_else_is_asked_what_next(phase: Phase) -> None:
    told = EVERY_PHASE[phase]().after(QUIET, h.CallerCameBack(h.Dialled.ANSWER))

    assert told.call.phase is Phase.LEFT


def test_a_caller_who_comes_back_without_the_helpline_having_been_rung_is_put_through_to_it() -> None:
    told = waiting().after(NOBODY_CAME, h.CallerCameBack(None))

    assert told.call.phase is Phase.OUTSIDE
