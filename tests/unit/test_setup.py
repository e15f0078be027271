"""The set-up, as far as it can be known without a network: what is started, what is refused, where things are."""

from pathlib import Path

import pytest

from wingline.setup.__main__ import main
from wingline.setup.apt import package_files
from wingline.setup.debian import Tree, machine, unpack_all
from wingline.setup.failure import SetupFailed
from wingline.setup.paths import Places, places
from wingline.setup.programs import Programs, is_new_enough


def a_program(folder: Path, name: str, says: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


# Debian's programs


def test_what_apt_would_install_names_the_files_to_unpack() -> None:
    plan = [
        "Reading package lists...",
        "Inst libc6 (2.42-1 Debian:testing [amd64])",
        "Inst asterisk (1:22.10.1~dfsg-1 Debian:testing [amd64])",
        "Inst sounds [1.0] (1.6-2 Debian:testing, Debian:unstable [all])",
        "Conf asterisk (1:22.10.1~dfsg-1 Debian:testing [amd64])",
    ]

    assert package_files(plan) == [
        "libc6_2.42-1_amd64.deb",
        "asterisk_1%3a22.10.1~dfsg-1_amd64.deb",
        "sounds_1.6-2_all.deb",
    ]


def test_a_private_program_runs_with_its_own_loader_and_libraries(tmp_path: Path) -> None:
    a_program(tmp_path / "usr/sbin", "asterisk")
    libraries, loader = machine()

    command = Tree(tmp_path).command("asterisk")

    folder = tmp_path / "usr/lib" / libraries
    assert command == [
        *(f"{folder}/{loader}", "--library-path", f"{folder}:{folder}/pulseaudio"),
        *("--argv0", "asterisk", f"{tmp_path}/usr/sbin/asterisk"),
    ]


def test_a_tree_with_all_that_is_wanted_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "wanted").write_text("asterisk\nflite\n")

    assert Tree(tmp_path).holds(("flite",))
    assert not Tree(tmp_path).holds(("flite", "baresip-core"))


def test_a_damaged_package_leaves_no_tree_and_is_got_again(tmp_path: Path) -> None:
    damaged = tmp_path / "flite_1_amd64.deb"
    damaged.write_bytes(b"half a package")
    tree = Tree(tmp_path / "debian")

    with (tmp_path / "lock").open("w") as lock, pytest.raises(SetupFailed, match="flite_1_amd64"):
        unpack_all([damaged], tree, ("flite",), lock=lock.fileno())

    assert not tree.root.exists()
    assert not damaged.exists()


@pytest.mark.parametrize(
    ("version", "answer"),
    [
        ("Asterisk 22.6.0", True),
        ("Asterisk 22.10.1+dfsg+~cs6.17.60671434-1", True),
        ("Asterisk certified/22.8-cert1", True),
        ("Asterisk 23.0.0", True),
        ("Asterisk 22.5.9", False),
        ("Asterisk 20.15.0", False),
        ("", False),
    ],
)
def test_an_asterisk_is_new_enough_from_22_6(version: str, answer: bool) -> None:  # noqa: FBT001 a parameter of pytest
    assert is_new_enough(version) is answer


def test_the_machines_own_programs_go_before_private_ones(tmp_path: Path) -> None:
    own = a_program(tmp_path / "bin", "asterisk", "Asterisk 22.7.0")
    a_program(tmp_path / "tree/usr/sbin", "asterisk")
    a_program(tmp_path / "tree/usr/bin", "flite")

    here = Programs(Tree(tmp_path / "tree"), str(tmp_path / "bin"))

    assert here.command("asterisk") == [str(own)]
    assert here.command("flite")[-1] == f"{tmp_path}/tree/usr/bin/flite"


def test_an_old_asterisk_of_the_machine_is_passed_over(tmp_path: Path) -> None:
    a_program(tmp_path / "bin", "asterisk", "Asterisk 20.9.1")

    here = Programs(Tree(tmp_path / "tree"), str(tmp_path / "bin"))

    assert "asterisk" in here.missing_packages()


def test_a_program_that_is_not_set_up_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(SetupFailed, match=r"baresip is not set up(?s:.*)wingline.setup line people"):
        Programs(Tree(tmp_path), str(tmp_path)).command("baresip")


def test_espeak_speaks_with_the_voices_of_its_own_tree(tmp_path: Path) -> None:
    a_program(tmp_path / "usr/bin", "espeak-ng")

    command = Programs(Tree(tmp_path), str(tmp_path)).command("espeak-ng")

    assert command[-1] == f"--path={tmp_path}/usr/lib/{machine()[0]}"


# Where things are, and the command


def test_a_clone_keeps_everything_in_itself(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()

    assert places({}, source=tmp_path) == Places(home=tmp_path / ".wingline", cache=tmp_path / ".wingline/cache")


def test_the_folders_can_be_named(tmp_path: Path) -> None:
    names = {"WINGLINE_HOME": "/srv/line", "WINGLINE_CACHE": "/srv/shared", "WINGLINE_MODELS": "/srv/models"}

    assert places(names, source=tmp_path) == Places(Path("/srv/line"), Path("/srv/shared"), Path("/srv/models"))


def test_an_unknown_part_is_answered_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lines"]) == 2
    assert "[line] [people] [browser] [voice]" in capsys.readouterr().out


def test_a_folder_that_may_not_be_written_in_is_said_plainly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("WINGLINE_HOME", str(tmp_path / "file" / "home"))

    assert main(["line"]) == 1
    assert "WINGLINE_HOME" in capsys.readouterr().out
