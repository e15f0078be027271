"""Asterisk's configuration: what it may never do, what it always does, and that only changes are written."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from stat import S_IMODE

import pytest

from ivr.agi import BESIDE
from ivr.asterisk_config import MODULES, RELOADS, Exchange, Folders, PhoneLine, Ports, Tls, Trunk, texts, write
from ivr.asterisk_legs import WAITING_CONTEXT, WAITING_ENTRY, WAITS_ON
from ivr.own_line import BYE, OUTSIDE
from models.words import Language, PhoneId, PhoneKind

# What could keep, copy or count a call, whatever else it does.
KEEPS_CALLS = re.compile(
    r"record|monitor|voicemail|dictate|cdr|cel_|minivm|app_page|app_ices|chan_local_rec|res_http_media|"
    r"app_jack|app_test|func_periodic|app_externalivr|res_stasis|res_ari|app_audiosocket|res_hep|app_mp3|app_originate|"
    r"app_system|func_shell|func_curl|res_fax|res_calendar|res_config"
)
ONE = "the-ami-secret"
ANOTHER = "another-secret"
TO_THE_LINE, TO_SPEECH = "the-agi-secret", "the-speech-secret"
# Where whatever a phone dials goes through first.
ONCE = "Gosub(wl-once,s,1)"
BRIDGES = ("ConfBridge(", "Dial(", "Queue(")
ASSIGNMENT = re.compile(r"Set\((?P<name>[^=]+)=(?P<value>.*)\)")


@pytest.fixture
def exchange(tmp_path: Path) -> Exchange:
    return Exchange(
        folders=Folders(tmp_path / "etc", tmp_path / "run", Path("/modules"), Path("/data"), Path("/prompts")),
        ports=Ports(sip=5060, ami=25038, agi=24573, speech=24700, rtp_first=10000, rtp_last=10100),
        sip_host="192.0.2.1",
        ami_secret=ONE,
        agi_secret=TO_THE_LINE,
        speech_secret=TO_SPEECH,
        short_code="100",
        duty_code="101",
        language=Language("en"),
        phones=[
            PhoneLine(PhoneId("p-cell"), PhoneKind.CELL, "a-secret"),
            PhoneLine(PhoneId("p-listener"), PhoneKind.LISTENER, "b-secret"),
            PhoneLine(PhoneId("p-nurse"), PhoneKind.STAFF, "c-secret"),
        ],
        duty_phones=[PhoneId("p-nurse")],
        trunk=Trunk("116123", None, "trunk-secret"),
        listener_seconds=90,
        outside_seconds=30,
        duty_seconds=45,
    )


def sections(text: str) -> list[tuple[str, list[str]]]:
    """Each section with its lines, comments away."""
    found: list[tuple[str, list[str]]] = []
    for line in (line.partition(";")[0].strip() for line in text.splitlines()):
        if line.startswith("["):
            found.append((line, []))
        elif line and found:
            found[-1][1].append(line)
    return found


def extensions(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each extension of each context, with its applications in order."""
    for name, lines in sections(text):
        extension, steps = "", []
        for line in lines:
            begins = re.fullmatch(r"exten => ([^,]+),1,(.*)", line)
            goes_on = re.fullmatch(r"same => n(?:\([a-z]+\))?,(.*)", line)
            if begins:
                if steps:
                    yield extension, steps
                extension, steps = f"{name}{begins[1]}", [begins[2]]
            elif goes_on:
                steps.append(goes_on[1])
        if steps:
            yield extension, steps


def assigned_before(steps: list[str], place: int, name: str) -> str | None:
    """The last value that this variable was given on the way."""
    found = [
        match["value"] for step in steps[:place] if (match := ASSIGNMENT.fullmatch(step)) and match["name"] == name
    ]
    return found[-1] if found else None


# ---- nothing is kept


def test_no_module_that_could_keep_a_call_is_loaded(exchange: Exchange) -> None:
    loaded = re.findall(r"(?m)^load = (.*)\.so$", texts(exchange)["modules.conf"])

    assert sorted(loaded) == sorted(MODULES)
    assert not [module for module in loaded if KEEPS_CALLS.search(module)]


def test_modules_are_loaded_by_name_alone(exchange: Exchange) -> None:
    assert "autoload = no" in texts(exchange)["modules.conf"]


@pytest.mark.parametrize("file", ["cdr.conf", "cel.conf"])
def test_no_call_detail_is_kept(exchange: Exchange, file: str) -> None:
    assert sections(texts(exchange)[file]) == [("[general]", ["enable = no"])]


def test_no_conversation_is_recorded(exchange: Exchange) -> None:
    conference = texts(exchange)["confbridge.conf"]

    assert re.findall("record.*", conference) == ["record_conference = no"]


def test_the_dialplan_runs_nothing_that_keeps_a_call(exchange: Exchange) -> None:
    used = {step.partition("(")[0] for _, steps in extensions(texts(exchange)["extensions.conf"]) for step in steps}

    assert used == {
        "AGI", "Answer", "Background", "ConfBridge", "Dial", "ExecIf", "Gosub", "GosubIf", "Goto", "GotoIf", "Hangup",
        "Playback", "Queue", "Read", "Return", "Set", "Wait", "WaitExten",
    }  # fmt: skip


def test_the_log_keeps_trouble_alone(exchange: Exchange) -> None:
    assert "trouble.log => error,warning" in texts(exchange)["logger.conf"]
    assert not re.search(r"=>.*\b(verbose|debug|notice|dtmf|full)\b", texts(exchange)["logger.conf"])


# ---- phones


def test_every_phone_is_made_from_the_template_that_keeps_us_in_the_path(exchange: Exchange) -> None:
    pjsip = texts(exchange)["pjsip.conf"]
    template = dict(sections(pjsip))["[phone](!)"]
    phones = [name for name, lines in sections(pjsip) if any(line.startswith("context = ") for line in lines)]

    assert "direct_media = no" in template
    assert phones == ["[p-cell](phone)", "[p-listener](phone)", "[p-nurse](phone)", "[outside](phone)"]
    assert (
        sum(line.startswith(("direct_media", "type = endpoint")) for _, lines in sections(pjsip) for line in lines) == 2
    )


def test_each_kind_of_phone_has_its_own_context_and_each_phone_its_own_secret(exchange: Exchange) -> None:
    pjsip = dict(sections(texts(exchange)["pjsip.conf"]))
    contexts = {name: lines[0] for name, lines in pjsip.items() if lines and lines[0].startswith("context")}
    secrets = [lines[1] for name, lines in pjsip.items() if name.endswith("(phone-auth)")]

    assert contexts == {
        "[p-cell](phone)": "context = cells",
        "[p-listener](phone)": "context = listeners",
        "[p-nurse](phone)": "context = staff",
        "[outside](phone)": "context = outside",
    }
    assert len(set(secrets)) == len(secrets) == 4


def test_nothing_that_a_phone_sends_says_who_is_calling(exchange: Exchange) -> None:
    template = dict(sections(texts(exchange)["pjsip.conf"]))["[phone](!)"]

    assert {
        "callerid = Listener line <100>",
        "from_user = 100",
        "send_pai = no",
        "send_rpid = no",
        "send_connected_line = no",
        "trust_id_outbound = no",
    } <= set(template)


def test_a_trunk_with_a_contact_is_called_there_and_takes_no_registration(exchange: Exchange) -> None:
    trunk = replace(exchange, trunk=Trunk("116123", "sip:gate.example", "trunk-secret"))

    assert "contact = sip:gate.example" in texts(trunk)["pjsip.conf"]
    assert "trunk-secret" not in texts(trunk)["pjsip.conf"]
    assert "Dial(PJSIP/116123@outside," in texts(trunk)["extensions.conf"]


def test_behind_a_proxy_every_phone_is_rung_through_it(exchange: Exchange) -> None:
    behind = texts(replace(exchange, sip_proxy="10.0.0.1:5060"))["pjsip.conf"]

    assert texts(exchange)["pjsip.conf"].count("contact = sip:") == 0
    assert "qualify_2xx_only = yes" in behind
    for phone in exchange.phones:
        # The line's own phones are on the same machine, and register at the exchange itself.
        assert (f"contact = sip:{phone.id}@10.0.0.1:5060" in behind) is not phone.test


def test_behind_a_proxy_a_secure_phone_is_rung_over_tls_and_the_proxy_has_to_say_who_it_is(exchange: Exchange) -> None:
    tls = Tls(Path("/tls/line.pem"), Path("/tls/line.key"), Path("/tls/ca.pem"))
    alone = replace(exchange, phones=[replace(exchange.phones[0], secure=True)], tls=tls)
    behind = texts(replace(alone, sip_proxy="10.0.0.1:5060"))["pjsip.conf"]

    assert f"contact = sip:{exchange.phones[0].id}@10.0.0.1:5061;transport=tls\n" in behind
    assert "ca_list_file = /tls/ca.pem\nverify_server = yes\n" in behind
    # The address from which the proxy's own connection comes is nobody's: requests go to what it names.
    assert "rewrite_contact = no" in behind
    assert "rewrite_contact = yes" in texts(alone)["pjsip.conf"]


def test_a_phone_that_is_gone_is_noticed_in_a_call_and_one_that_was_forgotten_is_soon_back(exchange: Exchange) -> None:
    pjsip = dict(sections(texts(exchange)["pjsip.conf"]))

    # tests/stories/test_phones_gone.py and test_exchange_clock.py try them; what they take is minutes.
    assert {"timers = always", "timers_sess_expires = 90"} <= set(pjsip["[phone](!)"])
    assert "maximum_expiration = 120" in pjsip["[phone-aor](!)"]
    without = dict(sections(texts(replace(exchange, asked_in_calls=False))["pjsip.conf"]))
    assert {line for line in without["[phone](!)"] if line.startswith("timers")} == {"timers = no"}


def test_no_call_ends_because_somebody_is_silent(exchange: Exchange) -> None:
    phone = dict(sections(texts(exchange)["pjsip.conf"]))["[phone](!)"]

    assert {"rtp_timeout = 0", "rtp_timeout_hold = 0"} <= set(phone)


def test_a_cell_can_dial_the_short_code_and_what_is_kept_and_nothing_else(exchange: Exchange) -> None:
    contexts = dict(sections(texts(exchange)["extensions.conf"]))

    assert contexts["[cells]"] == [
        f"exten => 100,1,{ONCE}", "same => n,Goto(wl-call,s,1)",
        f"exten => 102,1,{ONCE}", "same => n,Goto(wl-kept,caller,1)",
    ]  # fmt: skip
    assert contexts["[outside]"] == ["exten => _X.,1,Hangup(1)"]


def test_staff_can_dial_their_own_line_and_what_is_kept_and_nothing_else(exchange: Exchange) -> None:
    def staff(one: Exchange) -> list[str]:
        return dict(sections(texts(one)["extensions.conf"]))["[staff]"]

    rest = [
        "same => n,Goto(wl-staff-line,s,1)",
        f"exten => 102,1,{ONCE}", "same => n,Goto(wl-kept,staff,1)", "exten => _X.,1,Hangup(1)",
    ]  # fmt: skip
    assert staff(exchange) == [f"exten => 300,1,{ONCE}", *rest]
    assert staff(replace(exchange, staff_code="900")) == [f"exten => 900,1,{ONCE}", *rest]


def test_staff_whose_line_is_dead_hear_so_from_the_exchange_alone(exchange: Exchange) -> None:
    known = dict(extensions(texts(exchange)["extensions.conf"]))

    assert 'GotoIf($["${WL_NEXT}" = ""]?T,1)' in known["[wl-staff-line]s"]
    assert known["[wl-staff-line]T"][1:] == ["Playback(/prompts/en/alone/staff-line)", "Hangup()"]


def test_without_the_line_a_key_that_means_nothing_does_not_end_the_call(exchange: Exchange) -> None:
    spoken = re.findall(r"Background\((.*)\)", texts(exchange)["extensions.conf"])

    assert spoken
    assert all(options.endswith(",m") for options in spoken)


@pytest.mark.parametrize(("context", "person"), [("cells", "caller"), ("listeners", "listener"), ("staff", "staff")])
def test_every_phone_can_ask_what_is_kept_and_no_line_is_needed_to_answer(
    exchange: Exchange, context: str, person: str
) -> None:
    other = texts(replace(exchange, kept_code="702"))["extensions.conf"]
    steps = dict(extensions(other))

    assert steps[f"[{context}]702"] == [ONCE, f"Goto(wl-kept,{person},1)"]
    assert steps[f"[wl-kept]{person}"] == ["Answer()", f"Playback(/prompts/en/kept/{person})", "Hangup()"]


def test_a_listener_has_a_line_of_their_own_and_a_place_to_wait(exchange: Exchange) -> None:
    other = replace(exchange, own_code="700", wait_code="701")

    def codes(own: str, wait: str) -> list[str]:
        return [
            f"exten => {own},1,{ONCE}", "same => n,Goto(wl-own,s,1)",
            f"exten => {wait},1,{ONCE}", "same => n,Set(WL_WAITS=1)", "same => n,Goto(wl-waits,s,1)",
        ]  # fmt: skip

    assert _listeners(exchange)[-5:] == codes("200", "201")
    assert _listeners(other)[-5:] == codes("700", "701")


def test_the_own_line_goes_on_to_places_that_exist(exchange: Exchange) -> None:
    known = dict(sections(texts(exchange)["extensions.conf"]))

    assert {f"[wl-own-{following}]" for following in (BYE, OUTSIDE)} <= set(known)


def test_the_outside_line_for_listeners_is_dialled_without_a_deadline(exchange: Exchange) -> None:
    steps = dict(extensions(texts(exchange)["extensions.conf"]))["[wl-own]s"]

    assert assigned_before(steps, steps.index("Goto(wl-own-${WL_NEXT},s,1)"), "TIMEOUT(absolute)") == "0"


def test_a_phone_that_waits_on_the_line_waits_without_end_and_without_music(exchange: Exchange) -> None:
    steps = dict(extensions(texts(exchange)["extensions.conf"]))["[wl-waits]s"]

    assert steps[-3:] == ["Wait(20)", "Playback(/prompts/silence)", "Goto(s,wait)"]


@pytest.mark.parametrize("context", ["wl-offer", "wl-cover"])
def test_what_rings_a_waiting_phone_is_heard_as_a_tone_and_leaves_nothing_behind(
    exchange: Exchange, context: str
) -> None:
    known = dict(extensions(texts(exchange)["extensions.conf"]))

    assert known[f"[{context}]{WAITING_ENTRY}"] == ["Playback(/prompts/tone)", "Goto(s,1)"]
    assert f"Goto({WAITS_ON},s,1)" in known[f"[{context}]s"]
    over = known[f"[{WAITS_ON}]s"]
    assert [over.index(f"Set({name}=)") for name in ("WL_OFFER", "WL_COVER", "WL_CALL")] == [1, 2, 3]
    assert over[0] == "Set(TIMEOUT(absolute)=0)"
    assert over[-2:] == [f'GotoIf($["${{WL_WAITS}}" = "1"]?{WAITING_CONTEXT},s,wait)', "Hangup()"]


def test_every_purpose_is_told_by_a_variable_that_asterisk_lists(exchange: Exchange) -> None:
    listed = re.findall(r"(?m)^channelvars = (.*)$", texts(exchange)["manager.conf"])[0].split(",")

    assert {"WL_CALL", "WL_OFFER", "WL_TELLING", "WL_COVER"} == set(listed)


def _listeners(exchange: Exchange) -> list[str]:
    return dict(sections(texts(exchange)["extensions.conf"]))["[listeners]"]


# ---- the ways in


def test_ami_listens_on_loopback_alone(exchange: Exchange) -> None:
    manager = dict(sections(texts(exchange)["manager.conf"]))

    assert "bindaddr = 127.0.0.1" in manager["[general]"]
    assert not any(line.startswith(("tls", "webenabled = yes")) for line in manager["[general]"])
    assert "deny = 0.0.0.0/0.0.0.0" in manager["[wingline]"]
    assert [line for line in manager["[wingline]"] if line.startswith("permit")] == [
        "permit = 127.0.0.1/255.255.255.255"
    ]


def test_ami_has_no_right_to_run_commands_or_to_change_files(exchange: Exchange) -> None:
    rights = re.findall(r"(?m)^(?:read|write) = (.*)$", texts(exchange)["manager.conf"])

    assert not {"command", "config", "all", "dialplan", "originate_all"} & {
        one for some in rights for one in some.split(",")
    }


def test_the_line_and_the_ears_are_reached_on_loopback_alone(exchange: Exchange) -> None:
    written = texts(exchange)

    assert "agi://127.0.0.1:24573" in written["extensions.conf"]
    assert "ws://127.0.0.1:24700/media" in written["websocket_client.conf"]
    assert not [name for name, text in written.items() if "0.0.0.0:" in text or "bindaddr = 0.0.0.0" in text]


def test_only_sip_and_rtp_are_the_sites_own(exchange: Exchange) -> None:
    written = texts(exchange)

    assert "bind = 192.0.2.1:5060" in written["pjsip.conf"]
    assert [name for name, text in written.items() if "192.0.2.1" in text] == ["pjsip.conf"]
    assert "rtpstart = 10000\nrtpend = 10100" in written["rtp.conf"]


# ---- phones with TLS and SRTP


def all_secure(exchange: Exchange) -> Exchange:
    phones = [replace(phone, secure=True) for phone in exchange.phones]
    tls = Tls(Path("/tls/line.pem"), Path("/tls/line.key"))
    return replace(exchange, phones=phones, trunk=replace(exchange.trunk, secure=True), tls=tls)


def protocols(exchange: Exchange) -> list[str]:
    return re.findall(r"(?m)^protocol = (.*)$", texts(exchange)["pjsip.conf"])


def test_where_every_phone_is_secure_nothing_listens_without_tls(exchange: Exchange) -> None:
    pjsip = texts(all_secure(exchange))["pjsip.conf"]

    assert protocols(all_secure(exchange)) == ["tls"]
    assert "bind = 192.0.2.1:5061\ncert_file = /tls/line.pem\npriv_key_file = /tls/line.key" in pjsip
    assert "method = tlsv1_2" in pjsip
    assert re.findall(r"\[p-[a-z]+\]\((?:secure-)?phone\)", pjsip) == [
        "[p-cell](secure-phone)", "[p-listener](secure-phone)", "[p-nurse](secure-phone)",
    ]  # fmt: skip
    assert pjsip.count("set_var = WL_SECURE=1") == 3


def test_a_secure_phone_has_no_call_without_srtp(exchange: Exchange) -> None:
    template = dict(sections(texts(all_secure(exchange))["pjsip.conf"]))["[secure-phone](!,phone)"]

    assert template == ["transport = tls", "media_encryption = sdes", "media_encryption_optimistic = no"]


def test_phones_of_both_sorts_are_answered_side_by_side(exchange: Exchange) -> None:
    one = replace(all_secure(exchange), phones=[replace(exchange.phones[0], secure=True), *exchange.phones[1:]])

    assert protocols(one) == ["udp", "tls"]
    assert one.plain_host == "192.0.2.1"


def test_phones_of_the_line_itself_stay_on_this_machine(exchange: Exchange) -> None:
    own = PhoneLine(PhoneId("p-own"), PhoneKind.CELL, "d-secret", test=True)
    secure = all_secure(exchange)

    assert replace(secure, phones=[*secure.phones, own]).plain_host == "127.0.0.1"
    assert replace(secure, trunk=Trunk("116123", "sip:gate.example", "trunk-secret")).plain_host == "192.0.2.1"


def test_without_a_secure_phone_there_is_no_tls(exchange: Exchange) -> None:
    assert protocols(exchange) == ["udp"]


def test_a_phone_that_must_have_tls_is_asked_for_it_whatever_it_dials(exchange: Exchange) -> None:
    known = dict(extensions(texts(exchange)["extensions.conf"]))
    asked = known["[wl-once]s"]
    dialled = [steps for name, steps in known.items() if name.startswith(("[cells]", "[listeners]", "[staff]"))]

    assert asked[0] == 'GotoIf($["${WL_SECURE}${CHANNEL(pjsip,secure)}" = "10"]?plain)'
    assert asked[-1] == "Hangup(21)"
    assert all(steps[0] in {ONCE, "Hangup(1)"} for steps in dialled)


def test_only_the_networks_of_the_phones_are_let_in(exchange: Exchange) -> None:
    one = dict(sections(texts(replace(exchange, networks=["10.20.0.0/16"]))["pjsip.conf"]))["[networks]"]

    assert one == [
        "type = acl", "deny = 0.0.0.0/0.0.0.0", "deny = ::/0", "permit = 127.0.0.1/255.255.255.255",
        "permit = 10.20.0.0/16",
    ]  # fmt: skip
    assert "[networks]" not in texts(exchange)["pjsip.conf"]


def test_sound_is_taken_from_where_it_first_came_alone(exchange: Exchange) -> None:
    assert "strictrtp = yes" in texts(exchange)["rtp.conf"]


# ---- the line and speech are opened by secrets


def test_each_session_and_each_socket_shows_its_secret(exchange: Exchange) -> None:
    written = texts(exchange)
    sessions = re.findall(r"AGI\((.*)\)", written["extensions.conf"])

    assert all(re.fullmatch(r"\$\{WL_AGI\}/[a-z-]+,\$\{WL_TOKEN\}", one) for one in sessions)
    assert len(sessions) == 11
    assert f"WL_TOKEN = {TO_THE_LINE}\n" in written["extensions.conf"]
    assert f"password = {TO_SPEECH}\n" in written["websocket_client.conf"]
    assert not [name for name, text in written.items() if TO_THE_LINE in text and name != "extensions.conf"]


# ---- the dialplan goes on without the line


def test_every_question_to_the_line_has_a_deadline_that_ends_it(exchange: Exchange) -> None:
    """But where 0 in a call to the outside helpline comes in: it would end that call (decision 0004)."""
    asked = []
    for extension, steps in extensions(texts(exchange)["extensions.conf"]):
        for place, step in enumerate(steps):
            if step.startswith("AGI("):
                asked.append(extension)
                beside = extension == f"[{BESIDE}]s"
                deadline = None if beside else "${DEADLINE}"
                assert assigned_before(steps, place, "AGIEXITONHANGUP") == (None if beside else "yes"), extension
                assert assigned_before(steps, place, "TIMEOUT(absolute)") == deadline, extension

    assert len(asked) == 11


def test_0_in_a_call_of_the_dialplans_own_is_where_no_deadline_ends_that_call(exchange: Exchange) -> None:
    assert f"Gosub({BESIDE},s,1)" in texts(exchange)["features.conf"]


def test_a_dialplan_that_ends_by_itself_leaves_no_failed_call_behind(exchange: Exchange) -> None:
    """Asterisk plays ten seconds of tone for one (pbx.c, autofallthrough), also for one long before."""
    ended_by = ("Goto(", "Hangup(", "Return(", "AGI(")
    for extension, steps in extensions(texts(exchange)["extensions.conf"]):
        assert steps[-1].startswith(ended_by) or steps[-1] == "Set(DIALSTATUS=)", extension


def test_whoever_is_asked_and_may_have_a_human_being_next_has_no_deadline_any_more(exchange: Exchange) -> None:
    for extension, steps in extensions(texts(exchange)["extensions.conf"]):
        for place, step in enumerate(steps):
            if step.startswith(BRIDGES):
                assert assigned_before(steps, place, "TIMEOUT(absolute)") in {"0", None}, extension


def test_staff_without_the_line_are_called_without_a_deadline(exchange: Exchange) -> None:
    known = dict(extensions(texts(exchange)["extensions.conf"]))
    for extension, steps in known.items():
        for place, step in enumerate(steps):
            if "wl-staff-alone,s,1" in step and extension != f"[{BESIDE}]s":
                assert assigned_before(steps, place, "TIMEOUT(absolute)") == "0", extension


@pytest.mark.parametrize("context", ["wl-talk", "wl-alone", "wl-offer"])
def test_a_context_that_can_be_entered_with_a_deadline_takes_it_away_before_it_bridges(
    exchange: Exchange, context: str
) -> None:
    steps = dict(extensions(texts(exchange)["extensions.conf"]))[f"[{context}]s"]
    bridge = next(place for place, step in enumerate(steps) if step.startswith(BRIDGES))

    assert assigned_before(steps, bridge, "TIMEOUT(absolute)") == "0"


def test_what_the_line_decided_is_done_without_a_deadline(exchange: Exchange) -> None:
    """wl-outside and wl-duty are entered in this way only."""
    steps = dict(extensions(texts(exchange)["extensions.conf"]))["[wl-call]s"]

    assert assigned_before(steps, steps.index("Goto(wl-${WL_NEXT},s,1)"), "TIMEOUT(absolute)") == "0"


@pytest.mark.parametrize(
    "context", ["wl-call", "wl-offer", "wl-staff-key", "wl-staff-now", "wl-cover", "wl-own", "wl-staff-line"]
)
def test_a_deadline_that_passes_leads_somewhere(exchange: Exchange, context: str) -> None:
    assert f"[{context}]T" in dict(extensions(texts(exchange)["extensions.conf"]))


def test_every_place_that_the_dialplan_goes_to_exists(exchange: Exchange) -> None:
    text = texts(exchange)["extensions.conf"]
    known = {name for name, _ in sections(text)}
    wanted = {f"[{context}]" for context in re.findall(r"(?:Goto|Gosub|U)(?:If)?\((?:[^()]*\?)?(wl-[a-z-]+)[,)]", text)}

    assert wanted
    assert wanted <= known


def test_every_file_that_changes_with_a_site_can_be_read_again(exchange: Exchange) -> None:
    more = replace(
        exchange,
        phones=[*exchange.phones, PhoneLine(PhoneId("p-new"), PhoneKind.CELL, "d-secret")],
        short_code="555",
        listener_seconds=60,
    )
    changed = {name for name, text in texts(more).items() if text != texts(exchange)[name]}

    assert changed == {"pjsip.conf", "extensions.conf"}
    assert changed <= set(RELOADS)
    assert set(RELOADS) <= set(texts(exchange))


# ---- writing


def test_what_is_written_can_be_read_by_us_alone(exchange: Exchange) -> None:
    write(exchange)

    files = list(exchange.folders.etc.iterdir())
    assert {S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert S_IMODE(exchange.folders.etc.stat().st_mode) == 0o700


def test_a_file_that_was_open_to_others_is_closed_when_it_is_written_again(exchange: Exchange) -> None:
    write(exchange)
    manager = exchange.folders.etc / "manager.conf"
    manager.chmod(0o644)

    write(replace(exchange, ami_secret=ANOTHER))

    assert S_IMODE(manager.stat().st_mode) == 0o600


def test_everything_is_written_at_first_and_nothing_the_second_time(exchange: Exchange) -> None:
    assert set(write(exchange)) == set(texts(exchange))
    written = {file: file.stat().st_mtime_ns for file in exchange.folders.etc.iterdir()}

    assert write(exchange) == ()
    assert {file: file.stat().st_mtime_ns for file in exchange.folders.etc.iterdir()} == written


def test_only_what_changed_is_written_again(exchange: Exchange) -> None:
    write(exchange)

    assert write(replace(exchange, ami_secret=ANOTHER)) == ("manager.conf",)
    assert ANOTHER in (exchange.folders.etc / "manager.conf").read_text()
