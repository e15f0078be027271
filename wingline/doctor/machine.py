"""The machine below the line: disk, clock, speech model, prompts, and that no sound was kept."""

import ctypes
import shutil
from collections.abc import Sequence
from pathlib import Path

from ivr.prompts.checks import audible, lengths, too_long
from ivr.prompts.texts import LanguageTexts
from wingline.doctor.finding import Finding, failed, ok, warning
from wingline.setup.graph import damaged_graph, hearing_folder, is_of_this_release
from wingline.setup.model import MODELS, model_folder, wrong_files
from wingline.setup.paths import Places

LEAST_FREE_MB, LITTLE_FREE_MB = 200, 1000
SOUND_FILES = frozenset({".wav", ".wav49", ".gsm", ".ulaw", ".alaw", ".sln", ".sln16", ".pcm", ".g722", ".raw", ".mp3"})
_TIME_ERROR = 5  # adjtimex(2): the kernel's clock is not synchronised
_SIZE_OF_TIMEX = 208


def disk(folder: Path) -> Finding:
    return judged_disk(shutil.disk_usage(folder).free // 1_000_000)


def judged_disk(free_mb: int) -> Finding:
    says = f"{free_mb} MB free for the database and the logs"
    make_room = "make room: the database must always be able to write"
    if free_mb < LEAST_FREE_MB:
        return failed("disk", says, make_room)
    return warning("disk", says, make_room) if free_mb < LITTLE_FREE_MB else ok("disk", says)


def clock() -> Finding:
    """Rota, rests and escalations go by it."""
    asks_only = ctypes.create_string_buffer(_SIZE_OF_TIMEX)
    state = ctypes.CDLL(None).adjtimex(asks_only)
    if state == _TIME_ERROR:
        return warning(
            "clock", "nothing keeps the clock right", "switch on time synchronisation: timedatectl set-ntp on"
        )
    return (
        ok("clock", "kept right by the network") if state >= 0 else warning("clock", "it cannot be asked", "look at it")
    )


def model(where: Places) -> Finding:
    for one in MODELS:
        if wrong := wrong_files(one, model_folder(where, one)):
            return failed("model", f"{len(wrong)} files of {one.name} are missing or damaged", "make run gets it again")
    if wrong := damaged_graph(where):
        again = f"remove {hearing_folder(where)}, and make run makes it again"
        return failed("model", f"the composed graph is damaged: {', '.join(wrong)}", again)
    if hearing_folder(where) == model_folder(where):
        costs = "each call takes three times the processor to hear, and 100 to 240 MB"
        return warning("model", f"the graph of the first pass is not composed: {costs}", "make run composes it")
    if not is_of_this_release(where):
        return warning(
            "model",
            "the graph of the first pass has the callers' words of another release",
            "make run composes it anew",
        )
    return ok(
        "model", f"{' and '.join(one.name for one in MODELS)}: every file is the published one, the graph composed"
    )


def prompts(folder: Path, language: LanguageTexts) -> Finding:
    """Every prompt is there, can be heard on a telephone, and is short enough."""
    name = f"prompts {language.code}"
    judged = ((prompt, audible(folder / language.code / f"{prompt}.wav")) for prompt in language.prompts)
    silent = [f"{prompt}: {one.complaint}" for prompt, one in judged if not one]
    if silent:
        return failed(name, _some(silent), "wingline up makes them again; look at the site's own recordings")
    long = [
        f"{prompt} {complaint}"
        for prompt, seconds in sorted(lengths(folder / language.code).items())
        if (complaint := too_long(prompt, seconds))
    ]
    if long:
        return warning(name, _some(long), "say it in fewer words, or record it faster")
    return ok(name, f"{len(language.prompts)} prompts in {language.name}, all audible")


def no_sound_kept(data: Path, own: Sequence[Path]) -> Finding:
    """Nothing in the data folder may hold sound but our ``own`` prompts and the site's recordings of them."""
    if found := sound_files(data, own):
        do = "find out who made it, tell the governor and the scheme's partner, then delete it"
        return failed("no recordings", f"sound lies in {_some(found)}", do)
    return ok("no recordings", "no sound lies in the data folder")


def sound_files(data: Path, own: Sequence[Path]) -> list[str]:
    files = (path for path in data.rglob("*") if path.suffix.lower() in SOUND_FILES and path.is_file())
    return sorted(str(path.relative_to(data)) for path in files if not any(path.is_relative_to(one) for one in own))


def _some(things: Sequence[str], most: int = 3) -> str:
    return "; ".join(things[:most]) + (f" and {len(things) - most} more" if len(things) > most else "")
