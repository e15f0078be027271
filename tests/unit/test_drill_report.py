"""What a drill's report says: times by step, post and person, and what has to be looked at."""

from dataclasses import replace
from datetime import datetime, timedelta

from builders import NOON

from console import drills_wording
from escalation.case import Case
from escalation.disclosure import Disclosure, spoken
from escalation.drill_report import Asked, Begun, DrillReport, Finding, Told, Took, report, whole_time
from escalation.drills import WITHIN, DrillId, Kind
from escalation.nightly import Link
from escalation.profile import Protocol, Step
from escalation.turn import LINE
from models.words import Cause, Post, TellingEnd

DESK, WARD, ORDERLY = Post.CONTROL_ROOM, Post.HEALTHCARE, Post.ORDERLY_OFFICER
PROTOCOL = Protocol(
    steps=(Step((DESK, WARD), 60), Step((ORDERLY,), 30)),
    door_within=180,
    spoken_within=300,
    closed_within=3600,
    acknowledge=((DESK, ORDERLY), (WARD,)),
)
ASKED = Asked(DrillId("drill-1"), Kind.BY_HAND, NOON, "Sam")


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def told(post: Post, at: float, end: TellingEnd | None, ended: float | None = None, **place: int) -> Told:
    step, round_ = place.get("step", 0), place.get("round", 0)
    return Told(post, step, round_, after(at), None if ended is None else after(ended), end)


WENT_WELL = Begun(
    NOON,
    Case(
        PROTOCOL,
        posts=(ORDERLY, WARD),
        acknowledged_at=after(20),
        acknowledged_by=WARD,
        at_door_at=after(150),
        at_door_by="Officer Lee",
        spoken_at=after(200),
        spoken_by=ORDERLY,
        closed_at=after(400),
        closed_by="Officer Lee",
    ),
    [
        told(WARD, 1, TellingEnd.ACKNOWLEDGED, 20),
        told(DESK, 1, TellingEnd.NO_ANSWER, 61),
        told(ORDERLY, 60, TellingEnd.ACKNOWLEDGED, 75, step=1),
    ],
)


def of(begun: Begun | None, seconds: float = 500) -> DrillReport:
    return report(ASKED, begun, after(seconds))


def test_it_says_how_long_each_step_post_and_person_took() -> None:
    found = of(WENT_WELL)

    assert found.first_ring == 1
    assert [
        (step.step, step.after, [(rang.post, rang.end, rang.seconds) for rang in step.rang]) for step in found.steps
    ] == [
        (1, 1, [(WARD, TellingEnd.ACKNOWLEDGED, 19), (DESK, TellingEnd.NO_ANSWER, 60)]),
        (2, 60, [(ORDERLY, TellingEnd.ACKNOWLEDGED, 15)]),
    ]
    assert [(one.of, one.took) for one in found.acknowledged] == [
        ((DESK, ORDERLY), Took(75, ORDERLY)),
        ((WARD,), Took(20, WARD)),
    ]
    assert (found.at_door, found.spoken, found.closed) == (
        Took(150, "Officer Lee"), Took(200, ORDERLY), Took(400, "Officer Lee"),
    )  # fmt: skip
    assert found.findings == ()


def test_who_acknowledges_on_the_console_is_named_with_the_time() -> None:
    case = replace(WENT_WELL.case, posts=(DESK, WARD), acknowledged_by="Officer Lee")
    (desk, ward) = of(replace(WENT_WELL, case=case, tellings=[told(WARD, 1, TellingEnd.NOT_NEEDED, 20)])).acknowledged

    assert (desk.took, ward.took) == (Took(20, "Officer Lee"), Took(20, "Officer Lee"))


def test_a_second_group_that_was_acknowledged_on_the_console_is_given_without_a_time() -> None:
    tellings = [told(WARD, 1, TellingEnd.ACKNOWLEDGED, 20)]
    (desk, ward) = of(replace(WENT_WELL, tellings=tellings)).acknowledged

    assert (desk.given, desk.took, ward.took) == (True, None, Took(20, WARD))
    assert drills_wording.acknowledged(desk) == "on the console"


def test_a_drill_that_is_open_after_the_whole_time_of_its_protocol_is_a_finding() -> None:
    open_ = replace(WENT_WELL, case=replace(WENT_WELL.case, closed_at=None, closed_by=None))
    whole = whole_time(PROTOCOL).total_seconds()

    assert whole == 60 + 30 + 300 + 3600
    assert of(open_, whole - 1).findings == ()
    assert of(open_, whole).findings == (Finding.STILL_OPEN,)


def test_who_is_missing_or_not_reachable_is_a_finding() -> None:
    tellings = [told(WARD, 0, TellingEnd.UNREACHABLE, 0), told(DESK, 1, TellingEnd.ACKNOWLEDGED, 9)]
    case = Case(PROTOCOL, posts=(DESK,), acknowledged_at=after(9), acknowledged_by=DESK)
    nobody = Begun(NOON, Case(PROTOCOL), [told(DESK, 1, None)])

    assert of(Begun(NOON, case, tellings), 60).findings == (Finding.UNREACHABLE,)
    assert of(Begun(NOON, case, tellings), 90).findings == (Finding.UNREACHABLE, Finding.SOMEBODY_MISSING)
    assert of(nobody, 89).findings == ()
    assert of(nobody, 90).findings == (Finding.NOBODY_ACKNOWLEDGED,)


def test_acknowledged_and_not_at_the_door_in_time_is_a_finding() -> None:
    again = replace(WENT_WELL, case=replace(WENT_WELL.case, round=1))

    assert of(again).findings == (Finding.CAME_BACK,)


def test_what_gave_way_to_a_real_one_was_not_spoken_to_anybody() -> None:
    case = Case(PROTOCOL, spoken_at=after(9), spoken_by=LINE, closed_at=after(9), closed_by=LINE)
    found = of(Begun(NOON, case, [told(DESK, 1, TellingEnd.NOT_NEEDED, 9)]))

    assert (found.findings, found.spoken) == ((Finding.GAVE_WAY,), None)


def test_a_drill_waits_an_hour_and_then_says_that_it_did_not_begin() -> None:
    hour = WITHIN.total_seconds()

    assert of(None, hour - 1).findings == ()
    assert of(None, hour).findings == (Finding.NOT_BEGUN,)


def test_staff_hear_that_it_is_a_drill_and_no_place_at_all() -> None:
    told = Disclosure(Cause.DRILL, None, None, NOON, on_line=False)
    once = ("staff/drill", "staff/first-drill")

    assert spoken(told) == ("staff/listener-line", *once, "staff/again", *once, "staff/press-1-2-3")


def test_every_finding_and_link_has_words() -> None:
    assert set(drills_wording.FINDINGS) == set(Finding)
    assert set(drills_wording.LINKS) == set(Link)
