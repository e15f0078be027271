"""What is reckoned from recordings: hours, lateness and costs, and that what cannot be heard is answered clearly."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from models.dangers import Danger
from models.errors import WinglineError
from speech.judge import Found, Judge, Limits
from speech.listening import Means, Noticed, Pass
from speech.recogniser import Heard
from wingline.evaluation.bench import Ears, bench
from wingline.evaluation.lines import Line
from wingline.evaluation.sound import Cost, Trial, evaluate_sound, sound_figures

INTENT, PLAN, MEDICAL = Danger.SUICIDE_INTENT, Danger.SUICIDE_PLAN, Danger.MEDICAL
DANGEROUS = "i'm going to kill myself"
RULES_ALONE = Judge(None, Limits(dict.fromkeys(Danger, 1.0), 0.0, 1.0))
RATE = 8000
THREE_SECONDS = 0.5 * np.sin(2 * np.pi * 440 * np.arange(3 * RATE) / RATE)
SILENCE, NOTHING = np.zeros(RATE), np.zeros(0)


class SaysTheSame:
    """A recogniser to which all sound is the same words."""

    def __init__(self) -> None:
        self._heard = False

    def hear(self, pcm: bytes) -> Heard:
        del pcm
        self._heard = True
        return Heard(DANGEROUS, settled=False)

    def finish(self) -> Heard:
        return Heard(DANGEROUS if self._heard else "", settled=True)


MEANS = Means(SaysTheSame, lambda: any, RULES_ALONE)


def a_folder(folder: Path, **recordings: NDArray[np.float64]) -> Path:
    """Each recording holds nothing dangerous."""
    for name, sound in recordings.items():
        soundfile.write(folder / f"{name}.wav", sound, RATE)
    listed(folder, *({"file": f"{name}.wav", "text": DANGEROUS, "expect": []} for name in recordings))
    return folder


def listed(folder: Path, *entries: dict[str, object]) -> None:
    (folder / "refs.jsonl").write_text("\n".join(map(json.dumps, entries)))


def evaluated(folder: Path, engine: Any = None, *, voices: bool = False) -> dict[str, Any]:
    return evaluate_sound(folder, MEANS, engine, lambda _done, _of: None, voices=voices)


def benched(folder: Path) -> dict[str, Any]:
    return bench(folder, Ears(MEANS, None, SaysTheSame), lambda _done, _of: None)


def a_trial(*flags: tuple[Danger, Pass, float], seconds: float = 10.0, again: Cost | None = None) -> Trial:
    """`flags`: kind, by whom, and how many seconds after the last word."""
    noticed = tuple((Noticed(Found("test", danger), 1.0, by), late) for danger, by, late in flags)
    return Trial(noticed, seconds, 1.0, Cost(0.5), again)


def a_line(*expect: Danger) -> Line:
    return Line("a", ("some words",), frozenset(expect))


def test_an_hour_is_one_of_recordings_without_the_silence_that_is_put_after_them(tmp_path: Path) -> None:
    figures = evaluated(a_folder(tmp_path, three=THREE_SECONDS))

    # One flag in three seconds.
    assert figures["false_flags_per_hour"] == 1200.0
    assert figures["first_pass_alone"]["false_flags_per_hour"] == 1200.0
    assert figures["hours"] == round(3 / 3600, 4)


def test_processor_seconds_are_for_a_second_of_recording() -> None:
    figures = sound_figures([a_line(), a_line()], [a_trial(seconds=4.0, again=Cost(0.2))] * 2)

    assert figures["cpu_s_per_audio_s"] == {"all": 0.25, "first": 0.125, "second": 0.05}


def test_only_the_first_right_flag_of_a_danger_is_early_or_late() -> None:
    figures = sound_figures(
        [a_line(INTENT, PLAN), a_line(INTENT), a_line(), Line("d", (), None)],
        [
            a_trial((MEDICAL, Pass.FIRST, -9.0), (INTENT, Pass.FIRST, 0.1), (PLAN, Pass.SECOND, 8.0)),
            a_trial((MEDICAL, Pass.FIRST, -9.0), (INTENT, Pass.SECOND, 0.7), (INTENT, Pass.FIRST, 60.0)),
            a_trial((INTENT, Pass.FIRST, -9.0), (INTENT, Pass.SECOND, -9.0)),
            a_trial((INTENT, Pass.FIRST, -9.0)),
        ],
    )

    assert (figures["first_pass_ms_p50"], figures["first_pass_ms_p95"]) == (100.0, 100.0)
    assert (figures["second_pass_ms_p50"], figures["second_pass_ms_p95"]) == (700.0, 700.0)


def test_which_flag_was_first_is_told_by_when_it_came_and_not_by_what_was_done_first() -> None:
    trial = a_trial((INTENT, Pass.SECOND, 2.0), (PLAN, Pass.FIRST, 0.5))

    figures = sound_figures([a_line(INTENT, PLAN)], [trial])

    assert (figures["first_pass_ms_p50"], figures["second_pass_ms_p50"]) == (500.0, None)


def test_who_was_not_there_made_no_word_errors(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, three=THREE_SECONDS)

    assert evaluated(folder)["wer"] == {"first": 0.0, "second": None}
    assert evaluated(folder, lambda _pcm: DANGEROUS)["wer"] == {"first": 0.0, "second": 0.0}
    assert evaluated(folder, lambda _pcm: "")["wer"] == {"first": 0.0, "second": 1.0}


def test_a_voice_of_which_there_is_no_sound_has_no_figures_for_a_second_of_it(tmp_path: Path) -> None:
    a_folder(tmp_path, nothing=NOTHING, three=THREE_SECONDS)
    entry = {"text": DANGEROUS, "expect": []}
    listed(tmp_path, {"file": "nothing.wav", "voice": "n", **entry}, {"file": "three.wav", "voice": "t", **entry})

    voices = evaluated(tmp_path, voices=True)["voices"]

    assert voices["n"]["cpu_s_per_audio_s"]["all"] is None
    assert voices["t"]["cpu_s_per_audio_s"]["all"] is not None


@pytest.mark.parametrize("measure", [evaluated, benched])
def test_a_list_without_recordings_is_said_plainly(tmp_path: Path, measure: Any) -> None:
    with pytest.raises(WinglineError, match=r"refs\.jsonl lists no recordings; write a line for each"):
        measure(a_folder(tmp_path))


@pytest.mark.parametrize("measure", [evaluated, benched])
def test_a_line_that_names_no_recording_is_named(tmp_path: Path, measure: Any) -> None:
    folder = a_folder(tmp_path, three=THREE_SECONDS)
    entry = {"text": "x", "expect": []}
    for unnamed in ({}, {"file": None}, {"file": ""}):
        listed(folder, {"file": "three.wav", **entry}, {"id": "b", **entry, **unnamed})

        with pytest.raises(WinglineError, match=r"refs\.jsonl, line 2: `file` is missing"):
            measure(folder)


@pytest.mark.parametrize(("measure", "sound"), [(evaluated, NOTHING), (benched, NOTHING), (benched, SILENCE)])
def test_recordings_without_sound_are_answered_with_what_to_do(
    tmp_path: Path, measure: Any, sound: NDArray[np.float64]
) -> None:
    with pytest.raises(WinglineError, match=r"nothing is to be heard in .*; play the recordings"):
        measure(a_folder(tmp_path, silent=sound))


def test_a_recording_of_two_channels_is_not_half_heard(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, two=np.stack([np.zeros(THREE_SECONDS.size), THREE_SECONDS], 1))

    with pytest.raises(WinglineError, match=r"two\.wav has 2 channels; one is expected: save the caller's alone"):
        evaluated(folder)


@pytest.mark.parametrize("name", ["bare.raw", "words.wav", "none.wav"])
def test_what_is_no_sound_is_said_plainly(tmp_path: Path, name: str) -> None:
    (tmp_path / "bare.raw").write_bytes(bytes(1000))
    (tmp_path / "words.wav").write_text("hello")
    listed(tmp_path, {"file": name, "text": "x", "expect": []})

    with pytest.raises(WinglineError, match=f"{name} cannot be read as sound; 8 kHz WAV or FLAC is expected"):
        evaluated(tmp_path)
