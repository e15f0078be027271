"""The first pass's graph: which model is listened with, and what becomes of it when it cannot be composed."""

from pathlib import Path

import pytest

from wingline.setup import graph
from wingline.setup.failure import SetupFailed
from wingline.setup.graph import COMPOSED, WORDS, compose_graph, damaged_graph, hearing_folder, is_of_this_release
from wingline.setup.model import VOSK, model_folder
from wingline.setup.paths import Places


@pytest.fixture
def where(tmp_path: Path) -> Places:
    """With a model as it was published, in the folder of the site."""
    here = Places(home=tmp_path / "home", cache=tmp_path / "cache", given_models=tmp_path / "given")
    for name in VOSK.files:
        file = tmp_path / "given" / VOSK.name / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("10015\n" if name.endswith("disambig_tid.int") else name)
    return here


class FakeFst:
    """Writes what OpenFst's programs would have written; ``fails`` is the one that does not."""

    ran: list[tuple[str, ...]]

    def __init__(self, _where: Places, *, fails: str = "") -> None:
        self.ran = []
        self._fails = fails

    def run(self, program: str, *arguments: str | Path) -> None:
        self.ran.append((program, *map(str, arguments)))
        if program == self._fails:
            raise SetupFailed(f"{program} failed: no memory", remedy="get some.")
        for option in map(str, arguments):
            if option.startswith("--save_osymbols="):
                Path(option.partition("=")[2]).write_text("<eps>\t0\n")
        Path(arguments[-1]).write_text(f"by {program}")


@pytest.fixture
def openfst(monkeypatch: pytest.MonkeyPatch, where: Places) -> FakeFst:
    fst = FakeFst(where)
    monkeypatch.setattr(graph, "get_extra", lambda *_, **__: None)
    monkeypatch.setattr(graph, "mix_in", lambda *files: files[-1].write_text("mixed"))
    monkeypatch.setattr(graph, "_Fst", lambda _: fst)
    return fst


def test_the_composed_model_is_listened_with_and_has_all_that_the_published_one_has_beside_its_graphs(
    where: Places, openfst: FakeFst
) -> None:
    assert hearing_folder(where) == model_folder(where)
    compose_graph(where, lock=0)
    composed = hearing_folder(where)

    assert [program for program, *_ in openfst.ran] == [
        "fstsymbols",
        "fstconvert",
        "fstcompose",
        "fstrelabel",
        "fstconvert",
    ]
    found = {str(file.relative_to(composed)) for file in composed.rglob("*") if file.is_file()}
    assert found == {*VOSK.files, COMPOSED, WORDS, "made.sha256"} - {"graph/HCLr.fst", "graph/Gr.fst"}
    assert (composed / COMPOSED).read_text() == "by fstconvert"
    assert {file.name for file in where.models.iterdir()} == {composed.name}


def test_it_is_composed_once(where: Places, openfst: FakeFst) -> None:
    for _ in range(2):
        compose_graph(where, lock=0)

    assert len(openfst.ran) == 5


def test_what_was_composed_with_other_words_of_callers_is_made_anew(
    where: Places, openfst: FakeFst, monkeypatch: pytest.MonkeyPatch
) -> None:
    compose_graph(where, lock=0)
    before = hearing_folder(where)
    monkeypatch.setattr(graph, "_callers", lambda: "others")
    # After an upgrade the last one is better than none.
    assert hearing_folder(where) == before
    assert not is_of_this_release(where)
    compose_graph(where, lock=0)

    assert len(openfst.ran) == 10
    assert is_of_this_release(where)
    # The other is still there, for the way back.
    assert {file.name for file in where.models.iterdir()} == {before.name, hearing_folder(where).name}


@pytest.mark.parametrize("fails", ["fstcompose", "fstconvert"])
def test_without_it_calls_are_heard_with_the_model_as_it_was_published_and_the_cost_is_said(
    where: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fails: str
) -> None:
    monkeypatch.setattr(graph, "get_extra", lambda *_, **__: None)
    monkeypatch.setattr(graph, "mix_in", lambda *files: files[-1].write_text("mixed"))
    monkeypatch.setattr(graph, "_Fst", lambda places: FakeFst(places, fails=fails))

    compose_graph(where, lock=0)

    assert hearing_folder(where) == model_folder(where)
    assert list(where.models.iterdir()) == []
    said = capsys.readouterr().out
    assert f"{fails} failed: no memory" in said
    assert "three times the processor" in said


def test_a_graph_that_was_damaged_is_found(where: Places, openfst: FakeFst) -> None:
    del openfst
    compose_graph(where, lock=0)
    assert damaged_graph(where) == []
    (hearing_folder(where) / COMPOSED).write_text("half of it")
    (hearing_folder(where) / "am/final.mdl").unlink()

    assert damaged_graph(where) == ["am/final.mdl", COMPOSED]


def test_where_nothing_was_composed_nothing_is_damaged(where: Places) -> None:
    assert damaged_graph(where) == []
