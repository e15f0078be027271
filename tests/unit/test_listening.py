"""The line obeys the switch; anybody at the command line can turn it off, and nobody on."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from console.ports import HearingNow
from ivr.ears import SpeechEars
from ivr.listening_switch import From, Hand, WhyOff, WhyOn, turn_off, turn_on
from models.clock import now
from models.words import Hearing
from speech.door import Door
from tests.fakes.line import FakeLine, a_database
from wingline import listening_cli, site_cli
from wingline.cli import app
from wingline.listening import Listening, mode_of
from wingline.site import read_site

EXAMPLE = Path(__file__).parents[2] / "docs/site-example.toml"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("WINGLINE_DATA", str(tmp_path / "site"))
    monkeypatch.setenv("WINGLINE_LOG_LEVEL", "ERROR")
    assert CliRunner().invoke(site_cli.app, ["apply", str(EXAMPLE)]).exit_code == 0
    return CliRunner()


def listening(typed: CliRunner, *words: str) -> Result:
    return typed.invoke(app, ["listening", *words])


@pytest.mark.anyio
async def test_a_call_that_begins_while_it_is_off_is_told_of_no_machine(tmp_path: Path) -> None:
    line = FakeLine(a_database(tmp_path))
    database, site, rules = line.database, line.ports.site, line.ports.rules()
    assert rules.hearing is Hearing.ASK
    ears = SpeechEars(Door(0, "s"))
    here = Listening(database, site, ears)
    await here.look()
    assert here.rules(rules) == rules

    database.do(lambda session: turn_off(session, site, From.SCHEME, WhyOff.MISUSED, Hand("okoro", now())))
    await here.look()
    assert here.rules(rules).hearing is Hearing.OFF
    said = here.now()
    assert (said.listening, said.off and said.off.why) == (False, WhyOff.MISUSED)

    database.do(lambda session: turn_on(session, site, WhyOn.PUT_RIGHT, Hand("okoro", now())))
    await here.look()
    assert here.rules(rules) == rules
    assert here.now() == HearingNow(listening=False, since=ears.since)
    await line.stop()


@pytest.mark.slow
def test_at_the_command_line_it_is_turned_off_and_shown_and_not_turned_on(typed: CliRunner) -> None:
    assert json.loads(listening(typed, "show", "--json").stdout) == {"off_since": None, "off_by": None, "why": None}
    assert "as the profile says" in listening(typed, "show").stdout

    done = listening(typed, "off", "--why", "fault")
    assert (done.exit_code, "Only the scheme's partner turns it on again" in done.stdout) == (0, True)
    shown = json.loads(listening(typed, "show", "--json").stdout)
    assert (shown["off_by"], shown["why"]) == ("command_line", "fault")
    assert "at the command line of the line: There is a fault" in listening(typed, "show").stdout

    again = listening(typed, "off", "--why", "complaint")
    assert again.exit_code == 1
    assert json.loads(listening(typed, "show", "--json").stdout)["why"] == "fault"
    assert listening(typed, "on").exit_code != 0
    assert [command.callback.__name__ for command in listening_cli.app.registered_commands if command.callback] == [
        "show",
        "off",
    ]


@pytest.mark.anyio
async def test_the_nightly_call_expects_nobody_to_listen_while_it_is_off(tmp_path: Path) -> None:
    line = FakeLine(a_database(tmp_path))
    example = read_site(EXAMPLE)
    site = example.model_copy(update={"site": example.site.model_copy(update={"id": line.ports.site})})

    def mode() -> Hearing:
        return line.database.do(lambda session: mode_of(session, site, site.profile(), now()))

    assert mode() is Hearing.ASK
    hand = Hand("okoro", now())
    line.database.do(lambda session: turn_off(session, site.id, From.SCHEME, WhyOff.COMPLAINT, hand))
    assert mode() is Hearing.OFF
    await line.stop()
