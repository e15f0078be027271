"""Looks for what the caller said in everything that was written meanwhile: as text and as sound."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wingline.phones.matching import first_match

# A phrase of this many words is the caller's; single words stand in every program.
WORDS_TOGETHER = 2
# Written by git and by tests, which may run beside the demonstration and say such words themselves.
OTHER_TOOLS = {".git", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"}
LARGEST_FILE = 256 * 1024 * 1024
# Half a second of speech is enough to know it again, and short enough to be in any fragment of a recording.
CLIP_SAMPLES = 6000
PIECE_SAMPLES = 65536
SMALLEST_SOUND = 8000


@dataclass(frozen=True, slots=True)
class Said:
    """One utterance: its words, and its sound at 8 kHz."""

    text: str
    pcm: bytes


@dataclass(frozen=True, slots=True)
class Find:
    """Where something the caller said was found; which of it is not repeated here."""

    file: Path
    form: str


def places_written(*folders: Path) -> tuple[Path, ...]:
    """Everywhere that a program of ours could write, and what the demonstration was given."""
    temporary = (tempfile.gettempdir(), "/dev/shm", "/var/tmp")  # noqa: S108  looked into, not written to
    everywhere: tuple[str | Path, ...] = (*temporary, "/var/log", "/var/crash", Path.home(), Path.cwd())
    roots = {Path(place).resolve() for place in (*everywhere, *folders)}
    return tuple(sorted(root for root in roots if root.is_dir() and not any(one in root.parents for one in roots)))


def search(said: Sequence[Said], roots: Iterable[Path], *, since: float, but: Path) -> tuple[list[Find], int]:
    """What was found in files changed ``since`` (seconds of the epoch), and how many files were read.

    ``but`` is the folder of the people: their phones are not part of Wingline.
    """
    phrases = tuple(_phrases(said))
    found: list[Find] = []
    read = 0
    for file in _changed(roots, since, but):
        read += 1
        found += [Find(file, form) for form in _forms_in(file, phrases, said)]
    return found, read


def _phrases(said: Iterable[Said]) -> Iterator[bytes]:
    """Every two words together, in the encodings that programs write."""
    for one in said:
        words = [word.strip(".,?!").lower() for word in one.text.split()]
        for start in range(len(words) - WORDS_TOGETHER + 1):
            phrase = " ".join(words[start : start + WORDS_TOGETHER])
            if len(phrase) > len("to the"):
                yield phrase.encode()
                yield phrase.encode("utf-16-le")


def _changed(roots: Iterable[Path], since: float, but: Path) -> Iterator[Path]:
    for root in roots:
        for folder, folders, files in os.walk(root):
            here = Path(folder)
            folders[:] = [name for name in folders if here / name != but and name not in OTHER_TOOLS]
            for name in files:
                file = here / name
                if _is_changed(file, since):
                    yield file


def _is_changed(file: Path, since: float) -> bool:
    try:
        facts = file.lstat()
    except OSError:
        return False  # gone meanwhile
    regular = (facts.st_mode & 0o170000) == 0o100000
    return regular and max(facts.st_mtime, facts.st_ctime) >= since and 0 < facts.st_size <= LARGEST_FILE


def _forms_in(file: Path, phrases: Sequence[bytes], said: Sequence[Said]) -> Iterator[str]:
    try:
        content = file.read_bytes()
    except OSError:
        return
    lowered = content.lower()
    if any(phrase in lowered for phrase in phrases):
        yield "text"
    if len(content) >= SMALLEST_SOUND and any(_sounds_like(content, one) for one in said):
        yield "sound"


def _sounds_like(content: bytes, said: Said) -> bool:
    """As 16-bit samples at 8 or 16 kHz, at either byte, or as mu-law."""
    clip = np.frombuffer(said.pcm, "<i2")
    middle = clip[len(clip) // 3 :][:CLIP_SAMPLES]
    return any(first_match(heard, middle) is not None for heard in _readings(content))


def _readings(content: bytes) -> Iterator["np.typing.NDArray[np.int16]"]:
    """In pieces that overlap by a clip: a large file must not be one enormous transform."""
    for offset in (0, 1):
        even = content[offset : offset + (len(content) - offset) // 2 * 2]
        samples = np.frombuffer(even, "<i2")
        yield from _pieces(samples)
        yield from _pieces(samples[::2])
    yield from _pieces(_MU_LAW[np.frombuffer(content, np.uint8)])


def _pieces(samples: "np.typing.NDArray[np.int16]") -> Iterator["np.typing.NDArray[np.int16]"]:
    for start in range(0, max(1, len(samples) - CLIP_SAMPLES), PIECE_SAMPLES - CLIP_SAMPLES):
        piece = samples[start : start + PIECE_SAMPLES]
        # Zeros, as most of a database's log is, are silence.
        if piece.any():
            yield piece


def _mu_law() -> "np.typing.NDArray[np.int16]":
    """ITU-T G.711: the linear value of every byte."""
    byte = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = (((byte & 0x0F) << 3) + 0x84) << ((byte >> 4) & 0x07)
    linear = np.where(byte & 0x80, 0x84 - magnitude, magnitude - 0x84)
    return linear.astype(np.int16)


_MU_LAW = _mu_law()
