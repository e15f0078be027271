"""Gathers heard.tsv: what both recognisers make of statements of the corpus, spoken through good and bad telephones.

    python -m corpus.mishear [--count 2400] [--seed 1]     (an hour on two cores; another seed adds others)

Rows of our own made-up statements, of authors that are learnt from: the author, the label, what was said, what the
first recogniser heard and what the second did. Nothing of a call. None of the voices is one that docs/accuracy.md is
measured with.
"""

import argparse
import random
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import soxr
from numpy.typing import NDArray

from corpus.heard import TABLE, Heard
from corpus.speak import Voice, telephone, voices
from corpus.texts import Statement, plain, to_learn_from
from ivr.prompts.sound import PHONE_RATE
from speech import recogniser
from speech.moonshine import Moonshine
from speech.phrase import LONGEST_BYTES
from speech.recogniser import SAMPLE_RATE
from wingline.setup.graph import hearing_folder
from wingline.setup.model import MOONSHINE, model_folder
from wingline.setup.paths import places

# British and American machines' voices, most with another throat. The natural ones are heard nearly as they speak.
ESPEAK = tuple(
    f"{accent}{throat}"
    for accent in ("en-us", "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd")
    for throat in ("", "+f2", "+m3", "+f4", "+m7")
)
VOICES = (*ESPEAK, "kal16", "kal")
# None is a line without noise.
NOISE_DB = (None, None, 20.0, 15.0, 12.0)
MOST_WORDS, MOST_WORDS_OF_A_CALL = 40, 60
CHUNK_BYTES = 6400
QUIET_SECONDS = 0.6


def chosen(count: int, dice: random.Random) -> list[Statement]:
    """A half of ordinary calls, which a line hears most, and a third dangerous; of what is long, a piece."""
    known = to_learn_from()
    dangerous = [one for one in known if one.kinds and len(" ".join(one.said).split()) <= MOST_WORDS]
    calls = [_piece(one, MOST_WORDS_OF_A_CALL, dice) for one in known if one.why == "calls"]
    alike = [_piece(one, MOST_WORDS, dice) for one in known if not one.kinds and one.why != "calls"]
    some = dice.sample(calls, min(len(calls), count // 2)) + dice.sample(dangerous, min(len(dangerous), count // 3))
    some += dice.sample(alike, min(len(alike), count - len(some)))
    dice.shuffle(some)
    return some


def _piece(statement: Statement, most_words: int, dice: random.Random) -> Statement:
    """Some utterances next to each other."""
    begin = dice.randrange(len(statement.said))
    said = [statement.said[begin]]
    for utterance in statement.said[begin + 1 :]:
        if len(" ".join((*said, utterance)).split()) > most_words:
            break
        said.append(utterance)
    return Statement(statement.author, statement.id, tuple(said), frozenset(), statement.why)


class Ears:
    """Both recognisers of speech, and the mouths that speak to them."""

    def __init__(self) -> None:
        where = places()
        self._first = recogniser.load(hearing_folder(where))()
        self._second = Moonshine(model_folder(where, MOONSHINE))
        self._voices: dict[str, Voice] = {}

    def hear(self, statement: Statement, seed: int) -> Heard:
        """Each utterance by itself, as a pause would part it; one voice and one line for the whole of it."""
        dice, noise = random.Random(seed), np.random.default_rng(seed)
        name, noise_db = dice.choice(VOICES), dice.choice(NOISE_DB)
        if name not in self._voices:
            self._voices.update(voices([name]))
        say = self._voices[name]
        first, second = [], []
        for words in statement.said:
            sound, rate = say(words)
            quiet = np.zeros(int(QUIET_SECONDS * rate))
            narrow = telephone(np.concatenate([quiet / 2, np.asarray(sound, np.float64), quiet]), rate, noise_db, noise)
            pcm = _wide(narrow)
            first.append(self._once(pcm))
            second.append(
                " ".join(self._second(pcm[at : at + LONGEST_BYTES]) for at in range(0, len(pcm), LONGEST_BYTES))
            )
        label = ",".join(sorted(statement.kinds)) or f"-{statement.why}"
        return Heard(statement.author, label, statement.said, tuple(map(plain, first)), tuple(map(plain, second)))

    def _once(self, pcm: bytes) -> str:
        words = [self._first.hear(pcm[at : at + CHUNK_BYTES]) for at in range(0, len(pcm), CHUNK_BYTES)]
        return " ".join([heard.words for heard in words if heard.settled] + [self._first.finish().words])


def _wide(narrow: NDArray[np.int16]) -> bytes:
    return np.asarray(soxr.resample(narrow, PHONE_RATE, SAMPLE_RATE), np.int16).tobytes()


def _hear_all(share: list[tuple[int, Statement]], told: Callable[[Heard], None]) -> int:
    ears = Ears()
    for seed, statement in share:
        told(ears.hear(statement, seed))
    return len(share)


def _add(heard: Heard) -> None:
    # One write of one line: two processes add to the same table.
    with TABLE.open("a", encoding="utf-8") as table:
        table.write(f"{heard.row()}\n")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, default=2400)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    some = list(enumerate(chosen(given.count, random.Random(given.seed)), given.seed * 100_000))
    shares = [some[at::2] for at in range(2)]
    with ProcessPoolExecutor(len(shares), mp_context=get_context("spawn")) as pool:
        done = sum(pool.map(_hear_all, shares, [_add] * len(shares)))
    sys.stdout.write(f"{done} statements heard\n")


if __name__ == "__main__":
    main()
