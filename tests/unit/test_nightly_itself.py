"""What a call of the line to itself uses instead of the prison's own, and whom it can never reach."""

import re

import pytest

from escalation.triage import DangerNow, Escalate, Flagged, Kept, triage
from ivr.asterisk_config import TEMPLATES
from models.dangers import Danger
from models.words import Cause, Post, SiteId
from tests.fakes.line import with_exception_rule
from wingline.nightly_site import beside, profile_for_itself
from wingline.site import SitePart

OWN = profile_for_itself(with_exception_rule(Danger.SUICIDE_INTENT))


@pytest.mark.parametrize("context", ["wl-alone", "wl-outside", "wl-duty"])
def test_its_channel_ends_where_others_go_on_to_human_beings(context: str) -> None:
    dialplan = (TEMPLATES / "extensions.conf").read_text()
    steps = dialplan.split(f"[{context}]\n")[1].split("\n[")[0].splitlines()
    rings = [
        place for place, step in enumerate(steps) if re.search(r"Dial\(|Queue\(|Goto\(wl-staff|Background\(", step)
    ]
    ends = [place for place, step in enumerate(steps) if 'GotoIf($["${WL_TEST}" = "1"]?wl-bye,s,1)' in step]

    assert len(ends) == 1
    assert ends[0] < min(rings)


@pytest.mark.parametrize("cause", list(Cause))
def test_whatever_it_raises_rings_its_own_post_and_opens_no_place(cause: Cause) -> None:
    protocol = OWN.protocol_for(cause)

    assert [step.posts for step in protocol.steps] == [(Post.TECHNICIAN,)]
    assert (protocol.tells, protocol.decided_by, protocol.acknowledge) == (frozenset(), None, ())


def test_the_machine_alone_tells_nobody_in_it_and_the_listener_s_key_does() -> None:
    assert triage(OWN, Flagged(Danger.SUICIDE_INTENT)) is Kept.MACHINE_ALONE
    assert isinstance(triage(OWN, DangerNow()), Escalate)


def test_no_site_file_can_name_the_site_beside_a_site() -> None:
    pattern = next(one.pattern for one in SitePart.model_fields["id"].metadata if hasattr(one, "pattern"))

    assert re.fullmatch(pattern, "a-prison")
    assert not re.fullmatch(pattern, beside(SiteId("a-prison")))
