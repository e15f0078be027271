"""One spoken sentence through the real process and the real model."""

import asyncio
import os
import shlex
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from speech.door import Door
from speech.moonshine import Moonshine
from speech.risk import plain_words
from speech.trial import hears_danger
from wingline.setup.graph import COMPOSED, hearing_folder
from wingline.setup.model import MOONSHINE, model_folder
from wingline.setup.paths import places

ROOT = Path(__file__).parents[2]
# As the set-up leaves it, and as it was published: what a machine without OpenFst hears with.
MODELS = {"composed": hearing_folder(places()), "published": model_folder(places())}
# The whole command of a private flite where the machine has none.
FLITE = shlex.split(os.environ.get("WINGLINE_FLITE", "flite"))

pytestmark = pytest.mark.model


def spoken(text: str, folder: Path) -> bytes:
    """As Asterisk would bring it: 16 kHz, of which a phone has left the lower half."""
    file = folder / "spoken.wav"
    subprocess.run([*FLITE, "-voice", "rms", "-t", text, "-o", str(file)], check=True, capture_output=True)
    with wave.open(str(file)) as recording:
        rate, frames = recording.getframerate(), recording.readframes(recording.getnframes())
    spectrum = np.fft.rfft(np.frombuffer(frames, "<i2"))
    hertz = np.fft.rfftfreq(len(frames) // 2, 1 / rate)
    spectrum[(hertz < 300) | (hertz > 3400)] = 0
    phone = np.fft.irfft(spectrum)
    at = np.arange(int(len(phone) * 16_000 / rate)) * rate / 16_000
    return bytes(np.interp(at, np.arange(len(phone)), phone).astype("<i2").tobytes())


@pytest.fixture(scope="module", params=MODELS)
def door(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Door]:
    model = MODELS[request.param]
    secrets = tmp_path_factory.mktemp("speech") / "secrets.toml"
    secrets.write_text('speech = "s"\n')
    command = [sys.executable, "-m", "speech", "--model", str(model), "--secrets", str(secrets)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as speech:
        assert speech.stdout is not None
        told = speech.stdout.readline()
        assert told.startswith("speech listening on 127.0.0.1:"), f"no model in {model}?"
        yield Door(int(told.rsplit(":", 1)[1]), "s")
        speech.terminate()
        assert speech.wait(10) == 0


def test_the_set_up_has_composed_the_graph() -> None:
    assert (MODELS["composed"] / COMPOSED).is_file()
    assert not (MODELS["published"] / COMPOSED).exists()


def test_a_dangerous_sentence_is_flagged_within_the_budget(door: Door, tmp_path: Path) -> None:
    said = spoken("I am going to kill myself.", tmp_path)
    frames = asyncio.run(hears_danger(door, said, "real-1"))

    flag = next(frame for frame in frames if frame["event"] == "flag")
    assert flag["danger"] == "suicide_intent"
    assert flag["at"] - len(said) / 32_000 < 0.6
    assert frames[-1]["event"] == "forgot"


def test_a_harmless_sentence_is_not(door: Door, tmp_path: Path) -> None:
    frames = asyncio.run(hears_danger(door, spoken("The food was cold again today.", tmp_path), "real-2"))

    assert [frame["event"] for frame in frames] == ["hearing", "forgot"]


@pytest.fixture(scope="module")
def again() -> Moonshine:
    return Moonshine(model_folder(places(), MOONSHINE))


def test_the_second_pass_hears_a_phrase_that_begins_with_its_first_word(again: Moonshine, tmp_path: Path) -> None:
    at_once = np.frombuffer(spoken("The officer came to my cell this morning.", tmp_path), "<i2")
    begins = int(np.argmax(np.abs(at_once) > 500))

    words = again(at_once[begins:].tobytes())

    assert {"officer", "morning"} <= set(plain_words(words))


def test_the_second_pass_hears_no_words_in_a_line_on_which_nobody_speaks(again: Moonshine) -> None:
    noise = np.random.default_rng(1).normal(0, 150, 2 * 16_000).astype("<i2")

    assert again(noise.tobytes()) == ""
