"""What the running Asterisk says: our rights in it, that it cannot record, its way without us, and its phones."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path

from ivr.ami import Ami
from ivr.asterisk_config import MODULES
from ivr.mirror import in_step
from models.errors import ActionRefused
from models.words import PhoneId
from wingline.doctor.finding import Finding, failed, ok, warning

# Each action that the line, the doctor and `wingline site reload` use; a test compares them with the source.
USED = frozenset({
    "Originate", "Hangup", "Redirect", "ConfbridgeKick", "CoreShowChannels", "DeviceStateList", "QueueStatus",
    "QueueAdd", "QueueRemove", "Ping", "Reload", "Setvar", "Getvar", "PJSIPQualify", "ListCommands", "ModuleCheck",
    "ShowDialPlan",
})  # fmt: skip
# With these a stolen secret would be the whole machine, or a microphone.
FORBIDDEN = frozenset({"Command", "UpdateConfig", "CreateConfig", "MixMonitor", "Monitor", "VoicemailUsersList"})
RECORDERS = (
    "app_mixmonitor*", "app_monitor*", "res_monitor*", "app_voicemail*", "app_minivm*", "app_dictate*", "app_record*",
    "cdr_*", "cel_*", "res_stasis_recording*", "res_ari_recordings*", "app_audiosocket*",
)  # fmt: skip
FALLBACK = ("wl-alone", "wl-alone-after", "wl-alone-keys", "wl-alone-listener", "wl-alone-offer")
AWAY = frozenset({"UNAVAILABLE", "INVALID", "UNKNOWN"})

_AT_ONCE = 20


async def rights(ami: Ami) -> Finding:
    """Asterisk lists what this secret may do; and it must really refuse what it must."""
    allowed = set((await ami.act("ListCommands")).fields)
    try:
        await ami.act("Command", Command="core show version")
    except ActionRefused:
        return judged_rights(allowed)
    return judged_rights(allowed | {"command"})


def judged_rights(allowed: Iterable[str]) -> Finding:
    """``allowed``: names of actions in small letters."""
    missing = sorted(name for name in USED if name.lower() not in allowed)
    too_many = sorted(name for name in FORBIDDEN if name.lower() in allowed)
    if missing:
        return failed("AMI rights", f"Asterisk does not let us {', '.join(missing)}", "wingline site reload")
    if too_many:
        return failed("AMI rights", f"our secret may do too much: {', '.join(too_many)}", "wingline site reload")
    return ok("AMI rights", f"the {len(USED)} actions in use are allowed; Command is refused")


def loadable_modules(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.so"))


async def nothing_records(ami: Ami, names: Sequence[str]) -> Finding:
    """Asks for each module that this Asterisk could load whether it is loaded."""
    turns = asyncio.Semaphore(_AT_ONCE)
    answers = await asyncio.gather(*(_is_loaded(ami, name, turns) for name in names))
    return judged_modules([name for name, loaded in zip(names, answers, strict=True) if loaded])


async def _is_loaded(ami: Ami, name: str, turns: asyncio.Semaphore) -> bool:
    async with turns:
        try:
            await ami.act("ModuleCheck", Module=name)
        except ActionRefused:
            return False
        return True


def judged_modules(loaded: Sequence[str]) -> Finding:
    name, do = "no recorder", "end Asterisk and start it by wingline up: it loads only what it needs"
    recorders = [module for module in loaded if any(fnmatch(module, pattern) for pattern in RECORDERS)]
    if recorders:
        return failed(name, f"loaded and able to keep calls: {', '.join(recorders)}", do)
    if strangers := sorted(set(loaded) - set(MODULES)):
        return warning(name, f"loaded, and not by us: {', '.join(strangers)}", do)
    return ok(name, f"none among the {len(loaded)} loaded modules: no recorder, monitor, voicemail, call detail")


async def fallback(ami: Ami) -> Finding:
    """The dialplan that carries calls when the line does not."""
    missing = [context for context in FALLBACK if not await _has_context(ami, context)]
    if missing:
        return failed("without the line", f"the dialplan has no {', '.join(missing)}", "wingline site reload")
    return ok("without the line", "the dialplan alone can give the notice, ring Listeners, helpline and duty office")


async def _has_context(ami: Ami, context: str) -> bool:
    try:
        await ami.act("ShowDialPlan", Context=context)
    except ActionRefused:
        return False
    return True


async def away_phones(ami: Ami) -> frozenset[PhoneId]:
    rows = await ami.list_of("DeviceStateList", "DeviceStateListComplete")
    phones = [(row["Device"].removeprefix("PJSIP/"), row.get("State")) for row in rows if "PJSIP/" in row["Device"]]
    return frozenset(PhoneId(phone) for phone, state in phones if state in AWAY)


def queue(phones: frozenset[PhoneId], present: frozenset[str], *, line_up: bool) -> Finding:
    """The queue that serves while the line is down must hold whom the rota has now, and nobody else."""
    name = "queue of the rota"
    if in_step(phones, present):
        return ok(name, f"Asterisk's own queue holds the {len(phones)} who are on duty now")
    complaint = f"the queue has {len(present)} members, the rota {len(phones)} on duty"
    if not line_up:
        return warning(
            name, f"{complaint}; it is brought in step by the line, which is not up", "start it with make run"
        )
    return failed(name, complaint, "look for the word mirror in the line's log, and start the line again")


def staff_phones(posts: Mapping[str, PhoneId], away: frozenset[PhoneId]) -> Finding:
    """Registered and answering Asterisk's own question every 30 s; that a person answers only a drill can show."""
    silent = sorted(post for post, phone in posts.items() if phone in away)
    if silent:
        return failed(
            "staff phones",
            f"not registered: {', '.join(silent)}",
            "switch them on; wingline site phones says what to type into them",
        )
    return ok("staff phones", f"all {len(posts)} are registered and answer Asterisk")


def listener_phones(on_duty: Mapping[str, PhoneId], away: frozenset[PhoneId]) -> Finding:
    """By code name."""
    silent = sorted(name for name, phone in on_duty.items() if phone in away)
    if not on_duty:
        return warning("Listeners' phones", "nobody is on duty now", "see rota")
    if len(silent) == len(on_duty):
        return failed("Listeners' phones", "no Listener on duty has a phone that is registered", "switch them on")
    if silent:
        return warning("Listeners' phones", f"not registered: {', '.join(silent)}", "switch them on")
    return ok("Listeners' phones", f"{len(on_duty)} on duty, all registered")
