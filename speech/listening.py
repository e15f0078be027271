"""One call's sound: the gate, both passes, and what they have found; without threads or a clock of its own."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from speech.attention import Attention
from speech.gate import FRAME_SECONDS, Gate
from speech.judge import Found, Judge
from speech.lookout import Lookout
from speech.phrase import HeardAgain, Phrase
from speech.recogniser import Heard, NewDetector, NewRecogniser
from speech.second import AgainLater
from speech.understanding import Understanding


class Pass(StrEnum):
    """Which recogniser heard it."""

    FIRST = "first"
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class Means:
    """What all calls of this process hear with. Without a second pass each phrase is heard once."""

    recogniser: NewRecogniser
    detector: NewDetector
    judge: Judge
    second: AgainLater | None = None


@dataclass(frozen=True, slots=True)
class Noticed:
    """A danger that nobody was told of yet, the second of the call at which its words ended, and who heard it."""

    found: Found
    second: float
    by: Pass


class Listening:
    """One call, by one thread at a time; `clock` ages the words, also while no sound comes."""

    def __init__(self, means: Means, clock: Callable[[], float]) -> None:
        self.second = 0.0
        self._clock = clock
        self._recogniser = means.recogniser()
        self._gate = Gate(means.detector())
        lookout = Lookout()
        self._first = Attention(means.judge, lookout)
        self._again = Attention(means.judge, lookout)
        self._phrase = Phrase(means.second)
        self._understanding = Understanding()
        # The second of the call to which all is forgotten, because it told of a danger (domain.md section 6, layer 3).
        self._told_at = -1.0

    def __repr__(self) -> str:
        return f"Listening({self.second:.2f} s)"

    def hear(self, frames: Sequence[bytes]) -> Iterator[Noticed]:
        """Frames of 20 ms; none when no sound came for a while."""
        self._first.forget_old(self._clock())
        self._again.forget_old(self._clock())
        self._understanding.forget_old(self._clock())
        yield from self._hear(frames) if frames else self._settle()
        for phrase in self._phrase.heard_again():
            yield from self._hear_again(phrase)

    def skip(self, seconds: float) -> None:
        """Sound that was lost."""
        self.second += seconds

    def wipe(self) -> None:
        self._first.wipe()
        self._again.wipe()
        self._phrase.wipe()
        self._understanding.wipe()
        self._gate.wipe()

    def _settle(self) -> Iterator[Noticed]:
        """What was half said is settled, so that it grows old like the rest."""
        self._gate.wipe()
        self._phrase.ended(self.second)
        yield from self._weigh(self._recogniser.finish())

    def _hear(self, frames: Sequence[bytes]) -> Iterator[Noticed]:
        speech = b""
        for frame in frames:
            self.second += FRAME_SECONDS
            passage = self._gate.let_through(frame)
            speech += passage.pcm
            if passage.ended:
                yield from self._weigh_sound(speech)
                self._phrase.ended(self.second)
                yield from self._weigh(self._recogniser.finish())
                speech = b""
        if speech:
            yield from self._weigh_sound(speech)

    def _weigh_sound(self, speech: bytes) -> Iterator[Noticed]:
        heard = self._recogniser.hear(speech)
        self._phrase.goes_on(speech, self.second, ended=heard.settled)
        yield from self._weigh(heard)

    def _weigh(self, heard: Heard) -> Iterator[Noticed]:
        if heard.settled:
            self._understanding.first_heard(heard.words, self.second, self._clock())
        for one in self._found(self._first, heard.words, self.second, settled=heard.settled):
            yield Noticed(one, self.second, Pass.FIRST)

    def _hear_again(self, phrase: HeardAgain) -> Iterator[Noticed]:
        # Of what was sent off in pieces the first pass has settled on the whole: they are not the same words.
        if phrase.whole:
            self._understanding.heard_again(phrase.words, phrase.second)
        for one in self._found(self._again, phrase.words, phrase.second, keep=phrase.began > self._told_at):
            yield Noticed(one, phrase.second, Pass.SECOND)

    def _found(
        self, by: Attention, words: str, ended: float, *, settled: bool = True, keep: bool = True
    ) -> Sequence[Found]:
        """What is new. All that led to it is forgotten by both passes, and not kept where it is heard again later."""
        agreement, now = self._understanding.agreement, self._clock() if keep else None
        new = by.heard(words, now=now, second=self.second, settled=settled, agreement=agreement)
        if new:
            self._told_at = ended
            self._first.wipe()
            self._again.wipe()
        return new
