"""Speaks statements of the corpus through a telephone: what docs/accuracy.md is measured on, and heard.tsv made of.

    python -m corpus.speak OUT --authors mixed scots --count 200 [--noise 15]
    python -m corpus.speak OUT --calls --count 40       (ordinary calls, which are not learnt from)

Writes 8 kHz FLAC and refs.jsonl, as `wingline evaluate speech` reads them. The natural voices are Kokoro's
(`make voice`).
"""

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from corpus.texts import Statement, calls_kept, statements
from ivr.prompts.shipping import kokoro
from ivr.prompts.sound import PHONE_RATE, from_mulaw, mulaw
from wingline.setup.paths import places
from wingline.setup.programs import programs

Sound = NDArray[np.float64]
Voice = Callable[[str], tuple[Sound, int]]

# British and American, women and men; three machines' voices beside Kokoro's.
MEASURED = (
    "bf_emma", "bf_isabella", "bm_george", "bm_lewis", "am_michael", "af_sarah",
    "en-gb", "en-gb-scotland", "en-029", "rms", "slt", "awb",
)  # fmt: skip
KOKORO = {"bf_emma": 7, "bf_isabella": 8, "bm_george": 9, "bm_lewis": 10, "am_michael": 6, "af_sarah": 3}
# Those that need no minutes for a minute of speech.
QUICK = tuple(name for name in MEASURED if name not in KOKORO)
FLITE = ("rms", "slt", "awb", "kal", "kal16")


def voices(names: Sequence[str]) -> dict[str, Voice]:
    found, all_voices = programs(), {}
    natural = None
    for name in names:
        if name in KOKORO:
            natural = natural or kokoro(places().voice)
            all_voices[name] = _kokoro(natural, KOKORO[name])
        elif name in FLITE:
            all_voices[name] = _flite(found.command("flite"), name)
        else:
            all_voices[name] = _program([*found.command("espeak-ng"), "-v", name, "--stdin", "--stdout"])
    return all_voices


def _kokoro(speak: Callable[[str, int], object], speaker: int) -> Voice:
    def say(text: str) -> tuple[Sound, int]:
        spoken = speak(text, speaker)
        return spoken.samples, spoken.rate  # type: ignore[attr-defined]

    return say


def _program(command: Sequence[str]) -> Voice:
    def say(text: str) -> tuple[Sound, int]:
        done = subprocess.run(command, input=text.encode(), capture_output=True, check=True)
        return _read(done.stdout)

    return say


def _flite(command: Sequence[str], voice: str) -> Voice:
    def say(text: str) -> tuple[Sound, int]:
        options = ["-voice", voice, "-t", text, "-o", "/dev/stdout"]
        return _read(subprocess.run([*command, *options], capture_output=True, check=True).stdout)

    return say


def _read(file: bytes) -> tuple[Sound, int]:
    # Programs that write to a pipe cannot say how long the sound will be.
    sound, rate = soundfile.read(BytesIO(file[:40] + (len(file) - 44).to_bytes(4, "little") + file[44:]))
    return sound, rate


def telephone(sound: Sound, rate: int, noise_db: float | None, dice: np.random.Generator) -> NDArray[np.int16]:
    """300 to 3400 Hz at 8 kHz through the mu-law; `noise_db` of pink noise below the speech when given."""
    narrow = _band(soxr.resample(sound, rate, PHONE_RATE))
    narrow *= 0.3 / max(1e-6, float(np.max(np.abs(narrow))))
    return _mulaw_and_back(narrow if noise_db is None else _noisy(narrow, noise_db, dice))


def _noisy(narrow: Sound, noise_db: float, dice: np.random.Generator) -> Sound:
    loud = narrow[np.abs(narrow) > 0.02]
    level = float(np.sqrt(np.mean(np.square(loud)))) if loud.size else 0.05
    return np.asarray(narrow + _pink(narrow.size, dice) * level * 10 ** (-noise_db / 20))


def with_noise(clean: Path, out: Path, noise_db: float) -> None:
    """The same recordings on a bad line."""
    out.mkdir(parents=True, exist_ok=True)
    dice = np.random.default_rng(1)
    refs = [json.loads(line) for line in (clean / "refs.jsonl").read_text("utf-8").splitlines()]
    for ref in refs:
        sound, rate = soundfile.read(clean / ref["file"])
        soundfile.write(out / ref["file"], _mulaw_and_back(_noisy(sound, noise_db, dice)), rate)
    _write_refs(out, [{**ref, "noise_db": noise_db} for ref in refs])


def _write_refs(out: Path, refs: Sequence[dict[str, object]]) -> None:
    # The last file of a folder: where it is, the recordings are whole.
    (out / "refs.jsonl").write_text("".join(json.dumps(ref) + "\n" for ref in refs), "utf-8")


def _band(sound: Sound) -> Sound:
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(sound.size, 1 / PHONE_RATE)
    spectrum[(hertz < 300) | (hertz > 3400)] = 0
    return np.fft.irfft(spectrum, sound.size)


def _pink(size: int, dice: np.random.Generator) -> Sound:
    spectrum = np.fft.rfft(dice.standard_normal(size))
    noise = np.fft.irfft(spectrum / np.sqrt(np.maximum(1.0, np.arange(spectrum.size))), size)
    return np.asarray(noise / np.sqrt(np.mean(np.square(noise))), np.float64)


def _mulaw_and_back(sound: Sound) -> NDArray[np.int16]:
    return np.asarray(from_mulaw(mulaw(sound)) * 32767, np.int16)


def spoken(statement: Statement, say: Voice, noise_db: float | None, dice: np.random.Generator) -> NDArray[np.int16]:
    """The utterances one after the other, with the pauses in which the Listener would speak."""
    parts: list[Sound] = []
    rate = PHONE_RATE
    for words in statement.said:
        sound, rate = say(words)
        parts += [np.asarray(sound, np.float64), np.zeros(int(dice.uniform(0.5, 1.2) * rate))]
    return telephone(np.concatenate(parts), rate, noise_db, dice)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("out", type=Path)
    what = asked.add_mutually_exclusive_group(required=True)
    what.add_argument("--authors", nargs="+")
    what.add_argument("--calls", action="store_true")
    asked.add_argument("--count", type=int, default=200)
    asked.add_argument("--noise", type=float, default=None, help="dB below the speech; without it none")
    asked.add_argument("--voices", nargs="+", default=MEASURED)
    asked.add_argument("--most-words", type=int, default=60)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    dice, noise = random.Random(given.seed), np.random.default_rng(given.seed)
    known = calls_kept() if given.calls else [one for author in given.authors for one in statements(author)]
    known = [one for one in known if len(" ".join(one.said).split()) <= given.most_words]
    chosen = dice.sample(known, min(given.count, len(known)))
    all_voices = voices(given.voices)
    given.out.mkdir(parents=True, exist_ok=True)
    refs = []
    for number, statement in enumerate(chosen):
        name = given.voices[number % len(given.voices)]
        sound = spoken(statement, all_voices[name], given.noise, noise)
        file = f"{statement.id}_{name}.flac"
        soundfile.write(given.out / file, sound, PHONE_RATE)
        refs.append({
            "file": file,
            "text": " ".join(statement.said),
            "expect": sorted(statement.kinds),
            "voice": name,
            "noise_db": given.noise,
        })  # fmt: skip
        sys.stdout.write(f"\r{number + 1}/{len(chosen)}")
    _write_refs(given.out, refs)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
