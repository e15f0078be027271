"""Profiles tried out: who is told what and when, by the real engine on a clock that the scenario moves."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from escalation.profile_file import load
from wingline.protocol.cli import app
from wingline.protocol.scenario import BadScenario, Scenario, read_scenario
from wingline.protocol.simulation import simulate

DOCS = Path(__file__).parents[2] / "docs"
CHOICES = {
    "attempt_in_progress_refusing": "respect",
    "threat_to_another": "off",
    "who_confirms": "listener",
    "hearing": {"mode": "ask"},
}


def played(*events: dict[str, Any], choices: dict[str, Any] | None = None, **given: Any) -> dict[str, Any]:
    profile = load("uk-listener-adult", {**CHOICES, **(choices or {})})
    return simulate(profile, Scenario.model_validate({"events": events, **given}))


def rings(found: dict[str, Any]) -> list[tuple[float, str]]:
    return [(one["at"], one["post"]) for one in found["timeline"] if one["what"] == "rings"]


def test_nobody_answers_and_it_goes_on_until_the_simulation_ends() -> None:
    found = played({"at": 0, "does": "caller_asked"}, until=400)

    assert rings(found)[:4] == [(0, "control_room"), (0, "healthcare"), (60, "orderly_officer"), (60, "control_room")]
    assert max(at for at, _ in rings(found)) > 300
    (escalation,) = found["escalations"]
    assert (escalation["open"], escalation["acknowledged_at"]) == (True, None)


def test_a_refusal_that_is_respected_stays_in_the_call() -> None:
    found = played({"at": 3, "does": "refuses"})

    assert found["escalations"] == []
    assert found["told"] == {}
    assert [(one["what"], one["why"]) for one in found["timeline"]] == [("stays in the call", "caller_refuses")]


def test_the_machine_alone_tells_nobody() -> None:
    assert played({"at": 3, "does": "flagged", "danger": "attempt"})["told"] == {}


def test_until_the_samaritan_has_decided_nobody_is_told_a_place() -> None:
    leader = {"post": "scheme_leader", "answers": [{"after": 40, "key": "1"}]}
    found = played({"at": 0, "does": "person_at_risk"}, phones=[leader, {"post": "safeguarding"}], until=50)

    assert found["told"]["scheme_leader"]["facts"] == ["kind"]
    assert found["told"]["safeguarding"] == {"first": 40, "rings": 1, "facts": ["kind", "location"]}
    opened = next(one["at"] for one in found["audit"] if one["what"] == "location opened")
    assert opened == 40


def test_a_line_that_dies_tells_the_same_step_again_when_it_is_back() -> None:
    found = played(
        {"at": 0, "does": "caller_asked"},
        {"at": 20, "does": "line_dies"},
        {"at": 25, "does": "spoken"},
        {"at": 30, "does": "line_back"},
        until=40,
    )

    assert rings(found) == [(0, "control_room"), (0, "healthcare"), (30, "control_room"), (30, "healthcare")]
    assert {"at": 25, "what": "not possible", "does": "spoken", "why": "the line is down"} in found["timeline"]


def test_a_drill_and_contacts() -> None:
    pager = {"name": "pager", "post": "healthcare", "way": "webhook", "tells_location": True}
    found = played({"at": 0, "does": "drill"}, {"at": 9, "does": "acknowledge"}, contacts=[pager], until=10)

    assert found["escalations"][0]["cause"] == "drill"
    assert [(one["at"], one["news"]) for one in found["messages"]] == [(0, "told"), (9, "acknowledged")]


@pytest.mark.parametrize("scenario", sorted((DOCS / "scenarios").glob("*.toml")), ids=lambda file: file.stem)
def test_the_scenarios_of_the_handbook_can_be_played(scenario: Path) -> None:
    result = CliRunner().invoke(app, ["simulate", "uk-listener-adult", "--scenario", str(scenario), "--json"])

    assert result.exit_code == 0
    # Without the command line's own set-up, logs come first.
    found = json.loads(result.output[result.output.index("\n{\n") :])
    assert set(found) == {"profile", "timeline", "told", "messages", "escalations", "audit"}
    assert len(found["timeline"]) > 3


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[[events]]\nat = 0\ndoes = 'discipline'", "events.0.does"),
        ("[[events]]\nat = 0\ndoes = 'flagged'", "flagged needs danger"),
        ("[[events]]\nat = 0\ndoes = 'unreachable'\nphone = 'moon'", "no phone called moon"),
        ("[[events]]\nat = 0\ndoes = 'drill'\ncall = 'two'", r"no \[callers.two\]"),
        ("events = [", "neither TOML nor JSON"),
        ("until = 5", "events: Field required"),
    ],
)
def test_a_wrong_scenario_is_refused_in_words(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(text)

    with pytest.raises(BadScenario, match=complaint):
        read_scenario(file)


def test_a_scenario_may_be_json(tmp_path: Path) -> None:
    file = tmp_path / "right.json"
    file.write_text(json.dumps({"events": [{"at": 0, "does": "drill"}]}))

    assert read_scenario(file).events[0].does == "drill"


def test_check_asks_for_what_has_not_been_chosen() -> None:
    result = CliRunner().invoke(app, ["check", "uk-listener-adult", "--json"])

    found = json.loads(result.output)
    assert (result.exit_code, found["right"], found["complaints"]) == (0, True, [])
    assert [one.split(" = ")[0] for one in found["choices"]] == [*list(CHOICES)[:3], "hearing"]


def test_check_says_all_that_is_wrong_at_once(tmp_path: Path) -> None:
    text = (DOCS.parent / "profiles/uk-listener-adult.toml").read_text()
    text = text.replace("after_seconds = 0", "after_seconds = 5").replace('protocol = "visit"', 'protocol = "later"')
    file = tmp_path / "wrong.toml"
    file.write_text(text)

    result = CliRunner().invoke(app, ["check", str(file), "--json"])

    complaints = "\n".join(json.loads(result.output)["complaints"])
    assert result.exit_code == 1
    assert "ring_stages must start after 0" in complaints
    assert "there is no [protocols.later]" in complaints
    assert "protocols.visit: no disclosure starts it" in complaints


def test_check_with_a_site_names_posts_that_nobody_can_ring() -> None:
    result = CliRunner().invoke(
        app, ["check", "uk-listener-adult", "--site", str(DOCS / "site-example.toml"), "--json"]
    )

    found = json.loads(result.output)
    assert found["choices"] == []
    assert any("technician has no phone at this site" in one for one in found["warnings"])
