"""`wingline evaluate speech`: the whole chain, from the sound of a telephone to the flag, over recordings."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from models.errors import AskersFault
from speech.gate import FRAME_BYTES, FRAME_SECONDS
from speech.hearing import CHUNK
from speech.listening import Listening, Means, Noticed, Pass
from speech.recogniser import SAMPLE_RATE, Heard, NewRecogniser, Recogniser
from speech.second import Counts, Engine
from speech.window import overwrite
from wingline.evaluation.figures import Outcome, figures_of, quantiles
from wingline.evaluation.lines import Line, read_lines
from wingline.evaluation.text import Progress
from wingline.evaluation.words import WordErrors

# After the last word, so that the phrase ends as it would in a call.
SILENCE_SECONDS = 2.0
# 30 dB under the loudest frame: where speech ends in a recording that may have noise behind it.
ENDS_BELOW_DB = 30.0


@dataclass(slots=True)
class Cost:
    """Seconds of processor, and the words that came out; words stay in this process, which hears only recordings."""

    seconds: float = 0.0
    words: list[str] = field(default_factory=list, repr=False)

    def timed(self, began: float) -> None:
        self.seconds += time.process_time() - began


class _Watched:
    """The first recogniser, with its cost and words noted."""

    def __init__(self, recogniser: Recogniser, cost: Cost) -> None:
        self._recogniser = recogniser
        self._cost = cost

    def hear(self, pcm: bytes) -> Heard:
        return self._note(lambda: self._recogniser.hear(pcm))

    def finish(self) -> Heard:
        return self._note(self._recogniser.finish)

    def _note(self, hear: Callable[[], Heard]) -> Heard:
        began = time.process_time()
        heard = hear()
        self._cost.timed(began)
        if heard.settled:
            self._cost.words += heard.words.split()
        return heard


class AtOnce:
    """The second pass without its thread; says how long the last phrase took."""

    def __init__(self, engine: Engine, cost: Cost) -> None:
        self._engine = engine
        self._cost = cost
        self.took = 0.0
        self.counts = Counts()

    def hear(self, pcm: bytearray, told: Callable[[str], None]) -> None:
        began, cpu = time.perf_counter(), time.process_time()
        words = self._engine(bytes(pcm))
        self.took += time.perf_counter() - began
        self._cost.timed(cpu)
        self._cost.words += words.split()
        overwrite(pcm)
        told(words)


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one recording: dangers, how late each was (seconds after the last word), and costs."""

    noticed: tuple[tuple[Noticed, float], ...]
    seconds: float
    spent: float
    first: Cost
    again: Cost


def evaluate_sound(
    folder: Path, means: Means, engine: Engine | None, progress: Progress, *, voices: bool = False
) -> dict[str, Any]:
    """Each recording is a call of its own, heard as fast as this machine can; lateness is reckoned in its time."""
    lines = read_lines(folder / "refs.jsonl")
    trials = []
    for number, line in enumerate(lines):
        progress(number, len(lines))
        trials.append(hear(folder / line.file, means, engine))
    figures = sound_figures(lines, trials)
    return {**figures, "voices": by_voice(lines, trials)} if voices else figures


def hear(file: Path, means: Means, engine: Engine | None) -> Trial:
    """Time passes as in a call: a chunk begins when its sound is there and the one before it is done."""
    pcm, ends_at = read_sound(file)
    first, again = Cost(), Cost()
    second = AtOnce(engine, again) if engine else None
    clock = [0.0]
    watched: NewRecogniser = lambda: _Watched(means.recogniser(), first)  # noqa: E731 - a factory is what is asked for
    listening = Listening(Means(watched, means.detector, means.judge, second), lambda: clock[0])
    noticed: list[tuple[Noticed, float]] = []
    free_at, spent = 0.0, time.process_time()
    for frames in chunks(pcm):
        clock[0] = max(free_at, listening.second + len(frames) * FRAME_SECONDS)
        began = time.perf_counter()
        for one in listening.hear(frames):
            took = time.perf_counter() - began
            # The second pass has a thread of its own: the first does not wait for it.
            waited = second.took if second and one.by is Pass.FIRST else 0.0
            noticed += [(one, clock[0] + took - waited - ends_at)]
        free_at = clock[0] + time.perf_counter() - began - (second.took if second else 0.0)
        if second:
            second.took = 0.0
    return Trial(tuple(noticed), len(pcm) / 2 / SAMPLE_RATE, time.process_time() - spent, first, again)


def chunks(pcm: bytes) -> list[Sequence[bytes]]:
    """As many frames together as speech takes in at a time."""
    frames = [pcm[at : at + FRAME_BYTES] for at in range(0, len(pcm), FRAME_BYTES)]
    return [frames[at : at + CHUNK] for at in range(0, len(frames), CHUNK)]


def read_sound(file: Path) -> tuple[bytes, float]:
    """A recording as a call brings it (see as_a_call)."""
    try:
        sound, rate = soundfile.read(file, dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as error:
        raise AskersFault(f"{file} cannot be read as sound; 8 kHz WAV or FLAC is expected") from error
    return as_a_call(sound[:, 0], rate)


def as_a_call(sound: NDArray[Any], rate: int) -> tuple[bytes, float]:
    """16-bit samples at 16 kHz with silence after them, in whole frames, and the second at which speech ends."""
    wide = soxr.resample(sound.astype(np.float32), rate, SAMPLE_RATE)
    ends_at = _speech_ends(wide)
    samples = np.concatenate([wide, np.zeros(int(SILENCE_SECONDS * SAMPLE_RATE), np.float32)])
    pcm = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    return pcm[: len(pcm) // FRAME_BYTES * FRAME_BYTES], ends_at


def _speech_ends(sound: NDArray[np.float32]) -> float:
    size = FRAME_BYTES // 2
    frames = sound[: sound.size // size * size].reshape(-1, size)
    level = np.sqrt(np.mean(np.square(frames), axis=1)) if frames.size else np.zeros(1)
    loud = np.flatnonzero(level > level.max() * 10 ** (-ENDS_BELOW_DB / 20))
    return float((loud[-1] + 1) * FRAME_SECONDS) if loud.size else 0.0


def sound_figures(lines: Sequence[Line], trials: Sequence[Trial]) -> dict[str, Any]:
    both = list(zip(lines, trials, strict=True))
    late = {by: [at for _, trial in both for one, at in trial.noticed if one.by is by] for by in Pass}
    audio = sum(trial.seconds for trial in trials)
    return {
        **figures_of([outcome(line, trial, tuple(Pass)) for line, trial in both]),
        "first_pass_alone": _short(figures_of([outcome(line, trial, (Pass.FIRST,)) for line, trial in both])),
        "wer": {
            "first": WordErrors.over((line.said, trial.first.words) for line, trial in both).rate,
            "second": WordErrors.over((line.said, trial.again.words) for line, trial in both).rate,
        },
        **quantiles("first_pass_ms", [1000 * at for at in late[Pass.FIRST]]),
        **quantiles("second_pass_ms", [1000 * at for at in late[Pass.SECOND]]),
        "cpu_s_per_audio_s": {
            "all": round(sum(trial.spent for trial in trials) / audio, 4),
            "first": round(sum(trial.first.seconds for trial in trials) / audio, 4),
            "second": round(sum(trial.again.seconds for trial in trials) / audio, 4),
        },
    }


def by_voice(lines: Sequence[Line], trials: Sequence[Trial]) -> dict[str, Any]:
    """The same figures for each voice of refs.jsonl."""
    both = list(zip(lines, trials, strict=True))
    split: dict[str, Any] = {}
    for voice in sorted({line.voice for line in lines}):
        of_voice = [(line, trial) for line, trial in both if line.voice == voice]
        split[voice] = sound_figures([line for line, _ in of_voice], [trial for _, trial in of_voice])
    return split


def outcome(line: Line, trial: Trial, by: Sequence[Pass]) -> Outcome:
    flags = tuple(one.found.danger for one, _ in trial.noticed if one.by in by)
    return Outcome(line.id, line.expect, trial.seconds / 3600, flags, line.voice)


def _short(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: figures[name] for name in ("recall", "recall_any", "false_flags_per_hour", "false_flag_share")}
