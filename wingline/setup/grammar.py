"""Mixes what callers say into the first recogniser's grammar: which words follow each other.

Vosk's was made of what is written and read aloud: after "i want to" it expects anything but "die". Both grammars are
n-gram models of three words with weights for what was never seen (Katz 1987), and are mixed as such models are: each
sequence that one of them knows has the mean of what both say (Jelinek and Mercer 1980).
"""

import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from wingline.setup.failure import SetupFailed
from wingline.setup.fst import Acceptor

ORDER = 3
BEGIN, END, UNKNOWN = "<s>", "</s>", "<unk>"
# The share of the callers' in the mixture (docs/decisions/0016-as-callers-speak.md).
CALLERS = 0.6
NEVER = 1e-12
# A sequence of words as one number: of up to three, the last word is its lowest digit.
Keys: TypeAlias = NDArray[np.int64]
Shares: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers of sequences, sorted, and a share for each."""

    keys: Keys
    shares: Shares

    @classmethod
    def of(cls, keys: Keys, shares: Shares) -> "Table":
        order = np.argsort(keys)
        return cls(keys[order], shares[order])

    def find(self, keys: Keys) -> tuple[NDArray[np.bool_], Shares]:
        """Which of them it has, and their shares; 1 for the others."""
        known, at = _find(self.keys, keys)
        shares = np.ones(keys.size)
        shares[known] = self.shares[at[known]]
        return known, shares


def _find(among: Keys, keys: Keys) -> tuple[NDArray[np.bool_], Keys]:
    """Which of them are there, and where; `among` is sorted."""
    at = np.searchsorted(among, keys)
    inside = at < among.size
    inside[inside] = among[at[inside]] == keys[inside]
    return inside, at


@dataclass(frozen=True, slots=True)
class Grammar:
    """`likely[n]`: of n words, the last after those before. `left[n]`: after n words, the weight of all else."""

    base: int
    likely: Mapping[int, Table]
    left: Mapping[int, Table]

    def of(self, keys: Keys, order: int) -> Shares:
        """How likely the last word of each sequence is after those before it."""
        known, shares = self.likely[order].find(keys)
        if order == 1:
            return np.where(known, shares, 0.0)
        _, left = self.left[order - 1].find(keys // self.base)
        shares[~known] = left[~known] * self.of(keys[~known] % self.base ** (order - 1), order - 1)
        return shares


def mix_in(callers: Path, published: Path, words: Path, mixed: Path) -> None:
    """Six seconds and 0.4 GB of memory. `callers`: an ARPA file, compressed; `words`: the model's words.txt."""
    numbers = read_words(words)
    general = grammar_of(Acceptor.read(published), numbers)
    graph_of(mix(general, read_arpa(callers, numbers, general)), numbers).write(mixed)


def read_words(file: Path) -> Mapping[str, int]:
    """A model's words.txt, and a number for the beginning, which no model writes down."""
    words = {word: int(number) for word, number in map(str.split, file.read_text("utf-8").splitlines())}
    return words | {BEGIN: max(words.values()) + 1}


def mix(general: Grammar, callers: Grammar, share: float = CALLERS) -> Grammar:
    """`share`: how much of it is the callers', 0 to 1."""
    likely = {}
    for order in range(1, ORDER + 1):
        keys = np.union1d(general.likely[order].keys, callers.likely[order].keys)
        likely[order] = Table(keys, (1 - share) * general.of(keys, order) + share * callers.of(keys, order))
    left: dict[int, Table] = {}
    mixed = Grammar(general.base, likely, left)
    for order in range(1, ORDER):
        left[order] = _left_over(mixed, order)
    return mixed


def _left_over(grammar: Grammar, order: int) -> Table:
    """What the sequences of one word more leave, spread as the shorter ones are."""
    longer = grammar.likely[order + 1]
    before, which = np.unique(longer.keys // grammar.base, return_inverse=True)
    shorter = grammar.of(longer.keys % grammar.base**order, order)
    taken, known = (np.bincount(which, shares) for shares in (longer.shares, shorter))
    return Table(before, np.maximum(1 - taken, NEVER) / np.maximum(1 - known, NEVER))


def grammar_of(graph: Acceptor, words: Mapping[str, int]) -> Grammar:
    """As it is in a graph: a state for each beginning, and from it to the shorter one by a word that is none (0).

    SetupFailed when it is another graph, or has sequences of more than three words.
    """
    base = max(words.values()) + 1
    source = np.repeat(np.arange(graph.final.size), graph.arcs_of)
    steps = graph.word != 0
    shorter, left = np.full(graph.final.size, -1), np.ones(graph.final.size)
    shorter[source[~steps]] = graph.to[~steps]
    left[source[~steps]] = np.exp(-graph.weight[~steps].astype(np.float64))
    # How many words lead to each state, and which.
    length = np.where(shorter < 0, 0, np.where(shorter == shorter.argmin(), 1, 2))
    if np.count_nonzero(shorter < 0) != 1 or np.any(length[shorter[length == 2]] != 1):
        raise SetupFailed(
            "the model's grammar is not an n-gram model of up to three words.", remedy="use the model that is got here."
        )
    begin = np.zeros(graph.final.size, np.int64)
    begin[graph.start] = words[BEGIN]
    for order in (1, 2):
        leads = steps & (length[source] == order - 1) & (length[graph.to] == order)
        begin[graph.to[leads]] = begin[source[leads]] * base + graph.word[leads]
    ends = np.flatnonzero(np.isfinite(graph.final))
    source, word = np.append(source[steps], ends), np.append(graph.word[steps], np.full(ends.size, words[END]))
    shares = np.exp(-np.append(graph.weight[steps], graph.final[ends]).astype(np.float64))
    keys = begin[source] * base + word
    return Grammar(
        base,
        {n + 1: Table.of(keys[length[source] == n], shares[length[source] == n]) for n in range(ORDER)},
        {n: Table.of(begin[length == n], left[length == n]) for n in range(1, ORDER)},
    )


def read_arpa(file: Path, words: Mapping[str, int], general: Grammar) -> Grammar:
    """Words that the recogniser does not know are left out; words that the file does not, share its `<unk>`."""
    grams: dict[int, dict[int, float]] = {order: {} for order in range(1, ORDER + 1)}
    left: dict[int, dict[int, float]] = {order: {} for order in range(1, ORDER)}
    unknown = 0.0
    for order, likely, said, weight in _lines_of(file):
        if said == [UNKNOWN]:
            unknown = likely
        if any(word not in words for word in said):
            continue
        key = 0
        for word in said:
            key = key * general.base + words[word]
        grams[order][key] = likely
        if weight is not None:
            left[order][key] = weight
    all_words = general.likely[1].keys
    shares = unknown * general.likely[1].shares
    shares += np.array([grams[1].get(key, 0.0) for key in all_words.tolist()])
    likely_of = {order: _table(of_order) for order, of_order in grams.items()} | {1: Table(all_words, shares)}
    return Grammar(general.base, likely_of, {order: _table(of_order) for order, of_order in left.items()})


def _lines_of(file: Path) -> Iterator[tuple[int, float, list[str], float | None]]:
    order = 0
    for line in gzip.decompress(file.read_bytes()).decode("utf-8").splitlines():
        if line.endswith("-grams:"):
            order = int(line[1 : -len("-grams:")])
        elif order and line and not line.startswith("\\"):
            likely, said, *weight = line.split("\t")
            yield order, 10 ** float(likely), said.split(), 10 ** float(weight[0]) if weight else None


def _table(shares: Mapping[int, float]) -> Table:
    return Table.of(np.array(list(shares), np.int64), np.array(list(shares.values())))


def graph_of(grammar: Grammar, words: Mapping[str, int]) -> Acceptor:
    """The other way round: a state for each beginning that is known, and from it to the shorter one."""
    states = _States(grammar)
    final = np.full(states.many, np.inf, np.float32)
    parts: list[tuple[Keys, Keys, Shares, Keys]] = []
    for order, table in grammar.likely.items():
        begin, word = states.of(table.keys // grammar.base, order - 1), table.keys % grammar.base
        ends = word == words[END]
        final[begin[ends]] = -np.log(table.shares[ends])
        to = states.of(table.keys[~ends], order)
        parts.append((begin[~ends], word[~ends], table.shares[~ends], to))
    for order, table in grammar.left.items():
        shorter = states.of(table.keys % grammar.base ** (order - 1), order - 1)
        parts.append((states.of(table.keys, order), np.zeros_like(table.keys), table.shares, shorter))
    source, word, shares, to = (np.concatenate(part) for part in zip(*parts, strict=True))
    sort = np.lexsort((word, source))
    return Acceptor(
        start=int(states.of(np.array([words[BEGIN]]), 1)[0]),
        final=final,
        arcs_of=np.bincount(source, minlength=states.many),
        word=word[sort],
        weight=-np.log(shares[sort]).astype(np.float32),
        to=to[sort],
    )


class _States:
    """The number of the state that some words lead to: of all of them, or of the longest end of them that has one."""

    def __init__(self, grammar: Grammar) -> None:
        self._base = grammar.base
        self._begins = {order: table.keys for order, table in grammar.left.items()}
        self._first, self.many = {}, 1
        for order, begins in self._begins.items():
            self._first[order] = self.many
            self.many += begins.size

    def of(self, keys: Keys, order: int) -> Keys:
        if order == 0:
            return np.zeros_like(keys)
        if order not in self._begins:
            return self.of(keys % self._base ** (order - 1), order - 1)
        known, at = _find(self._begins[order], keys)
        found: Keys = self._first[order] + at
        found[~known] = self.of(keys[~known] % self._base ** (order - 1), order - 1)
        return found
