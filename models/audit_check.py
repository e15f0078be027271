"""What was done to the audit: which entries were changed, taken out, put in or moved. Pure.

It cannot see that the end was cut off, nor that everything was made anew: for that there are signed heads.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from models.audit import Chain, Entry, hash_of

# An entry whose neighbours are gone is looked for this far from where it stands, and this many such entries.
LOOKED_AROUND = 1000
LOOKED_FOR = 20


class Wrong(StrEnum):
    CHANGED = "changed"
    MISSING = "missing"
    MOVED = "moved"
    INSERTED = "inserted"
    REPLACED = "replaced"
    ANCHOR = "anchor"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with the entries from ``first`` to ``last``; moved ones were made ``made_as`` and onwards."""

    wrong: Wrong
    first: int
    last: int
    made_as: int | None = None

    @property
    def sentence(self) -> str:
        which = f"entry {self.first}" if self.first == self.last else f"entries {self.first} to {self.last}"
        was = "was" if self.first == self.last else "were"
        match self.wrong:
            case Wrong.CHANGED:
                return f"{which} {was} changed"
            case Wrong.MISSING:
                return f"{which} {was} taken out"
            case Wrong.MOVED:
                return f"{which} {was} moved: made as {self.made_as}" + (" and onwards" * (self.first != self.last))
            case Wrong.INSERTED:
                return f"{which} {was} put in"
            case Wrong.REPLACED:
                return f"{which} {was} put in another's place, and perhaps entries before: the next does not follow it"
            case Wrong.ANCHOR:
                return f"the anchor, which stands for the entries up to {self.first} that were forgotten, was changed"


def broken(chain: Chain) -> list[Finding]:
    """Everything that is wrong, in the order of the numbers; empty when the chain is whole."""
    made_as = _made_as(chain)
    put_in = _put_in(chain, made_as)
    genuine = [entry for entry in chain.entries if entry.number not in put_in]
    changed = [entry.number for entry in genuine if entry.number not in made_as]
    moved = [(entry.number, made_as.get(entry.number, entry.number)) for entry in genuine]
    findings = [
        *_anchors(chain),
        *_missing(chain.start.number, sorted(made for _, made in moved)),
        *_runs(Wrong.CHANGED, changed),
        *_runs(Wrong.INSERTED, sorted(put_in)),
        *_moved([(stands, made) for stands, made in moved if stands != made]),
        *_links(chain, {made_as[one.number]: one for one in genuine if one.number in made_as}),
    ]
    return sorted(findings, key=lambda one: one.first)


def _fits(entry: Entry, number: int) -> bool:
    return entry.hash == hash_of(entry.previous, number, entry.deed)


def _made_as(chain: Chain) -> dict[int, int]:
    """By the number under which an entry stands, the one with which it was made; without those that were changed."""
    made = {entry.number: entry.number for entry in chain.entries if _fits(entry, entry.number)}
    followers: dict[str, list[Entry]] = defaultdict(list)
    for entry in chain.entries:
        if entry.number not in made:
            followers[entry.previous].append(entry)
    _follow(chain, made, followers)
    for entry in [one for one in chain.entries if one.number not in made][:LOOKED_FOR]:
        if entry.number in made:
            continue
        near = range(max(1, entry.number - LOOKED_AROUND), entry.number + LOOKED_AROUND)
        found = next((number for number in near if _fits(entry, number)), None)
        if found is not None:
            made[entry.number] = found
            _follow(chain, made, followers)
    return made


def _follow(chain: Chain, made: dict[int, int], followers: dict[str, list[Entry]]) -> None:
    """An entry that stands under a wrong number is found by the entry that it followed when it was made."""
    known = deque((entry.hash, made[entry.number]) for entry in chain.entries if entry.number in made)
    known.append((chain.start.hash, chain.start.number))
    while known:
        its_hash, number = known.popleft()
        for entry in followers.pop(its_hash, ()):
            if _fits(entry, number + 1):
                made[entry.number] = number + 1
                known.append((entry.hash, number + 1))


def _put_in(chain: Chain, made: dict[int, int]) -> set[int]:
    """Of those who claim the same place, all but one; and whoever claims a place that has been forgotten."""
    claims: dict[int, list[Entry]] = defaultdict(list)
    for entry in chain.entries:
        claims[made.get(entry.number, entry.number)].append(entry)
    followed = {entry.previous for entry in chain.entries}
    put_in: set[int] = set()
    for place, claimants in claims.items():
        # Who was not changed, and whom others follow, was there first.
        genuine = max(
            claimants, key=lambda one: (one.number in made, one.hash in followed, made.get(one.number) == one.number)
        )
        forgotten = place <= chain.start.number
        put_in |= {one.number for one in claimants if forgotten or one is not genuine}
    return put_in


def _links(chain: Chain, genuine: dict[int, Entry]) -> Iterable[Finding]:
    """Each of two neighbours may be right in itself, and still the second not follow the first."""
    for place, entry in sorted(genuine.items()):
        before = genuine.get(place - 1)
        if before is not None and entry.previous != before.hash:
            yield Finding(Wrong.REPLACED, before.number, before.number)
        if place == chain.start.number + 1 and entry.previous != chain.start.hash:
            yield Finding(Wrong.ANCHOR, chain.start.number, chain.start.number)


def _anchors(chain: Chain) -> Iterable[Finding]:
    """There is one at most: whoever forgets leaves the newest alone."""
    for anchor in chain.anchors:
        if anchor != chain.start:
            yield Finding(Wrong.ANCHOR, anchor.number, anchor.number)


def _missing(start: int, places: Sequence[int]) -> Iterable[Finding]:
    before = start
    for place in places:
        if place > before + 1:
            yield Finding(Wrong.MISSING, before + 1, place - 1)
        before = place


def _moved(pairs: Sequence[tuple[int, int]]) -> Iterable[Finding]:
    """Neighbours that moved by as much are one finding."""
    by_shift: dict[int, list[int]] = defaultdict(list)
    for stands, made in pairs:
        by_shift[made - stands].append(stands)
    for shift, numbers in by_shift.items():
        for run in _runs(Wrong.MOVED, numbers):
            yield Finding(Wrong.MOVED, run.first, run.last, run.first + shift)


def _runs(wrong: Wrong, numbers: Sequence[int]) -> Iterable[Finding]:
    for _, run in groupby(enumerate(numbers), key=lambda place: place[1] - place[0]):
        these = [number for _, number in run]
        yield Finding(wrong, these[0], these[-1])
