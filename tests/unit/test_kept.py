"""What people are told is kept about them is what is kept: no more, no less, and for as long as is said."""

from collections import Counter

import pytest
from sqlalchemy import Column

from ivr.prompts import languages
from models.keeping import PERIODS
from models.kept import HOW_LONG, WHO_SEES, Person, as_text, concerns, kept_about
from models.tables import AS_A_COUNT, DAYS_90, SERVING, SITE, WHILE_IN_USE, YEARS_2, Base
from models.words import Language, Prompt

COLUMNS = {str(column): column for table in Base.metadata.sorted_tables for column in table.columns}
SPOKEN = {
    Person.CALLER: Prompt("kept/caller"),
    Person.LISTENER: Prompt("kept/listener"),
    Person.STAFF: Prompt("kept/staff"),
    Person.COORDINATOR: Prompt("kept/staff"),
}
# How each keeping is said.
SAID = {
    Language("en"): {
        DAYS_90: "ninety days", SERVING: "twelve months", YEARS_2: "two years", AS_A_COUNT: "after that",
        WHILE_IN_USE: "in use",
    },
    Language("cy"): {
        DAYS_90: "naw deg diwrnod", SERVING: "deuddeg mis", YEARS_2: "dwy flynedd", AS_A_COUNT: "wedi hynny",
        WHILE_IN_USE: "ei ddefnyddio",
    },
}  # fmt: skip

every_person = pytest.mark.parametrize("person", Person)


def about(person: Person) -> set[str]:
    return {name for name, column in COLUMNS.items() if person in concerns(column)}


def named(person: Person) -> Counter[str]:
    return Counter(name for one in kept_about(person) for name in one.columns)


@every_person
def test_every_column_about_somebody_is_put_into_words(person: Person) -> None:
    """A new column: say in models/kept.py what it is, and in kept/... of the prompts when it is something new."""
    assert about(person) - named(person).keys() == set()


@every_person
def test_nothing_is_said_twice_and_nothing_that_is_not_there(person: Person) -> None:
    assert {name: times for name, times in named(person).items() if times > 1} == {}
    assert named(person).keys() <= COLUMNS.keys()


@pytest.mark.parametrize("column", COLUMNS.values(), ids=str)
def test_a_column_of_people_is_about_somebody(column: Column[object]) -> None:
    """Only what belongs to the prison, and a phone's own password, is about nobody."""
    of_a_thing = column.info["holds"] == SITE or str(column) == "phones.secret"

    assert bool(concerns(column)) != of_a_thing


@every_person
def test_how_long_is_what_the_columns_say(person: Person) -> None:
    for one in kept_about(person):
        assert {HOW_LONG[COLUMNS[name].info["kept"]] for name in one.columns} == {one.how_long}
        assert one.who_sees in WHO_SEES.values()


def test_every_keeping_has_words() -> None:
    assert {column.info["kept"] for column in COLUMNS.values()} <= HOW_LONG.keys()
    assert all(str(period.days) in HOW_LONG[kept] for kept, period in PERIODS.items() if kept == DAYS_90)


@every_person
def test_it_is_one_page_in_plain_words(person: Person) -> None:
    text = as_text(person)

    assert len(text.splitlines()) < 60
    assert "_" not in text
    assert person.value in text.splitlines()[0]


@every_person
@pytest.mark.parametrize("language", SAID)
def test_what_is_spoken_says_every_keeping(person: Person, language: Language) -> None:
    (texts,) = (one.prompts for one in languages() if one.code == language)
    spoken = texts[SPOKEN[person]].casefold()
    kept = {COLUMNS[name].info["kept"] for name in named(person)}

    assert {how for how in kept if SAID[language][how] not in spoken} == set()
