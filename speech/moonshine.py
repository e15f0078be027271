"""Moonshine base: the second pass. It hears a finished phrase once more, and better than the first pass on a bad line.

The model of Useful Sensors (MIT; arXiv:2410.15608) as int8 ONNX. It is an encoder over the raw sound and a decoder
that writes one token after the other.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from models.errors import AskersFault
from speech.onnx import options
from speech.recogniser import SAMPLE_RATE

LAYERS, HEADS, WIDTH = 8, 8, 52
BEGIN, END = 1, 2
# Its authors' limit against endless sentences: nobody says more than 6.5 tokens in a second.
TOKENS_A_SECOND = 6.5
SHORTEST_SECONDS = 0.4
# What such a model invents from noise repeats itself.
LOOP_TOKENS, LOOPS = 4, 3
# Without quiet before the first word it takes whole phrases for no speech. The line's own is tried first; where that
# brings no word, none of its noise (docs/decisions/0011-two-passes.md).
OWN_QUIET_SECONDS, NO_SOUND_SECONDS = 0.2, 0.5
QUIET_STEP = SAMPLE_RATE // 50
VOCABULARY = Path(__file__).with_name("moonshine-vocabulary.txt")


class MoonshineMissing(AskersFault):
    def __init__(self, folder: Path) -> None:
        super().__init__(f"no Moonshine model in {folder}; run `make demo` or `wingline up`, which get it")


class Moonshine:
    """One model for all calls; used by one thread at a time for the sake of the other calls' processor."""

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        if not (folder / "encoder_model.onnx").is_file():
            raise MoonshineMissing(folder)
        self._encoder = onnxruntime.InferenceSession(str(folder / "encoder_model.onnx"), options(threads))
        self._decoder = onnxruntime.InferenceSession(str(folder / "decoder_model_merged.onnx"), options(threads))
        self._outputs = [output.name for output in self._decoder.get_outputs()]
        self._pieces = VOCABULARY.read_text("utf-8").split("\n")

    def __call__(self, pcm: bytes) -> str:
        """The words of 16-bit samples at 16 kHz; none when there is too little to be speech."""
        sound = np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768)
        seconds = sound.size / SAMPLE_RATE
        if seconds < SHORTEST_SECONDS:
            return ""
        most = int(seconds * TOKENS_A_SECOND)
        for before in (quietest(sound), np.zeros(int(NO_SOUND_SECONDS * SAMPLE_RATE), np.float32)):
            if words := self._text(list(self._tokens(np.concatenate([before, sound]), most))):
                return words
        return ""

    def _tokens(self, sound: NDArray[np.float32], most: int) -> Iterator[int]:
        (heard,) = self._encoder.run(None, {"input_values": sound[np.newaxis]})
        nothing = np.zeros((0, HEADS, 1, WIDTH), np.float32)
        known = {
            f"past_key_values.{layer}.{of}.{part}": nothing
            for layer in range(LAYERS)
            for of in ("decoder", "encoder")
            for part in ("key", "value")
        }
        said: list[int] = []
        # One for all steps: freed, such a small one would stay in numpy's own cache as it was.
        newest = np.array([[BEGIN]], np.int64)
        for step in range(most):
            given = {
                "input_ids": newest,
                "encoder_hidden_states": heard,
                "use_cache_branch": np.array([step > 0]),
                **known,
            }
            answer = dict(zip(self._outputs, self._decoder.run(None, given), strict=True))
            token = int(np.argmax(answer["logits"][0, -1]))
            newest[0, 0] = token
            said.append(token)
            if token == END or _loops(said):
                break
            yield token
            for name in known:
                # What the encoder said is the same at every step, and is only given out at the first.
                if step == 0 or ".decoder." in name:
                    known[name] = answer[name.replace("past_key_values", "present")]
        newest.fill(0)

    def _text(self, tokens: list[int]) -> str:
        pieces = "".join(self._pieces[token] for token in tokens if token < len(self._pieces))
        return pieces.replace("\u2581", " ").strip()


def quietest(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """The fifth of a second of it in which the least is heard."""
    length = int(OWN_QUIET_SECONDS * SAMPLE_RATE)
    loud = [float(np.square(sound[at : at + length]).sum()) for at in range(0, sound.size - length + 1, QUIET_STEP)]
    at = int(np.argmin(loud)) * QUIET_STEP
    return sound[at : at + length]


def _loops(said: list[int]) -> bool:
    last = said[-LOOP_TOKENS:]
    return len(said) >= LOOP_TOKENS * LOOPS and said[-LOOP_TOKENS * LOOPS :] == last * LOOPS
