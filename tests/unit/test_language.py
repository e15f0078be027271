"""The console in the language of whoever asks: every message has its Welsh, and no page has words outside of them."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from markupsafe import Markup

from console import catalogue, language, rendering
from console.language import CATALOGUES, WELSH, Cannot, Words, _, n_, speak
from console.language_asked import preferred_of
from models.errors import NotAllowed

PAGES = Path(catalogue.__file__).parent / "pages"
PLACE = re.compile(r"%\((\w+)\)s")
# What the machine writes and reads is the same in every language.
NO_WORDS = re.compile(
    r"{#.*?#}|{%\s*trans\b.*?endtrans\s*%}|<code>.*?</code>|<pre\b.*?</pre>|{% block (look|kind) %}.*?endblock",
    re.DOTALL,
)
JINJA = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
SAID = ("aria-label", "title", "placeholder", "alt")
# Names, which nobody translates.
NAMES = re.compile(r'\bWingline\b|&\w+;|[\w-]+="')


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    speak(language.ENGLISH)


@pytest.fixture(scope="module")
def welsh() -> Catalog:
    with (CATALOGUES / f"{WELSH}.po").open("rb") as file:
        return read_po(file, locale=WELSH, abort_invalid=True)


def texts_of(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def test_every_message_has_its_welsh(welsh: Catalog) -> None:
    """If not: ``python -m console.catalogue``, and write what is missing."""
    wanted = {one if isinstance(one, str) else one[0] for one, _file, _line in catalogue.messages()}
    there = {one.id if isinstance(one.id, str) else one.id[0]: one for one in welsh if one.id}

    assert wanted - there.keys() == set()
    assert there.keys() - wanted == set()
    assert [name for name, one in there.items() if one.fuzzy or not all(text.strip() for text in texts_of(one))] == []


def test_welsh_has_the_same_places_and_the_same_markup(welsh: Catalog) -> None:
    def pieces(text: str) -> list[str]:
        return sorted(set(PLACE.findall(text)) | set(re.findall(r"<[^>]*>", text)) | {"%" * text.count("%%")})

    wrong = [
        (one.id, text)
        for one in welsh
        if one.id
        for number, text in enumerate(texts_of(one))
        # The second form is the one of 1, which may be a word.
        if pieces(text) != pieces(one.id if isinstance(one.id, str) else one.id[0 if number == 1 else 1])
    ]

    assert wrong == []


def test_a_message_begins_and_ends_as_its_english_does(welsh: Catalog) -> None:
    """A space at an end joins it to something; a full stop ends a sentence."""
    wrong = [
        (one.id, text)
        for one in welsh
        if isinstance(one.id, str) and one.id
        for text in texts_of(one)
        if (one.id[-1] in " .:", one.id[0] == " ") != (text[-1] in " .:", text[0] == " ")
    ]

    assert wrong == []


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.html")), ids=lambda page: page.name)
def test_no_page_has_words_outside_of_messages(page: Path) -> None:
    written = NO_WORDS.sub("", page.read_text())
    said = re.findall(rf'\b(?:{"|".join(SAID)})="([^"]*)"', JINJA.sub("", written))
    between = re.sub(r"<[^>]*>", "\n", JINJA.sub("", written))

    assert [
        text.strip() for text in [*between.splitlines(), *said] if re.search("[A-Za-z]{2}", NAMES.sub("", text))
    ] == []


def test_somebody_is_answered_in_their_language() -> None:
    assert _("Sign in") == "Sign in"

    speak(WELSH)

    assert _("Sign in") == "Mewngofnodi"
    assert Words({1: "Sign in"})[1] == "Mewngofnodi"
    assert [n_("%(count)s Listener", "%(count)s Listeners", count) for count in (0, 1, 2, 3)] == [
        "0 Gwrandäwr",
        "1 Gwrandäwr",
        "2 Wrandäwr",
        "3 Gwrandäwr",
    ]


def test_days_are_said_as_people_say_them() -> None:
    day = date(2026, 12, 5)
    said = [language.day_of_week, language.day_of_year, language.short_day, language.month]

    assert [one(day) for one in said] == ["Saturday 5 December", "5 December 2026", "5 Dec", "December"]

    speak(WELSH)

    assert [one(day) for one in said] == ["Dydd Sadwrn 5 Rhagfyr", "5 Rhagfyr 2026", "5 Rhag", "Rhagfyr"]
    assert language.weekdays()[:2] == ("Dydd Llun", "Dydd Mawrth")


def test_what_somebody_wrote_is_escaped_in_a_message_with_markup() -> None:
    shown = rendering._PAGES.from_string(
        "{% trans name=name %}<b>{{ name }}</b>{% endtrans %}{{ _('%(it)s', it=name) }}"
    )

    assert shown.render(name="<i>") == Markup("<b>&lt;i&gt;</b>&lt;i&gt;")


def test_a_refusal_is_one_sentence() -> None:
    fault = Cannot("cannot do it: it is too late")

    assert isinstance(fault, NotAllowed)
    assert str(fault) == "cannot do it: it is too late"


@pytest.mark.parametrize(
    ("accepted", "preferred"),
    [
        ("", None),
        ("de, fr;q=0.5", None),
        ("en-GB,en;q=0.9", "en"),
        ("cy", "cy"),
        ("en;q=0.5, cy-GB", "cy"),
        ("cy;q=0, en;q=0.1", "en"),
        ("cy;q=much, en", "en"),
        ("CY;q=0.8, en;q=0.8", "cy"),
    ],
)
def test_a_browser_says_which_languages_somebody_reads(accepted: str, preferred: str | None) -> None:
    assert preferred_of(accepted) == preferred
