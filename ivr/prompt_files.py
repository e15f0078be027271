"""Where the spoken prompts lie, and how long each takes."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from ivr.orders import Line
from models.words import Language, Prompt

BYTES_PER_SECOND = 16000  # 8 kHz, 16 bit, mono
WAV_HEADER = 44


class PromptFiles:
    """The prompts as Asterisk wants them: absolute paths without an ending."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def tone(self) -> str:
        return str(self._root / "tone")

    def path(self, line: Line) -> str:
        return str(self._root / line.language / line.prompt)

    def in_language(self, language: Language, prompt: str) -> str:
        return self.path(Line(language, Prompt(prompt)))

    def paths(self, lines: Iterable[Line]) -> list[str]:
        return [self.path(line) for line in lines]


@lru_cache(maxsize=4096)
def seconds(path: str) -> float:
    """How long a prompt takes, from its size: 0 when it is not there, and Asterisk will say so."""
    file = Path(f"{path}.wav")
    return max(0, file.stat().st_size - WAV_HEADER) / BYTES_PER_SECOND if file.exists() else 0.0
