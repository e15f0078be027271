"""The first pass's graph, composed once: Vosk's small models leave that to each recogniser, again in every call.

HCLr.fst is which sounds make which words, Gr.fst which words follow each other. As published, each recogniser composes
the two while it listens and keeps what it has made: docs/decisions/0015-one-graph.md has what that costs. Before they
are composed, what callers say is mixed into the second (docs/decisions/0016-as-callers-speak.md).
"""

import shutil
import subprocess
from functools import cache
from importlib.resources import files
from pathlib import Path

from wingline.setup.download import sha256
from wingline.setup.extras import Extra, get_extra
from wingline.setup.failure import SetupFailed
from wingline.setup.grammar import mix_in
from wingline.setup.model import VOSK, model_folder
from wingline.setup.paths import Places
from wingline.setup.steps import console, step

# OpenFst (Apache-2.0), which Vosk is built on; the plugins read the two kinds of graph of the model.
OPENFST = Extra("openfst", ("libfst-tools", "^libfst[0-9]+-plugins-base$"))
# Made by corpus.grammar.
CALLERS = Path(str(files("speech") / "learnt" / "callers.arpa.gz"))
COMPOSED = "graph/HCLG.fst"
WORDS = "graph/words.txt"
_CHECKSUMS = "made.sha256"
_COMPOSED_FOLDERS = f"{VOSK.name}-composed"
_LEFT_OUT = ("HCLr.fst", "Gr.fst")


def hearing_folder(places: Places) -> Path:
    """What the first pass listens with: the model with its graph composed, or as it was published."""
    return _composed(places) or model_folder(places)


def is_of_this_release(places: Places) -> bool:
    """Whether the graph that is listened with was composed with the callers' words of this release."""
    return hearing_folder(places) == _composed_folder(places)


def compose_graph(places: Places, *, lock: int) -> None:
    """Under a minute, once. Without it calls are listened to all the same, at the cost that is then told."""
    target = _composed_folder(places)
    if target.is_dir():
        return
    fresh = places.models / "graph.making"
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        get_extra(OPENFST, places, lock=lock)
        with step("composing the graph of the first pass (230 MB)"):
            _compose(places, model_folder(places), fresh)
        fresh.rename(target)
    except SetupFailed as failure:
        shutil.rmtree(fresh, ignore_errors=True)
        console.print(
            f"    not composed: {failure}\n    Each call takes three times the processor to hear, and 100 to 240 MB."
        )


def damaged_graph(places: Places) -> list[str]:
    """The files that are not as they were made; nothing where none was composed."""
    folder = _composed(places)
    if folder is None:
        return []
    made = (line.split(maxsplit=1) for line in (folder / _CHECKSUMS).read_text().splitlines())
    return [name for right, name in made if not (folder / name).is_file() or sha256(folder / name) != right]


def _composed_folder(places: Places) -> Path:
    return places.models / f"{_COMPOSED_FOLDERS}-{_callers()}"


def _composed(places: Places) -> Path | None:
    """Of this release, or else of the last other one: after an upgrade, and after the way back."""
    ours = _composed_folder(places)
    if ours.is_dir():
        return ours
    others = places.models.glob(f"{_COMPOSED_FOLDERS}*")
    return max(others, key=lambda folder: folder.stat().st_mtime, default=None)


@cache
def _callers() -> str:
    """Which words of callers are in it."""
    return sha256(CALLERS)[:8]


def _compose(places: Places, model: Path, fresh: Path) -> None:
    shutil.copytree(model, fresh, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    graph = fresh / "graph"
    work = [graph / name for name in ("G.fst", "const.fst", "mixed.fst", "composed.fst", "relabelled.fst", "pairs")]
    grammar, published, mixed, composed, relabelled, pairs = work
    fst = _Fst(places)
    # As text, where Vosk looks for them when the graph has none of its own.
    fst.run(
        "fstsymbols",
        f"--save_osymbols={fresh / WORDS}",
        "--clear_isymbols",
        "--clear_osymbols",
        model / "graph/Gr.fst",
        grammar,
    )
    fst.run("fstconvert", "--fst_type=const", grammar, published)
    mix_in(CALLERS, published, fresh / WORDS, mixed)
    fst.run("fstcompose", model / "graph/HCLr.fst", mixed, composed)
    # The marks that told words of the same sound apart while the graph was made; Vosk takes them out as well.
    marks = (model / "graph/disambig_tid.int").read_text().split()
    pairs.write_text("".join(f"{mark} 0\n" for mark in marks))
    fst.run("fstrelabel", f"--relabel_ipairs={pairs}", composed, relabelled)
    fst.run("fstconvert", "--fst_type=const", relabelled, fresh / COMPOSED)
    for file in work:
        file.unlink()
    made = sorted(file.relative_to(fresh) for file in fresh.rglob("*") if file.is_file())
    (fresh / _CHECKSUMS).write_text("".join(f"{sha256(fresh / name)}  {name}\n" for name in made))


class _Fst:
    """OpenFst's programs, with the folder in which they look for their plugins."""

    def __init__(self, places: Places) -> None:
        self._places = places
        plugins = sorted((OPENFST.tree(places).libraries / "fst").glob("*/olabel_lookahead-fst.so"))
        if not plugins:
            raise SetupFailed(
                "OpenFst has no plugins for the model's graph.", remedy="remove .wingline/openfst and start again."
            )
        self._plugins = plugins[-1].parent

    def run(self, program: str, *arguments: str | Path) -> None:
        loader, option, libraries, *rest = OPENFST.command(program, self._places)
        command = [loader, option, f"{libraries}:{self._plugins}", *rest, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or "ERROR" in done.stderr:
            raise SetupFailed(
                f"{program} failed: {done.stderr.strip()[-300:]}",
                remedy="check that the disk has 1 GB free and the machine 2 GB of memory, then start again.",
            )
