"""What the words mean: a small encoder, learnt from the corpus, that says how likely each kind of danger is."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from models.dangers import Danger
from speech.onnx import options

LEARNT = Path(__file__).with_name("learnt")
# The newest words count; what came before them is cut off.
MOST_TOKENS = 96


@dataclass(frozen=True, slots=True)
class Likely:
    """How likely any danger is, 0 to 1, and how the kinds share it; of words, so it is never shown or kept."""

    danger: float = field(repr=False)
    kinds: Mapping[Danger, float] = field(repr=False)


class Meaning(Protocol):
    """What this text means; the newest words are at its end."""

    def __call__(self, text: str) -> Likely: ...


class LearntMeaning:
    """The int8 encoder of speech/learnt on one thread; shared by all calls (InferenceSession.run is thread-safe)."""

    def __init__(self, folder: Path = LEARNT) -> None:
        self._tokens = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokens.no_padding()
        self._tokens.enable_truncation(MOST_TOKENS, direction="left")
        trained = json.loads((folder / "trained.json").read_text("utf-8"))
        self._kinds = tuple(Danger(kind) for kind in trained["kinds"])
        self._session = onnxruntime.InferenceSession(str(folder / "encoder.onnx"), options())

    def __call__(self, text: str) -> Likely:
        ids = np.array([self._tokens.encode(text).ids], dtype=np.int64)
        try:
            (logits,) = self._session.run(["logits"], {"ids": ids, "mask": np.ones_like(ids)})
        finally:
            # numpy keeps freed blocks below 1 KB for itself: what says which words these are would stay in one.
            ids.fill(0)
        *kinds, danger = logits[0].astype(np.float64)
        shares = np.exp(np.array(kinds) - max(kinds))
        return Likely(
            float(1 / (1 + np.exp(-danger))), dict(zip(self._kinds, (shares / shares.sum()).tolist(), strict=True))
        )
