"""Asterisk's configuration, made from the site: what to write, and what to reload when it has changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from models.words import Language, PhoneId, PhoneKind
from speech.door import USER as SPEECH_USER

TEMPLATES = Path(__file__).parent / "asterisk"
LOOPBACK = "127.0.0.1"
# Of a proxy, which has both; SIP's own.
SIPS_PORT = 5061
# Who dials again within this waits for as long, while it rings.
AGAIN_SECONDS = 2
CONTEXTS = {PhoneKind.CELL: "cells", PhoneKind.LISTENER: "listeners", PhoneKind.STAFF: "staff"}

# The whole of Asterisk that runs here. No recorder, monitor, voicemail, dictation or call detail among them.
MODULES = (
    "res_timing_timerfd", "res_sorcery_config", "res_sorcery_memory", "res_sorcery_astdb", "res_pjproject",
    "res_pjsip", "res_pjsip_session", "res_pjsip_pubsub", "res_pjsip_registrar", "res_pjsip_authenticator_digest",
    "res_pjsip_outbound_authenticator_digest", "res_pjsip_endpoint_identifier_user",
    "res_pjsip_endpoint_identifier_ip", "res_pjsip_sdp_rtp", "res_pjsip_caller_id", "res_pjsip_nat",
    "res_pjsip_rfc3326", "res_pjsip_dtmf_info", "res_pjsip_acl", "chan_pjsip", "res_rtp_asterisk", "res_srtp",
    "codec_ulaw", "codec_alaw", "codec_g722", "codec_resample", "format_wav", "format_pcm", "format_sln",
    "bridge_simple", "bridge_softmix", "bridge_builtin_features", "bridge_holding",
    "app_dial", "app_playback", "app_read", "app_queue", "app_confbridge", "app_chanspy", "app_stack", "app_exec",
    "app_softhangup",
    "res_speech", "res_agi", "res_manager_devicestate", "res_http_websocket", "res_websocket_client", "chan_websocket",
    "func_timeout", "func_channel", "func_callerid", "func_logic", "func_strings", "func_global",
    "func_groupcount", "pbx_config",
)  # fmt: skip

# What the line reads; Asterisk sends nothing else.
EVENTS = (
    "FullyBooted", "Hangup", "ConfbridgeJoin", "ConfbridgeLeave", "DTMFEnd", "OriginateResponse", "DeviceStateChange",
    "ContactStatus", "QueueCallerJoin", "ChanSpyStop",
    # replies to lists
    "CoreShowChannel", "CoreShowChannelsComplete", "DeviceStateListComplete", "QueueMember", "QueueStatusComplete",
    "QueueParams", "QueueEntry",
)  # fmt: skip

# Which module reads which file again; a file that is not named here needs a restart of Asterisk.
RELOADS = {
    "pjsip.conf": "res_pjsip.so",
    "extensions.conf": "pbx_config.so",
    "queues.conf": "app_queue.so",
    "confbridge.conf": "app_confbridge.so",
    "manager.conf": "manager",
    "features.conf": "features",
    "logger.conf": "logger",
    "websocket_client.conf": "res_websocket_client.so",
}


@dataclass(frozen=True, slots=True)
class Ports:
    """Where everything listens, on loopback except the SIP and RTP ports of a site's phones."""

    sip: int
    ami: int
    agi: int
    speech: int
    rtp_first: int
    rtp_last: int
    sip_tls: int = 5061


# When a phone that lost its power in a call is missed: asked every 45 s, 16 s for answer and goodbye each (pjsip.conf).
MISSED_WITHIN_SECONDS = 45 + 16 + 16


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """One endpoint: its random id is its name and user, its kind says what it may dial."""

    id: PhoneId
    kind: PhoneKind
    secret: str
    # Only calls itself (WL_TEST): it must reach no human being.
    test: bool = False
    # SIP over TLS and SRTP, or no call.
    secure: bool = False


@dataclass(frozen=True, slots=True)
class Trunk:
    """The way to the outside helpline: a SIP contact, or a phone that registers as "outside" with this secret."""

    number: str
    contact: str | None
    secret: str
    secure: bool = False

    @property
    def dial(self) -> str:
        return f"PJSIP/{self.number}@outside" if self.contact else "PJSIP/outside"


@dataclass(frozen=True, slots=True)
class Tls:
    """The certificate that secure phones see, and its key; ``authority``: whose certificate a proxy has to show."""

    certificate: Path
    key: Path
    authority: Path | None = None


@dataclass(frozen=True, slots=True)
class Folders:
    etc: Path
    run: Path
    modules: Path
    data: Path
    prompts: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """All that the configuration is made from."""

    folders: Folders
    ports: Ports
    sip_host: str
    ami_secret: str
    # Without it no program on this machine speaks to the line as Asterisk does.
    agi_secret: str
    speech_secret: str
    short_code: str
    duty_code: str
    language: Language
    phones: Sequence[PhoneLine]
    duty_phones: Sequence[PhoneId]
    trunk: Trunk
    listener_seconds: int
    outside_seconds: int
    duty_seconds: int
    own_code: str = "200"
    wait_code: str = "201"
    staff_code: str = "300"
    kept_code: str = "102"
    deadline_seconds: int = 4
    # Wanted as soon as one phone is secure.
    tls: Tls | None = None
    # Where phones and trunk are; empty means anywhere.
    networks: Sequence[str] = ()
    # Whether Asterisk asks phones in a call if they are still there.
    asked_in_calls: bool = True
    # Phones register there, and are rung through it: a proxy before several exchanges (deploy/cluster).
    sip_proxy: str = ""

    @property
    def secure_proxy(self) -> str:
        return f"{self.sip_proxy.partition(':')[0]}:{SIPS_PORT};transport=tls"

    @property
    def plain_host(self) -> str:
        """Where SIP over UDP is answered: nowhere when nobody needs it, on loopback for the line's own phones."""
        if any(not (phone.secure or phone.test) for phone in self.phones):
            return self.sip_host
        if not self.trunk.secure:
            return self.sip_host if self.trunk.contact else LOOPBACK
        return LOOPBACK if any(phone.test and not phone.secure for phone in self.phones) else ""


def texts(exchange: Exchange) -> dict[str, str]:
    """Every configuration file by name."""
    loader = FileSystemLoader(TEMPLATES)
    environment = Environment(loader=loader, undefined=StrictUndefined, keep_trailing_newline=True)  # noqa: S701 - no HTML
    facts = _facts(exchange)
    return {name: environment.get_template(name).render(facts) for name in sorted(environment.list_templates())}


def write(exchange: Exchange) -> tuple[str, ...]:
    """Writes what has changed, readable by us alone, and returns the names of these files."""
    etc = exchange.folders.etc
    etc.mkdir(parents=True, exist_ok=True, mode=0o700)
    changed = []
    for name, text in texts(exchange).items():
        path = etc / name
        if path.exists() and path.read_text() == text:
            continue
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text(text)
        changed.append(name)
    return tuple(changed)


def _facts(exchange: Exchange) -> Mapping[str, object]:
    duty = "&".join(f"PJSIP/{phone}" for phone in exchange.duty_phones)
    return {
        "etc": exchange.folders.etc,
        "run": exchange.folders.run,
        "modules": exchange.folders.modules,
        "data": exchange.folders.data,
        "prompts": exchange.folders.prompts,
        "module_names": MODULES,
        "events": EVENTS,
        "ports": exchange.ports,
        "sip_host": exchange.sip_host,
        "plain_host": exchange.plain_host,
        "tls": exchange.tls,
        "networks": exchange.networks,
        "asked_in_calls": exchange.asked_in_calls,
        "sip_proxy": exchange.sip_proxy,
        "secure_proxy": exchange.secure_proxy,
        "speech_user": SPEECH_USER,
        "again_seconds": AGAIN_SECONDS,
        "secrets": {"ami": exchange.ami_secret, "agi": exchange.agi_secret, "speech": exchange.speech_secret},
        "short_code": exchange.short_code,
        "duty_code": exchange.duty_code,
        "own_code": exchange.own_code,
        "wait_code": exchange.wait_code,
        "staff_code": exchange.staff_code,
        "kept_code": exchange.kept_code,
        "language": exchange.language,
        "phones": exchange.phones,
        "contexts": CONTEXTS,
        "trunk": exchange.trunk,
        "duty_dial": duty,
        "outside_dial": exchange.trunk.dial,
        "listener_seconds": exchange.listener_seconds,
        "outside_seconds": exchange.outside_seconds,
        "duty_seconds": exchange.duty_seconds,
        "deadline_seconds": exchange.deadline_seconds,
    }
