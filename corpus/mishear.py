"""Gathers misheard.tsv: what both recognisers make of statements that were spoken through a telephone.

    python -m corpus.mishear FOLDER     (as corpus.speak has written it, of authors that are learnt from)

The table holds words of our own made-up statements and what a machine took them for; nothing of a call.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from corpus.misheard import TABLE
from corpus.texts import plain
from speech import recogniser
from speech.moonshine import Moonshine
from wingline.evaluation.lines import read_lines
from wingline.evaluation.sound import read_sound
from wingline.setup.model import MOONSHINE, model_folder
from wingline.setup.paths import places

# More words than this on one side are a lost stretch and not a mishearing.
LONGEST = 3


def pairs(said: Sequence[str], heard: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each word that was not heard as itself, and what stands in its place; nothing when it was lost."""
    for tag, at, to, other_at, other_to in SequenceMatcher(None, said, heard, autojunk=False).get_opcodes():
        if tag == "delete" and to - at <= LONGEST:
            yield from ((word, "") for word in said[at:to])
        elif tag == "replace" and to - at <= LONGEST and other_to - other_at <= LONGEST:
            yield said[at], " ".join(heard[other_at:other_to])
            yield from ((word, "") for word in said[at + 1 : to])


def main(folder: Path) -> None:
    where = places()
    new, again = recogniser.load(model_folder(where)), Moonshine(model_folder(where, MOONSHINE))
    found: Counter[tuple[str, str]] = Counter()
    lines = read_lines(folder / "refs.jsonl")
    for number, line in enumerate(lines):
        pcm, _ = read_sound(folder / line.file)
        said = plain(" ".join(line.said)).split()
        one = new()
        words = [one.hear(pcm[at : at + 6400]) for at in range(0, len(pcm), 6400)]
        first = " ".join([heard.words for heard in words if heard.settled] + [one.finish().words])
        found.update(pairs(said, plain(first).split()))
        second = " ".join(again(pcm[at : at + 256_000]) for at in range(0, len(pcm), 256_000))
        found.update(pairs(said, plain(second).split()))
        sys.stdout.write(f"\r{number + 1}/{len(lines)}")
    rows = [f"{said}\t{heard}\t{times}" for (said, heard), times in sorted(found.items())]
    TABLE.write_text("\n".join(rows) + "\n", "utf-8")
    sys.stdout.write(f"\n{len(rows)} mishearings\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
