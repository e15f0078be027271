"""What is kept about somebody, in plain words: what, for how long, who sees it (domain.md 5.3, O6).

The words are ours; for how long, and who sees it, comes from what the columns say of themselves (columns.py). A test
goes through all columns: one that nobody has put into words here fails it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Column

from models.tables import (
    AS_A_COUNT,
    COUNT,
    DAYS_90,
    DISCLOSED,
    LISTENER,
    SECRET,
    SERVING,
    STAFF,
    WHILE_IN_USE,
    YEARS_2,
    Base,
)


class Person(StrEnum):
    """Whoever may ask what is kept about them."""

    CALLER = "caller"
    LISTENER = "listener"
    STAFF = "staff"
    COORDINATOR = "coordinator"


@dataclass(frozen=True, slots=True)
class Kept:
    """One line of the answer; ``columns`` as ``table.column``, from which the rest is read."""

    what: str
    columns: tuple[str, ...]
    how_long: str
    who_sees: str


HOW_LONG: Mapping[str, str] = {
    DAYS_90: "90 days after the call, or what followed from it, is over",
    AS_A_COUNT: "for good, but after 90 days without a place and without a name",
    SERVING: "while the Listener is in the scheme, and 12 months after they left",
    YEARS_2: "2 years",
    WHILE_IN_USE: "as long as it is in use",
}
WHO_SEES: Mapping[str, str] = {
    COUNT: "nobody a single call afterwards; the reports have totals, and none that is under 5",
    DISCLOSED: "the staff who are called, and who closes it",
    LISTENER: "you yourself, and the coordinator",
    STAFF: "the coordinator, and whoever checks the audit",
    SECRET: "nobody: it cannot be read back",
}
# What goes before the list.
FIRST: Mapping[Person, str] = {
    Person.CALLER: (
        "Nothing that anybody says in a call is kept: no recording, no words, nothing that a computer heard. "
        "Your name, your number and your cell are not kept, unless staff are told about you."
    ),
    Person.LISTENER: (
        "Nothing that anybody says in a call is kept, and nothing says who called. "
        "When you call for yourself, you are a caller like everybody. "
        "The scheme's partner, who supports you, sees how many minutes you talked in a week or more, your nights on "
        "duty, whether your phone rang lately, whether you have had enough or rest, and whether you asked to talk."
    ),
    Person.STAFF: "What you say and hear on a phone of Wingline is not recorded.",
    Person.COORDINATOR: (
        "What you say and hear on a phone of Wingline is not recorded. What is kept about staff is kept about you too."
    ),
}
LAST = (
    "Besides them, whoever looks after the machine can reach its database. "
    "To hear this, dial the code for it on any phone of the line (102, unless the prison has another)."
)


def kept_about(person: Person) -> Sequence[Kept]:
    return [_kept(what, columns) for what, columns in _PIECES[person]]


def concerns(column: Column[object]) -> frozenset[Person]:
    """About whom a column says something, by its class and its table."""
    table, holds = column.table.name, column.info["holds"]
    if holds in {COUNT, DISCLOSED}:
        # Who answered, went and closed is staff.
        return frozenset({Person.CALLER, Person.STAFF} if column.name.endswith("_by") else {Person.CALLER})
    if holds == LISTENER:
        return frozenset({Person.LISTENER})
    if holds == STAFF:
        return frozenset({Person.COORDINATOR} if table in _BY_COORDINATORS else {Person.COORDINATOR, Person.STAFF})
    if holds == SECRET and table in _SECRETS:
        return _SECRETS[table]
    return frozenset()


def as_text(person: Person) -> str:
    """One page, to be printed."""
    lines = [f"What Wingline keeps about you ({person.value})", "", FIRST[person], ""]
    for one in kept_about(person):
        lines += [f"- {one.what}", f"  How long: {one.how_long}.", f"  Who sees it: {one.who_sees}.", ""]
    return "\n".join([*lines, LAST])


def _kept(what: str, names: Iterable[str]) -> Kept:
    columns = [_column(name) for name in names]
    holds = {column.info["holds"] for column in columns} & WHO_SEES.keys()
    (how_long,) = {column.info["kept"] for column in columns}
    # Of a Listener's own record, also when there is a count or a part of the prison in it.
    (who,) = holds - {COUNT} if len(holds) > 1 else holds
    return Kept(what, tuple(names), HOW_LONG[how_long], WHO_SEES[who])


def _column(name: str) -> Column[object]:
    table, _, column = name.partition(".")
    return Base.metadata.tables[table].columns[column]


def _of(table: str, columns: str) -> tuple[str, ...]:
    return tuple(f"{table}.{column}" for column in columns.split())


# Tables in which only coordinators write their names.
_BY_COORDINATORS = frozenset({"standing_changes", "rotas", "swaps", "seat_changes", "tokens"})
_SECRETS: Mapping[str, frozenset[Person]] = {
    "listeners": frozenset({Person.LISTENER}),
    "keep_apart": frozenset({Person.LISTENER}),
    **dict.fromkeys(("accounts", "invitations", "passkeys", "sign_ins"), frozenset({Person.STAFF, Person.COORDINATOR})),
    "tokens": frozenset({Person.COORDINATOR}),
}

_Pieces = tuple[tuple[str, tuple[str, ...]], ...]

_CALLER: _Pieces = (
    (
        "That there was a call: when, in which language, whether the computer listened. Not who called",
        (
            *_of("calls", "id site_id stage language listening began_at waiting_since ended_at"),
            *_of("calls", "first_waiting_at outside_at duty_office_at"),
            *_of("escalations", "call_id"),
        ),
    ),
    (
        "Which Listeners were rung for a call, and which were in it, from when until when",
        (
            *_of("offers", "id call_id seat rang_at ended_at end"),
            *_of("talks", "id call_id seat began_at ended_at rest_until"),
        ),
    ),
    (
        (
            "Only if staff are told: your cell, and if the prison's rules allow it your number, the name you go by, "
            "and whether you are awake; what was to be done; which staff answered, came, and spoke to you"
        ),
        _of(
            "escalations",
            "cell_id protocol prison_number preferred_name condition acknowledged_by acknowledged_posts at_door_by "
            "spoken_by closed_by",
        ),
    ),
    (
        "Only if staff are told: which phones rang, what was sent and when",
        (
            *_of("tellings", "id escalation_id post step round rang_at ended_at end"),
            *_of("messages", "id escalation_id what step round made_at due_at tries sent_at given_up_at last_error"),
        ),
    ),
    (
        (
            "Only if staff are told: that it happened, under which rule, what kind of danger, when staff answered, "
            "came and spoke to the person, and how it ended"
        ),
        _of(
            "escalations",
            "id site_id cause danger step round profile deciding raised_at step_ends_at due_at acknowledged_at "
            "at_door_at spoken_at closed_at outcome",
        ),
    ),
)
_LISTENER: _Pieces = (
    (
        (
            "Your code name, your wing and phone, your languages, what you are willing to be matched on, whether you "
            "are experienced, how much you want to do in a week"
        ),
        _of("listeners", "id site_id wing_id phone_id code_name languages tags experienced weekly_minutes"),
    ),
    (
        "Where you stand in the scheme and every step on the way, your certificate, trainings, how often you sat in",
        (
            *_of("listeners", "standing certified_from certified_until shadowed"),
            *_of("standing_changes", "id listener_id at why was became"),
            *_of("trainings", "listener_id module done_at valid_until"),
        ),
    ),
    (
        "Whether you are off duty or resting, and whether you asked to talk to somebody",
        _of("listeners", "off_duty_since resting_until wants_debrief"),
    ),
    ("How often a wrong PIN was keyed in", _of("listeners", "wrong_pins")),
    ("Your PIN, and what opens your calendar", _of("listeners", "pin calendar")),
    (
        "Your shifts, when you signed on, drafts and changes of the rota, swaps, and when you were asked to cover",
        (
            *_of("shifts", "id site_id listener_id cover starts_at ends_at slot checked_in_at late_at"),
            *_of("seat_changes", "id act at what site_id listener_id put_in cover starts_at ends_at slot"),
            *_of("rotas", "id"),
            *_of("draft_shifts", "rota_id slot listener_id cover starts_at ends_at"),
            *_of("swaps", "id shift_id asked_by asked_at accepted_by accepted_at ended_at end"),
            *_of("cover_offers", "id slot listener_id rang_at ended_at end"),
        ),
    ),
    (
        "When you cannot be on duty, and when you would like to be or not",
        (
            *_of("absences", "id listener_id kind starts_at ends_at"),
            *_of("wishes", "id listener_id kind weekday starts ends"),
        ),
    ),
    (
        "When you move or are away, and why in one word, such as court",
        _of("movements", "id listener_id kind cell_id since until source recorded_at"),
    ),
    (
        "That you and somebody else are kept apart, and how far; never why",
        _of("keep_apart", "id listener_id other_listener_id cell_id restriction"),
    ),
    ("A mark of whom you are kept apart from, made of their number", _of("keep_apart", "other")),
    (
        "For which calls you were rung, what you answered, which you took, from when to when, and your rest after it",
        (
            *_of("offers", "listener_id rang_at ended_at end seat"),
            *_of("talks", "listener_id began_at ended_at seat rest_until"),
        ),
    ),
)
_ACCOUNT: _Pieces = (
    ("Your account: its name, and who you are in the prison or the scheme", _of("accounts", "id site_id name role")),
    (
        "Your password, what your authenticator app was given, your passkeys, your name in the prison's directory",
        (*_of("accounts", "password totp directory"), *_of("passkeys", "credential public_key")),
    ),
    (
        "When you were invited and by whom, when you last used a code or a passkey, where you are signed in",
        (
            *_of("accounts", "totp_used"),
            *_of("invitations", "account_id made_at made_by ends_at"),
            *_of("passkeys", "id account_id sign_count made_at used_at"),
            *_of("sign_ins", "account_id began_at seen_at ends_at"),
        ),
    ),
    ("What opens your invitation, and each browser where you are signed in", ("invitations.hash", "sign_ins.hash")),
    (
        "What you opened, acknowledged, changed or closed in Wingline, and when",
        _of("acts", "id at who what about previous hash"),
    ),
    (
        "When a person is in danger: that you answered, came, spoke to them, or closed it",
        _of("escalations", "acknowledged_by at_door_by spoken_by closed_by"),
    ),
    ("That you asked for a drill, and when", _of("drills", "asked_at asked_by")),
    (
        "That you proposed or signed the rules of who is told what",
        _of("profile_versions", "proposed_by prison_signed_by scheme_signed_by"),
    ),
)
_PIECES: Mapping[Person, _Pieces] = {
    Person.CALLER: _CALLER,
    Person.LISTENER: _LISTENER,
    Person.STAFF: _ACCOUNT,
    Person.COORDINATOR: (
        *_ACCOUNT,
        (
            "That you decided where a Listener stands, made, changed or published a rota, or decided a swap",
            (
                *_of("standing_changes", "who"),
                *_of("rotas", "made_by published_by"),
                *_of("swaps", "decided_by"),
                *_of("seat_changes", "who"),
            ),
        ),
        (
            "Tokens that you made for other systems: their name, what they may do, when they were used last",
            _of("tokens", "id site_id name scope made_at made_by last_used_at ended_at"),
        ),
        ("What such a token is", _of("tokens", "hash")),
    ),
}
