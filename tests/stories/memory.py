"""Looks for what the caller said in the memory of running programs."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

PIECE = 8 * 1024 * 1024


class NotAllowed(PermissionError):
    """The kernel lets nobody look: what is in there cannot get out that way either."""


def programs(*pids: int) -> list[int]:
    """These, and every program that they have started."""
    found, todo = [], list(pids)
    while todo:
        pid = todo.pop()
        found.append(pid)
        todo += [
            child
            for task in Path(f"/proc/{pid}/task").glob("*/children")
            for child in map(int, task.read_text().split())
        ]
    return found


def found_in_memory(pid: int, phrases: Sequence[bytes]) -> set[bytes]:
    """Which of these stand in the memory that the program can write, in any letters, also two bytes a letter."""
    forms = [(phrase, form) for phrase in phrases for form in _forms(phrase)]
    found: set[bytes] = set()
    for piece in _memory(pid):
        lowered = piece.lower()
        found |= {phrase for phrase, form in forms if form in lowered}
    return found


def found_in(content: Iterable[bytes], phrases: Sequence[bytes]) -> set[bytes]:
    text = b"\n".join(content).lower()
    return {phrase for phrase in phrases if any(form in text for form in _forms(phrase))}


def _forms(phrase: bytes) -> tuple[bytes, bytes]:
    return phrase, phrase.decode().encode("utf-16-le")


def _memory(pid: int) -> Iterator[bytes]:
    try:
        areas = re.findall(r"^(\w+)-(\w+) rw", Path(f"/proc/{pid}/maps").read_text("utf-8"), re.MULTILINE)
        memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    except PermissionError as error:
        raise NotAllowed(*error.args) from error
    try:
        for begin, end in ((int(begin, 16), int(end, 16)) for begin, end in areas):
            # With an overlap, so that no phrase lies across two pieces.
            for at in range(begin, end, PIECE - 256):
                try:
                    yield os.pread(memory, min(PIECE, end - at), at)
                except OSError:
                    break  # not readable, as what the kernel shares with every program
    finally:
        os.close(memory)
