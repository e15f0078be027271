"""The language of whoever asks: its texts, its plurals, its days and months.

A message is its English text. Where nobody asks, as at the command line and in the API, it stays English. Every
sentence is one message with named places, ``%(count)s``, because other languages put them in another order.
"""

import gettext
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar

from babel.dates import format_date, get_day_names
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from models import errors, phrases
from models.phrases import Phrase, Said

ENGLISH, WELSH = "en", "cy"
# Each in its own words, for who cannot read the others.
NAMES: Mapping[str, str] = {ENGLISH: "English", WELSH: "Cymraeg"}
CATALOGUES = Path(__file__).parent / "languages"
_CHECKED = '"X-Checked-By-A-Native-Speaker: yes'

_asked: ContextVar[str] = ContextVar("language", default=ENGLISH)
_page: ContextVar[str] = ContextVar("page", default="")

K = TypeVar("K")


def speak(language: str, page: str = "") -> None:
    """From now on in this request, which is for this page."""
    _asked.set(language)
    _page.set(page)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """For as long as this: at the command line, where there is no request."""
    before = _asked.set(language)
    try:
        yield
    finally:
        _asked.reset(before)


def spoken() -> str:
    return _asked.get()


def page_asked() -> str:
    """The address to come back to in another language. Empty after a form: what is being corrected would be lost."""
    return _page.get()


def _(message: str, **facts: object) -> str:
    """As Jinja's own: a per cent sign is written twice."""
    return _catalogue(spoken()).gettext(message) % facts


def n_(one: str, more: str, count: int, **facts: object) -> str:
    """``count`` is one of the facts. Welsh has six forms."""
    return _catalogue(spoken()).ngettext(one, more, count) % {"count": count, **facts}


# Said here as well, because whoever imports ``_`` wants them.
marked = phrases.marked
Cannot = errors.Cannot


def marked_many(one: str, more: str) -> tuple[str, str]:
    """``marked`` for ``n_``."""
    return one, more


def in_words(some: Said) -> str:
    """What a part below the console says."""
    if isinstance(some, Phrase):
        facts = {name: in_words(fact) for name, fact in some.facts.items()}
        return n_(some.english, some.more, some.count, **facts) if some.more else _(some.english, **facts)
    return day_of_year(some) if isinstance(some, date) else some


def sentence(some: Said) -> str:
    """With a capital at its beginning."""
    words = in_words(some)
    return words[:1].upper() + words[1:]


class Words(Mapping[K, str], Generic[K]):
    """What each of something is called, in the language of whoever asks."""

    def __init__(self, english: Mapping[K, str]) -> None:
        self._english = english

    def __getitem__(self, key: K) -> str:
        return _(self._english[key])

    def __iter__(self) -> Iterator[K]:
        return iter(self._english)

    def __len__(self) -> int:
        return len(self._english)


def said(message: str) -> str:
    """With its places still open: for Jinja and our scripts, which put the facts in by themselves."""
    return _catalogue(spoken()).gettext(message)


def said_of_many(one: str, more: str, count: int) -> str:
    return _catalogue(spoken()).ngettext(one, more, count)


def day(one: date) -> str:
    """Such as 5 December."""
    return format_date(one, "d MMMM", locale=spoken())


def day_of_year(one: date) -> str:
    """Such as 5 December 2026."""
    return format_date(one, "d MMMM y", locale=spoken())


def month(one: date) -> str:
    """Such as December."""
    return format_date(one, "LLLL", locale=spoken())


def month_of_year(one: date) -> str:
    """Such as December 2026."""
    return format_date(one, "LLLL y", locale=spoken())


def short_day(one: date) -> str:
    """Such as 5 Dec."""
    return format_date(one, "d MMM", locale=spoken())


def short_day_of_year(one: date) -> str:
    """Such as 5 Dec 2026."""
    return format_date(one, "d MMM y", locale=spoken())


def weekday(one: date) -> str:
    """Such as Monday."""
    return format_date(one, "cccc", locale=spoken())


def weekdays() -> tuple[str, ...]:
    """Monday first."""
    names = get_day_names("wide", context="stand-alone", locale=spoken())
    return tuple(names[number] for number in range(7))


def day_of_week(one: date) -> str:
    """Such as Saturday 5 December."""
    return format_date(one, "EEEE d MMMM", locale=spoken())


def not_checked() -> str:
    """Stands beside what people sign or publish, until the head of the catalogue says that a native speaker read it."""
    if _is_checked(spoken()):
        return ""
    return _("No native speaker has checked these words yet. Where they are not clear, read the English.")


@cache
def _is_checked(language: str) -> bool:
    return language == ENGLISH or _CHECKED in (CATALOGUES / f"{language}.po").read_text()


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    """Compiled when it is first asked for: no compiled file has to be kept like its source."""
    if language == ENGLISH:
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with (CATALOGUES / f"{language}.po").open("rb") as written:
        write_mo(compiled, read_po(written, locale=language, abort_invalid=True))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
