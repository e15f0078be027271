"""What the doctor makes of what it sees."""

import re
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from builders import NOON

from ivr.asterisk_config import MODULES
from ivr.prompts.sound import Samples
from ivr.prompts.texts import LanguageTexts
from ivr.prompts.wav import write_wav
from models.words import Language, PhoneId
from rota.on_duty import Gap
from wingline.children import LONGEST_PAUSE, pause_after
from wingline.directory_part import DirectoryPart
from wingline.doctor.asterisk import (
    FORBIDDEN,
    USED,
    judged_modules,
    judged_rights,
    listener_phones,
    queue,
    staff_phones,
)
from wingline.doctor.finding import Grade, anything_failed, ok
from wingline.doctor.machine import judged_disk, no_sound_kept, prompts
from wingline.doctor.production import Installation, missing_for_production
from wingline.doctor.records import judged_rota
from wingline.doctor.self_call import judged_call
from wingline.leftovers import is_ours
from wingline.settings import Settings
from wingline.site import read_site

SOURCE = Path(__file__).parents[2]
ZONE = ZoneInfo("Europe/London")
ALLOWED = frozenset(name.lower() for name in USED)
PHONES = {"control_room": PhoneId("p1"), "healthcare": PhoneId("p2")}


# Asterisk


def test_the_actions_that_are_checked_are_those_that_the_source_uses() -> None:
    used: set[str] = set()
    for path in (*SOURCE.glob("ivr/*.py"), *SOURCE.glob("wingline/**/*.py")):
        used |= set(re.findall(r"""(?:\.act|list_of|Action|compose)\(\s*"(\w+)""", path.read_text()))

    assert used - {"Login"} - FORBIDDEN == USED


def test_a_missing_right_is_named() -> None:
    found = judged_rights(ALLOWED - {"originate"})

    assert found.grade is Grade.FAILED
    assert "Originate" in found.says


def test_a_right_too_many_is_named() -> None:
    assert judged_rights(ALLOWED | {"command"}).grade is Grade.FAILED
    assert judged_rights(ALLOWED).grade is Grade.OK


@pytest.mark.parametrize("module", ["app_mixmonitor", "app_voicemail_imap", "cdr_csv", "cel_custom", "app_record"])
def test_a_module_that_can_keep_a_call_fails(module: str) -> None:
    assert judged_modules([*MODULES, module]).grade is Grade.FAILED


def test_our_own_modules_keep_nothing_and_a_stranger_is_looked_at() -> None:
    assert judged_modules(MODULES).grade is Grade.OK
    assert judged_modules([*MODULES, "app_morsecode"]).grade is Grade.WARNING


def test_a_staff_phone_that_is_away_fails() -> None:
    assert staff_phones(PHONES, frozenset()).grade is Grade.OK
    assert "healthcare" in staff_phones(PHONES, frozenset({PhoneId("p2")})).says


@pytest.mark.parametrize(
    ("away", "grade"),
    [((), Grade.OK), (("p1",), Grade.WARNING), (("p1", "p2"), Grade.FAILED)],
)
def test_one_listener_s_phone_away_is_looked_at_and_all_of_them_fail(away: tuple[str, ...], grade: Grade) -> None:
    assert listener_phones(PHONES, frozenset(map(PhoneId, away))).grade is grade


def test_each_way_of_the_sound_is_a_finding_of_its_own() -> None:
    found = judged_call(caller=True, listener=False, whisper=True)

    assert [one.grade for one in found] == [Grade.OK, Grade.FAILED, Grade.OK]
    assert anything_failed(found)


# The machine


@pytest.mark.parametrize(("free", "grade"), [(199, Grade.FAILED), (999, Grade.WARNING), (1000, Grade.OK)])
def test_the_disk_has_room(free: int, grade: Grade) -> None:
    assert judged_disk(free).grade is grade


@pytest.mark.parametrize(
    ("present", "line_up", "grade"),
    [
        ({"Local/p1@wl-alone-listener/n"}, True, Grade.OK),
        ({"Local/p1@wl-alone-listener/n", "Local/p2@wl-alone-listener/n"}, True, Grade.FAILED),
        (set(), True, Grade.FAILED),
        (set(), False, Grade.WARNING),
    ],
)
def test_the_queue_must_hold_whom_the_rota_has_now(present: set[str], grade: Grade, *, line_up: bool) -> None:
    finding = queue(frozenset({PhoneId("p1")}), frozenset(present), line_up=line_up)

    assert finding.grade is grade


def test_sound_anywhere_but_among_the_site_s_recordings_fails(tmp_path: Path) -> None:
    own = tmp_path / "recordings/en"
    own.mkdir(parents=True)
    (own / "grounding.wav").touch()
    assert no_sound_kept(tmp_path, [tmp_path / "recordings"]).grade is Grade.OK

    kept = tmp_path / "asterisk/run/spool/monitor"
    kept.mkdir(parents=True)
    (kept / "call.WAV").touch()
    assert no_sound_kept(tmp_path, [tmp_path / "recordings"]).grade is Grade.FAILED


def _loud() -> Samples:
    return np.asarray(0.3 * np.sin(np.arange(4000)))


def a_language(*names: str) -> LanguageTexts:
    return LanguageTexts(
        Language("en"), "English", checked=True, heard=True, prompts=dict.fromkeys(names, "words"), voices={}
    )


def test_a_prompt_that_is_not_there_or_silent_fails(tmp_path: Path) -> None:
    write_wav(tmp_path / "en/quiet.wav", 0.0 * _loud())
    write_wav(tmp_path / "en/loud.wav", _loud())

    assert prompts(tmp_path, a_language("loud")).grade is Grade.OK
    assert "quiet" in prompts(tmp_path, a_language("loud", "quiet")).says
    assert "gone" in prompts(tmp_path, a_language("gone")).says


# The rota


def a_gap(fewest: int) -> Gap:
    return Gap(starts_at=NOON, ends_at=NOON + timedelta(hours=2), fewest=fewest)


def test_an_hour_with_nobody_fails_in_local_time() -> None:
    found = judged_rota([a_gap(1), a_gap(0)], ZONE)

    assert found.grade is Grade.FAILED
    assert "Tue 12:00 to Tue 14:00" in found.says


def test_an_hour_with_one_listener_is_looked_at() -> None:
    assert judged_rota([a_gap(1)], ZONE).grade is Grade.WARNING
    assert judged_rota([], ZONE).grade is Grade.OK


# Production


def test_a_fresh_example_lacks_everything(tmp_path: Path) -> None:
    site = read_site(SOURCE / "docs/site-example.toml")
    languages = [
        a_language(),
        LanguageTexts(Language("cy"), "Cymraeg", checked=False, heard=False, prompts={}, voices={}),
    ]
    facts = Installation(settings=Settings(data=tmp_path), site=site, accounts=0, languages=languages)

    missing = [one.name for one in missing_for_production(facts)]

    network = ["phones", "phones' network", "phones' addresses", "trunk"]
    assert missing == ["choices", "accounts", "complaints", "words cy", "voices", *network, "console"]


def test_a_console_on_the_network_without_tls_is_named(tmp_path: Path) -> None:
    site = read_site(SOURCE / "docs/site-example.toml")
    settings = Settings(data=tmp_path, console_host="10.0.0.5")

    found = missing_for_production(Installation(settings=settings, site=site, accounts=1, languages=[]))

    assert "passwords go over the network" in found[-1].says


def test_an_installation_where_a_password_is_enough_is_named(tmp_path: Path) -> None:
    site = read_site(SOURCE / "docs/site-example.toml")
    settings = Settings(data=tmp_path, second_factor=False)

    found = missing_for_production(Installation(settings=settings, site=site, accounts=1, languages=[]))

    (one,) = [finding for finding in found if finding.name == "second factor"]
    assert "whoever has a password is in" in one.says


def test_a_directory_that_cannot_send_anybody_back_is_named(tmp_path: Path) -> None:
    oidc = DirectoryPart(issuer="https://login.example", client="wingline", secret="directory")  # noqa: S106 - a name
    site = read_site(SOURCE / "docs/site-example.toml").model_copy(update={"oidc": oidc})

    for address, names in (("", 1), ("https://wingline.example", 0)):
        settings = Settings(data=tmp_path, console_address=address)
        found = missing_for_production(Installation(settings=settings, site=site, accounts=1, languages=[]))
        assert [finding.name for finding in found].count("directory") == names


# Supervision


def test_a_program_that_dies_at_once_is_started_less_and_less_often() -> None:
    pauses = [0.0]
    for _ in range(9):
        pauses.append(pause_after(0.1, pauses[-1]))

    assert pauses[1:4] == [0.3, 0.6, 1.2]
    assert pauses[-1] == LONGEST_PAUSE
    assert pause_after(60.0, LONGEST_PAUSE) == 0.3


@pytest.mark.parametrize(
    ("arguments", "environment", "ours"),
    [
        (["asterisk", "-C", "/data/asterisk/etc/asterisk.conf", "-f"], [], True),
        (["asterisk", "-C", "/other/asterisk/etc/asterisk.conf", "-f"], [], False),
        (["python", "-m", "speech", "--port", "24700", "--secrets", "/data/secrets.toml"], [], True),
        # Another prison's on the same machine, in a network of its own, has the same port.
        (["python", "-m", "speech", "--port", "24700", "--secrets", "/other/secrets.toml"], [], False),
        (["python", "-m", "wingline.line"], ["WINGLINE_DATA=/data"], True),
        (["python", "-m", "wingline.line"], ["WINGLINE_DATA=/other"], False),
        (["bash"], ["WINGLINE_DATA=/data"], False),
        ([], [], False),
    ],
)
def test_only_what_names_this_installation_is_ours_to_end(
    arguments: list[str], environment: list[str], *, ours: bool
) -> None:
    assert is_ours(arguments, environment, Settings(data=Path("/data"))) is ours


def test_nothing_failed_when_all_is_well() -> None:
    assert not anything_failed([ok("disk", "roomy")])
