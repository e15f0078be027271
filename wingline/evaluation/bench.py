"""`wingline bench listen`: how many calls one core can listen to, beside the plain loop that vosk-server runs."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from ivr.prompts.shipped import shipped
from ivr.prompts.texts import languages
from speech.attention import Attention
from speech.gate import FRAME_BYTES, FRAME_SECONDS
from speech.listening import Listening, Means
from speech.lookout import Lookout
from speech.recogniser import SAMPLE_RATE, Heard, NewRecogniser, Recogniser
from speech.second import Engine
from wingline.evaluation.figures import Outcome, figures_of
from wingline.evaluation.lines import Line, read_recordings
from wingline.evaluation.sound import AtOnce, Cost, NothingToHear, Recording, as_a_call, chunks, read_sound
from wingline.evaluation.text import Progress

# As much as vosk-server's own clients send at a time.
PLAIN_BYTES = 8000
MOST_PROMPTS = 60

Way: TypeAlias = "Callable[[Spoken], tuple[Any, ...]]"


@dataclass(frozen=True, slots=True)
class Spoken:
    """One call: what is in it, and its sound with the caller's silences."""

    line: Line
    pcm: bytes

    @property
    def seconds(self) -> float:
        return len(self.pcm) / 2 / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Ears:
    """What is compared: ours, and the first pass with the model as it is published, as vosk-server has it."""

    means: Means
    engine: Engine | None
    published: NewRecogniser


def bench(folder: Path | None, ears: Ears, progress: Progress, *, most: int | None = None) -> dict[str, Any]:
    """CPU seconds for a second of call, calls in real time per core, and the recall of each way to listen."""
    calls = (recordings(folder) if folder else prompts())[:most]
    audio = sum(one.seconds for one in calls)
    if not audio:
        raise NothingToHear(folder or "our own prompts")
    ways = ways_to_listen(ears)
    done, of = 0, len(ways) * len(calls)
    figures: dict[str, Any] = {"calls": len(calls), "hours": round(audio / 3600, 3)}
    for name, way in ways.items():
        spent, outcomes = 0.0, []
        for call in calls:
            progress(done, of)
            done += 1
            began = time.process_time()
            flags = way(call)
            spent += time.process_time() - began
            outcomes.append(Outcome(call.line.id, call.line.expect, call.seconds / 3600, flags))
        a_second = spent / audio
        judged = figures_of(outcomes)
        figures[name] = {
            "cpu_s_per_call_s": round(a_second, 4),
            "calls_per_core": round(1 / a_second, 1),
            "recall": judged["recall"],
            "recall_any": judged["recall_any"],
            "false_flags_per_hour": judged["false_flags_per_hour"],
        }
    return figures


def ways_to_listen(ears: Ears) -> dict[str, Way]:
    means, engine = ears.means, ears.engine
    open_gate = replace(means, detector=lambda: lambda _frame: True)
    ways: dict[str, Way] = {
        "plain_loop": lambda call: plain_loop(call, replace(means, recogniser=ears.published)),
        "plain_loop_with_our_graph": lambda call: plain_loop(call, means),
        "first_pass": lambda call: listen(call, means, None),
        "first_pass_without_gate": lambda call: listen(call, open_gate, None),
    }
    if engine:
        ways["both_passes"] = lambda call: listen(call, means, engine)
    return ways


def recordings(folder: Path) -> list[Spoken]:
    return [Spoken(line, half_silent(read_sound(folder / line.file))) for line in read_recordings(folder)]


def prompts() -> list[Spoken]:
    """Without recordings of yours: our own prompts, which are speech with nothing known of what is in it."""
    english = next(one for one in languages() if one.code == "en")
    sounds = [(name, shipped(text, english.voices[name])) for name, text in english.prompts.items()]
    found = [(name, sound) for name, sound in sounds if sound and sound.seconds > 1][:MOST_PROMPTS]
    return [Spoken(Line(name, (), None), half_silent(as_a_call(sound.samples, sound.rate))) for name, sound in found]


def half_silent(recording: Recording) -> bytes:
    """The caller speaks for half of the time; the Listener, or nobody, for the other half."""
    spoken = recording.pcm[: round(recording.speech_ends / FRAME_SECONDS) * FRAME_BYTES]
    return spoken + bytes(len(spoken))


def plain_loop(call: Spoken, means: Means) -> tuple[Any, ...]:
    """Every sample goes into the recogniser; the text engine is the same, so that only the hearing differs."""
    recogniser, attention = means.recogniser(), Attention(means.judge, Lookout())
    flags: list[Any] = []
    for second, heard in _every_sample(call, recogniser):
        new = attention.heard(heard.words, now=second, second=second, settled=heard.settled)
        flags += [found.danger for found in new]
    return tuple(flags)


def _every_sample(call: Spoken, recogniser: Recogniser) -> Iterator[tuple[float, Heard]]:
    for at in range(0, len(call.pcm), PLAIN_BYTES):
        yield at / 2 / SAMPLE_RATE, recogniser.hear(call.pcm[at : at + PLAIN_BYTES])
    yield call.seconds, recogniser.finish()


def listen(call: Spoken, means: Means, engine: Engine | None) -> tuple[Any, ...]:
    clock = [0.0]
    listening = Listening(replace(means, second=AtOnce(engine, Cost()) if engine else None), lambda: clock[0])
    flags: list[Any] = []
    for frames in chunks(call.pcm):
        clock[0] = listening.second
        flags += [noticed.found.danger for noticed in listening.hear(frames)]
    return tuple(flags)
