"""The quarterly report: what is counted, what is hidden, and how it reads on paper."""

import re
import zlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from welsh import without_welsh

from console.language import WELSH, in_words, said, speaking
from console.oversight import pdf, wording
from console.oversight.pdf import HOW_HIDDEN, as_pdf
from console.tables import Table
from escalation.oversight import (
    ABOUT_NOBODY,
    HIDDEN,
    NOT_KEPT,
    RULES,
    BadQuarter,
    Disclosure,
    Figures,
    Quarter,
    Report,
    quarter_named,
    report,
)
from models.phrases import Said
from models.words import Cause

AUTUMN = Quarter(2026, 4)
MONTHS = AUTUMN.months


def told(cause: Cause, *seconds: int, door: int | None = None) -> list[Disclosure]:
    to_the_door = timedelta(seconds=door) if door else None
    return [Disclosure(cause, timedelta(seconds=one), to_the_door) for one in seconds]


def figures(**changes: object) -> Figures:
    chosen: dict[str, object] = {
        "quarter": AUTUMN,
        "calls": dict.fromkeys(MONTHS, 100),
        "listened": dict.fromkeys(MONTHS, 40),
        "prompted": {"harm.self": 30},
        "right": {"harm.self": 12},
        "wrong": {"harm.self": 6},
        "disclosures": told(Cause.CALLER_ASKED, 20, 22, 30, 60, 61, door=300),
        "openings": 5,
        "profiles": [(date(2026, 11, 2), "uk-listener-adult 3")],
    }
    return Figures(**chosen | changes)  # type: ignore[arg-type]  # a test changes what it likes


def the(name: str, made: Report) -> Table:
    (found,) = (one for one in made.tables if one.name == name)
    return wording.in_words(found)


def row(name: str, first: str, made: Report) -> Sequence[str]:
    (found,) = (one[1:] for one in the(name, made).rows if one[0] == first)
    return found


# ---- quarters


@pytest.mark.parametrize("wrong", ["2026", "2026-Q5", "Q4-2026", "2026-q4", "26-Q1", "2026-Q4 "])
def test_what_is_no_quarter_is_refused(wrong: str) -> None:
    with pytest.raises(BadQuarter, match="2026-Q4"):
        quarter_named(wrong)


def test_a_quarter_is_the_sites_own_over_both_clock_changes() -> None:
    assert quarter_named("2026-Q1").span("Europe/London") == (
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 3, 31, 23, tzinfo=UTC),
    )
    assert AUTUMN.span("Europe/London") == (
        datetime(2026, 9, 30, 23, tzinfo=UTC),
        datetime(2027, 1, 1, tzinfo=UTC),
    )
    assert MONTHS == ("2026-10", "2026-11", "2026-12")


# ---- what is in it


def test_every_cause_is_a_rule_in_plain_words_or_about_nobody() -> None:
    assert RULES.keys() | ABOUT_NOBODY == set(Cause)
    assert not RULES.keys() & ABOUT_NOBODY


def test_calls_and_the_share_of_those_in_which_the_computer_listened() -> None:
    made = report("HMP Demo", figures())

    assert row("calls", "2026-11", made) == ("40", "60", "100", "40 %")
    assert row("calls", "Whole quarter", made) == ("120", "180", "300", "40 %")


def test_a_share_says_nothing_about_a_hidden_count() -> None:
    listened = {MONTHS[0]: 3, MONTHS[1]: 40, MONTHS[2]: 50}
    made = report("HMP Demo", figures(listened=listened))

    assert row("calls", MONTHS[0], made) == (HIDDEN, HIDDEN, "100", HIDDEN)


def test_prompts_right_wrong_and_not_judged() -> None:
    made = report("HMP Demo", figures())

    assert row("prompts", "harm.self", made) == ("12", "6", "12", "30")


def test_what_was_judged_after_the_quarter_leaves_no_number_below_zero() -> None:
    made = report("HMP Demo", figures(prompted={}, right={"harm.self": 7}, wrong={}))

    assert row("prompts", "harm.self", made) == ("7", "0", "0", "7")


def test_a_quarter_without_any_prompt_has_an_empty_table() -> None:
    assert the("prompts", report("HMP Demo", figures(prompted={}, right={}, wrong={}))).rows == ()


# ---- times


def test_times_are_medians_to_the_nearest_ten_seconds() -> None:
    made = report("HMP Demo", figures())

    assert row("disclosures", in_words(RULES[Cause.CALLER_ASKED]), made) == ("5", "0 min 30 s", "5 min 00 s")
    assert row("disclosures", "Whole quarter", made) == ("5", "0 min 30 s", "5 min 00 s")
    assert row("disclosures", in_words(RULES[Cause.REFUSES]), made) == ("0", "-", "-")


def test_a_time_over_fewer_than_five_is_hidden() -> None:
    not_seen = [Disclosure(Cause.CALLER_ASKED, None, None)] * 4
    made = report("HMP Demo", figures(disclosures=[*told(Cause.CALLER_ASKED, 20, 20, 20, 20), *not_seen]))

    assert row("disclosures", in_words(RULES[Cause.CALLER_ASKED]), made) == ("8", HIDDEN, HIDDEN)


def test_a_time_next_to_a_hidden_count_is_hidden_with_it() -> None:
    """The nurse's rule is hidden for its own sake, the other so that the total does not give it away."""
    some = [*told(Cause.CALLER_AGREED, 20, 20), *told(Cause.CALLER_ASKED, 30, 30, 30, 30, 30, 30)]
    made = report("HMP Demo", figures(disclosures=some, openings=8))

    assert row("disclosures", in_words(RULES[Cause.CALLER_AGREED]), made) == (HIDDEN, HIDDEN, HIDDEN)
    assert row("disclosures", in_words(RULES[Cause.CALLER_ASKED]), made) == (HIDDEN, HIDDEN, HIDDEN)
    assert row("disclosures", "Whole quarter", made)[0] == "8"


# ---- openings and profiles


def test_openings_are_hidden_whenever_they_would_give_away_how_many_were_told() -> None:
    made = report("HMP Demo", figures(disclosures=told(Cause.DANGER_NOW, 20, 20, 20), openings=6))

    assert row("disclosures", "Whole quarter", made)[0] == HIDDEN
    assert row("openings", "Openings", made) == (HIDDEN,)
    assert row("openings", "Openings", report("HMP Demo", figures())) == ("5",)


def test_changes_of_the_profile_are_named_and_not_hidden() -> None:
    assert the("profiles", report("HMP Demo", figures())).rows == (("2 November 2026", "uk-listener-adult 3"),)
    assert the("profiles", report("HMP Demo", figures(profiles=[]))).rows == (("None in this quarter", ""),)


def test_what_the_audit_has_forgotten_is_not_said_to_be_none() -> None:
    made = report("HMP Demo", figures(openings=None, profiles=None))

    assert row("openings", "Openings", made) == (in_words(NOT_KEPT),)
    assert the("profiles", made).rows == ((in_words(NOT_KEPT), ""),)


# ---- on paper


def on_paper(path: Path, made: Report) -> tuple[bytes, str]:
    path.write_bytes(as_pdf(made, date(2027, 1, 4)))
    whole = path.read_bytes()
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", whole, re.DOTALL)
    pages = b"".join(zlib.decompress(one) for one in streams if one[:1] == b"\x78")
    return whole, " ".join(re.findall(r"\((.*?)\) Tj", pages.decode("cp1252")))


def test_the_pdf_has_every_table_and_says_how_numbers_are_hidden(tmp_path: Path) -> None:
    made = report("HMP Demo", figures(listened={MONTHS[0]: 3}))
    whole, text = on_paper(tmp_path / "report.pdf", made)

    words = text.replace("\\", "").split()
    for table in made.tables:
        assert in_words(table.title) in " ".join(words)
    assert HOW_HIDDEN % {"hidden": HIDDEN} in " ".join(words)
    assert HIDDEN in words
    assert 1 <= len(re.findall(rb"/Type /Page\b", whole)) <= 3


def test_the_pdf_has_a_title_a_language_and_an_outline(tmp_path: Path) -> None:
    whole, _ = on_paper(tmp_path / "report.pdf", report("HMP Demo", figures()))

    assert b"/Lang (en-GB)" in whole
    assert b"/Title (Listener line at HMP Demo: oversight report 2026-Q4)" in whole
    assert b"/Outlines" in whole


# ---- in Welsh


def test_every_text_of_a_report_has_its_welsh() -> None:
    """Also what no reading of the source finds. What the paper adds are messages of the console (test_language.py)."""
    every = [one for cause in RULES for one in told(cause, 20, 22, 30, 60, 61, door=300)]
    reports = [report("", figures(disclosures=every)), report("", figures(openings=None, profiles=None, calls={}))]

    tables = [table for made in reports for table in made.tables]
    texts: list[Said] = [one for table in tables for one in (table.title, table.says, *table.headings)]
    texts += [cell for table in tables for row in table.rows for cell in row]
    assert [text for one in texts for text in without_welsh(one)] == []


def test_in_welsh_the_words_change_and_the_numbers_do_not() -> None:
    made = report("HMP Demo", figures())
    english = the("disclosures", made)
    with speaking(WELSH):
        welsh = the("disclosures", made)
        days = the("profiles", made).rows

    assert welsh.name == english.name
    assert welsh.headings == ("Rheol", "Troeon", "Nes i staff gydnabod", "Nes i rywun fod wrth y drws")
    assert welsh.rows[0] == ("Gofynnodd y galwr am staff", "5", "0 mun 30 eil", "5 mun 00 eil")
    assert [row[1] for row in welsh.rows] == [row[1] for row in english.rows]
    assert days == (("2 Tachwedd 2026", "uk-listener-adult 3"),)


def test_the_pdf_is_in_welsh_for_who_reads_welsh_and_says_that_nobody_has_checked_it(tmp_path: Path) -> None:
    made = report("HMP Demo", figures())
    with speaking(WELSH):
        whole, text = on_paper(tmp_path / "report.pdf", made)
        titles = [in_words(table.title) for table in made.tables]

    words = " ".join(text.replace("\\", "").split())
    assert b"/Lang (cy-GB)" in whole
    assert b"/Title (Llinell y Gwrandawyr, HMP Demo: adroddiad goruchwylio 2026-Q4)" in whole
    assert [title for title in titles if title not in words] == []
    assert "Gwnaed ar 4 Ionawr 2027." in words
    assert "Nid oes siaradwr brodorol wedi gwirio'r geiriau hyn eto." in words
    assert "Tudalen 1 o " in words
    assert "Rule" not in words


def test_the_fonts_of_the_pdf_can_write_its_welsh() -> None:
    """They have no circumflex on w and y; a name may lose it, our own words must not."""
    with speaking(WELSH):
        tables = [wording.in_words(table) for table in report("", figures()).tables]
        ours = [pdf.WHAT, pdf.HOW_HIDDEN, pdf.WHO_TO_ASK]
        texts = [text for table in tables for text in (table.title, table.says, *table.headings, *sum(table.rows, ()))]
        texts += [said(text) for text in ours]

    assert [text for text in texts if pdf._writable(text) != text] == []


def test_a_name_with_letters_that_the_font_lacks_loses_its_accents_alone(tmp_path: Path) -> None:
    _, text = on_paper(tmp_path / "report.pdf", report("HMP Tŷ Gŵyr, Château", figures()))

    assert "HMP Ty Gwyr, Château" in text
