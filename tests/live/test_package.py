"""The Debian package and the bundle as they are built: what is in them, and what installing refuses."""

import os
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]
DEBIAN, BUNDLE = HERE / "deploy" / "debian", HERE / "deploy" / "bundle"
UNITS = ("wingline.service", "wingline-backup.service", "wingline-backup.timer")


def run(*command: object, folder: Path | None = None, **environment: object) -> "subprocess.CompletedProcess[str]":
    given = os.environ | {name: str(value) for name, value in environment.items()}
    words = [str(word) for word in command]
    return subprocess.run(words, capture_output=True, text=True, check=False, env=given, cwd=folder)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a file of nothing for a wheel: making the real one takes long and shows nothing here."""
    folder = tmp_path_factory.mktemp("package")
    wheel = folder / "wingline-0-py3-none-any.whl"
    wheel.touch()
    built = run(DEBIAN / "build.sh", folder, WHEEL=wheel)
    assert built.returncode == 0, built.stderr
    (found,) = folder.glob("*.deb")
    return found


def test_the_package_holds_program_units_settings_and_what_people_read(package: Path, tmp_path: Path) -> None:
    assert run("dpkg-deb", "--extract", package, tmp_path).returncode == 0
    scripts = tmp_path / "DEBIAN"
    assert run("dpkg-deb", "--control", package, scripts).returncode == 0

    lock = (tmp_path / "usr/share/wingline/runtime.lock").read_text()
    assert all(f"\n{name}==" in f"\n{lock}" for name in ("sqlalchemy", "vosk", "pyrage", "numpy"))
    assert "\npytest==" not in lock
    assert lock.count("--hash=sha256:") > lock.count("==")
    for unit in UNITS:
        assert (tmp_path / "lib/systemd/system" / unit).exists()
    for page in ("runbook.md", "backups.md", "INSTALL.md", "alerts.yml", "site-example.toml", "site.env", "site.sql"):
        assert (tmp_path / "usr/share/doc/wingline" / page).exists()
    assert (tmp_path / "etc/wingline/wingline.env").stat().st_mode & 0o777 == 0o640
    settings = (scripts / "conffiles").read_text().split()
    assert settings == ["/etc/wingline/wingline.env", "/etc/logrotate.d/wingline"]
    assert all((tmp_path / file.lstrip("/")).exists() for file in settings)
    for script in ("postinst", "prerm", "postrm"):
        assert run("sh", "-n", scripts / script).returncode == 0
        assert "@" not in (scripts / script).read_text().replace('"$@"', "").replace("@*.", "")


def test_each_of_several_sites_has_units_of_its_own(package: Path, tmp_path: Path) -> None:
    assert run("dpkg-deb", "--extract", package, tmp_path).returncode == 0
    for unit in UNITS:
        name, kind = unit.rsplit(".", 1)
        of_all = (DEBIAN / unit).read_text().splitlines()
        of_one = (tmp_path / "lib/systemd/system" / f"{name}@.{kind}").read_text().splitlines()
        added = [line for line in of_one if line not in of_all]

        assert [line for line in of_all if line not in of_one and not line.startswith("Description=")] == []
        # What is the site's own counts, for it comes last.
        own = ["EnvironmentFile=/etc/wingline/sites/%i.env"] if kind == "service" else []
        assert [line for line in added if not line.startswith("Description=")] == own
        assert added[0].endswith(", %i")


def test_a_command_is_of_the_site_that_is_named_first(tmp_path: Path) -> None:
    """With folders and a program of the test's own for those of the machine."""
    (tmp_path / "etc" / "sites").mkdir(parents=True)
    (tmp_path / "etc" / "wingline.env").write_text("WINGLINE_DATA=of-one\nWINGLINE_BACKUPS_KEPT=14\n")
    (tmp_path / "etc" / "sites" / "leeds.env").write_text("WINGLINE_DATA=of-leeds\n")
    told = 'printf "%s %s %s\\n" "$WINGLINE_DATA" "$WINGLINE_BACKUPS_KEPT" "$*"'
    program = (DEBIAN / "wingline").read_text().replace("/etc/wingline", str(tmp_path / "etc"))
    program = program.replace("/var/lib/wingline", str(tmp_path)).replace('"$(id -un)" = wingline', "1 = 1")
    program = program.replace('exec /opt/wingline/current/bin/wingline "$@"', told, 1)
    (tmp_path / "wingline").write_text(program.split(told)[0] + told)

    def types(*words: str) -> str:
        ended = run("sh", tmp_path / "wingline", *words)
        return ended.stdout.strip() if ended.returncode == 0 else "refused"

    assert types("@leeds", "site", "check", "file") == "of-leeds 14 site check file"
    assert types("doctor") == "of-one 14 doctor"
    assert types("@hull", "doctor") == "refused"


def test_the_next_package_removes_no_release_of_which_something_runs(tmp_path: Path) -> None:
    for version in "1234":
        (tmp_path / "releases" / version / "bin").mkdir(parents=True)
    (tmp_path / "current").symlink_to(tmp_path / "releases" / "4")
    (tmp_path / "previous").symlink_to(tmp_path / "releases" / "3")
    program = tmp_path / "releases" / "2" / "bin" / "sleep"
    program.symlink_to("/bin/sleep")
    script = (DEBIAN / "postinst.in").read_text().replace("/opt/wingline", str(tmp_path))
    removes = script[script.index("# Only those stay") : script.index("\ndone\n") + 6]

    with subprocess.Popen((program, "60")) as running:
        removed = run("sh", "-euc", removes)
        running.kill()

    assert removed.returncode == 0, removed.stderr
    assert sorted(one.name for one in (tmp_path / "releases").iterdir()) == ["2", "3", "4"]


@pytest.mark.skipif(run("sh", "-c", "command -v systemd-analyze").returncode != 0, reason="no systemd on this machine")
def test_the_units_are_right_but_for_programs_that_are_not_installed_here(package: Path, tmp_path: Path) -> None:
    assert run("dpkg-deb", "--extract", package, tmp_path).returncode == 0
    units = [*(tmp_path / "lib/systemd/system").iterdir(), DEBIAN.parent / "cluster" / "wingline-speech.service"]
    assert len(units) == 2 * len(UNITS) + 1
    said = run("systemd-analyze", "verify", *units).stderr
    assert [line for line in said.splitlines() if "wingline" in line and "is not executable" not in line] == []


def test_the_sandbox_leaves_nothing_out_that_was_tried() -> None:
    unit = (DEBIAN / "wingline.service").read_text().splitlines()

    for line in (
        "NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateTmp=yes", "MemoryDenyWriteExecute=yes",
        "CapabilityBoundingSet=", "LimitMEMLOCK=infinity", "LimitCORE=0", "UMask=0077", "User=wingline",
    ):  # fmt: skip
        assert line in unit


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    for name in ("debian", "models"):
        (home / name).mkdir(parents=True)
    (tmp_path / "wingline_0_all.deb").write_text("a package")
    for key in ("maker", "other"):
        assert run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / key).returncode == 0
    made = run(
        BUNDLE / "build.sh", tmp_path, tmp_path / "maker", WINGLINE_HOME=home, DEB=tmp_path / "wingline_0_all.deb"
    )
    assert made.returncode == 0, made.stderr
    assert run("tar", "xf", made.stdout.strip(), folder=tmp_path).returncode == 0
    return tmp_path / "wingline-bundle"


def test_a_bundle_that_is_not_signed_or_was_changed_is_not_installed(bundle: Path) -> None:
    def install(key: str) -> str:
        """Without dpkg nothing can come after the checks."""
        (bundle.parent / "bin").mkdir(exist_ok=True)
        for program in ("sh", "ssh-keygen", "sha256sum", "mktemp", "rm", "cat", "dirname", "awk"):
            link = bundle.parent / "bin" / program
            link.exists() or link.symlink_to(f"/usr/bin/{program}")
        return run(bundle / "install.sh", bundle.parent / key, PATH=bundle.parent / "bin").stdout

    assert "A package that it needs is missing" in install("maker.pub")
    assert "not signed with that key" in install("other.pub")
    package = bundle / "wingline_0_all.deb"
    package.write_text("another package")
    assert "a file is damaged" in install("maker.pub")
    sums = run("sha256sum", "./install.sh", "./home.tar", "./wingline_0_all.deb", folder=bundle).stdout
    (bundle / "SHA256SUMS").write_text(sums)
    assert "not signed with that key, or was changed" in install("maker.pub")
