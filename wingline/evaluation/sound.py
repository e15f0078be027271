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
from wingline.evaluation.lines import Line, read_recordings
from wingline.evaluation.text import Progress
from wingline.evaluation.words import WordErrors

# After the last word, so that the phrase ends as it would in a call.
SILENCE_SECONDS = 2.0
# 30 dB under the loudest frame: where speech ends in a recording that may have noise behind it.
ENDS_BELOW_DB = 30.0


class NothingToHear(AskersFault):
    def __init__(self, where: object) -> None:
        super().__init__(f"nothing is to be heard in {where}; play the recordings and look whether they are whole")


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording as a call brings it: 16-bit samples at 16 kHz, with silence after them, in whole frames."""

    pcm: bytes = field(repr=False)
    # Without that silence: nobody recorded it, and it would make false flags an hour look fewer.
    seconds: float
    speech_ends: float


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

    def hear(self, pcm: bytearray, told: Callable[[str], None], *, owner: object) -> None:
        del owner
        began, cpu = time.perf_counter(), time.process_time()
        words = self._engine(bytes(pcm))
        self.took += time.perf_counter() - began
        self._cost.timed(cpu)
        self._cost.words += words.split()
        overwrite(pcm)
        told(words)

    def forget(self, owner: object) -> None:
        """Nothing waits here."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one recording: dangers, how late each was (seconds after the last word), and costs."""

    noticed: tuple[tuple[Noticed, float], ...]
    seconds: float
    spent: float
    first: Cost
    # None where nobody heard it a second time.
    again: Cost | None


def evaluate_sound(
    folder: Path, means: Means, engine: Engine | None, progress: Progress, *, voices: bool = False
) -> dict[str, Any]:
    """Each recording is a call of its own, heard as fast as this machine can; lateness is reckoned in its time."""
    lines = read_recordings(folder)
    trials = []
    for number, line in enumerate(lines):
        progress(number, len(lines))
        trials.append(hear(folder / line.file, means, engine))
    if not any(trial.seconds for trial in trials):
        raise NothingToHear(folder)
    figures = sound_figures(lines, trials)
    return {**figures, "voices": by_voice(lines, trials)} if voices else figures


def hear(file: Path, means: Means, engine: Engine | None) -> Trial:
    """Time passes as in a call: a chunk begins when its sound is there and the one before it is done."""
    recording = read_sound(file)
    first, again = Cost(), Cost() if engine else None
    second = AtOnce(engine, again) if engine and again else None
    clock = [0.0]
    watched: NewRecogniser = lambda: _Watched(means.recogniser(), first)  # noqa: E731 - a factory is what is asked for
    listening = Listening(Means(watched, means.detector, means.judge, second), lambda: clock[0])
    noticed: list[tuple[Noticed, float]] = []
    free_at, spent = 0.0, time.process_time()
    for frames in chunks(recording.pcm):
        clock[0] = max(free_at, listening.second + len(frames) * FRAME_SECONDS)
        began = time.perf_counter()
        for one in listening.hear(frames):
            took = time.perf_counter() - began
            # The second pass has a thread of its own: the first does not wait for it.
            waited = second.took if second and one.by is Pass.FIRST else 0.0
            noticed += [(one, clock[0] + took - waited - recording.speech_ends)]
        free_at = clock[0] + time.perf_counter() - began - (second.took if second else 0.0)
        if second:
            second.took = 0.0
    return Trial(tuple(noticed), recording.seconds, time.process_time() - spent, first, again)


def chunks(pcm: bytes) -> list[Sequence[bytes]]:
    """As many frames together as speech takes in at a time."""
    frames = [pcm[at : at + FRAME_BYTES] for at in range(0, len(pcm), FRAME_BYTES)]
    return [frames[at : at + CHUNK] for at in range(0, len(frames), CHUNK)]


def read_sound(file: Path) -> Recording:
    """Of one channel: which of two is the caller's, nobody here can know."""
    try:
        sound, rate = soundfile.read(file, dtype="float32", always_2d=True)
    # With a TypeError soundfile asks for the rate of a .raw file.
    except (OSError, TypeError, soundfile.LibsndfileError) as error:
        raise AskersFault(f"{file} cannot be read as sound; 8 kHz WAV or FLAC is expected") from error
    channels = sound.shape[1]
    if channels != 1:
        raise AskersFault(f"{file} has {channels} channels; one is expected: save the caller's alone as a file")
    return as_a_call(sound[:, 0], rate)


def as_a_call(sound: NDArray[Any], rate: int) -> Recording:
    wide = soxr.resample(sound.astype(np.float32), rate, SAMPLE_RATE)
    samples = np.concatenate([wide, np.zeros(int(SILENCE_SECONDS * SAMPLE_RATE), np.float32)])
    pcm = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    return Recording(pcm[: len(pcm) // FRAME_BYTES * FRAME_BYTES], wide.size / SAMPLE_RATE, _speech_ends(wide))


def _speech_ends(sound: NDArray[np.float32]) -> float:
    size = FRAME_BYTES // 2
    frames = sound[: sound.size // size * size].reshape(-1, size)
    level = np.sqrt(np.mean(np.square(frames), axis=1)) if frames.size else np.zeros(1)
    loud = np.flatnonzero(level > level.max() * 10 ** (-ENDS_BELOW_DB / 20))
    return float((loud[-1] + 1) * FRAME_SECONDS) if loud.size else 0.0


def sound_figures(lines: Sequence[Line], trials: Sequence[Trial]) -> dict[str, Any]:
    both = list(zip(lines, trials, strict=True))
    firsts = [found for line, trial in both if (found := first_right(line, trial))]
    late = {by: [1000 * at for one, at in firsts if one.by is by] for by in Pass}
    twice = [(line, trial.again) for line, trial in both if trial.again]
    audio = sum(trial.seconds for trial in trials)
    return {
        **figures_of([outcome(line, trial, tuple(Pass)) for line, trial in both]),
        "first_pass_alone": _short(figures_of([outcome(line, trial, (Pass.FIRST,)) for line, trial in both])),
        "wer": {
            "first": WordErrors.over((line.said, trial.first.words) for line, trial in both).rate,
            "second": WordErrors.over((line.said, again.words) for line, again in twice).rate,
        },
        **quantiles("first_pass_ms", late[Pass.FIRST]),
        **quantiles("second_pass_ms", late[Pass.SECOND]),
        "cpu_s_per_audio_s": {
            "all": _a_second(sum(trial.spent for trial in trials), audio),
            "first": _a_second(sum(trial.first.seconds for trial in trials), audio),
            "second": _a_second(sum(again.seconds for _, again in twice), audio),
        },
    }


def first_right(line: Line, trial: Trial) -> tuple[Noticed, float] | None:
    """What tells the Listener of the danger; a false flag, or a second one, is late for nobody."""
    right = [(one, at) for one, at in trial.noticed if line.expect and one.found.danger in line.expect]
    return min(right, key=lambda flag: flag[1], default=None)


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


def _a_second(spent: float, audio: float) -> float | None:
    return round(spent / audio, 4) if audio else None


def _short(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: figures[name] for name in ("recall", "recall_any", "false_flags_per_hour", "false_flag_share")}
