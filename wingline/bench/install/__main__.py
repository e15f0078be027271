"""`make install-test` (ARGS="--json --tree DEBIAN --package FILE"): what came of it; exit code 1 when any is not so."""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from pathlib import Path

from models.errors import WinglineError
from wingline.bench.cluster.hosts import Hosts
from wingline.bench.install.guest import Guest, NoGuest, debian
from wingline.bench.install.story import Trial
from wingline.setup.paths import SOURCE, places

NEXT = "99.0.0"
Step = Callable[[], Awaitable[None]]


def main() -> int:
    asked = argparse.ArgumentParser(prog="make install-test", description=__doc__)
    asked.add_argument("--json", action="store_true")
    asked.add_argument("--tree", type=Path, help="a Debian that is there already, from debootstrap")
    asked.add_argument("--package", type=Path, help="a package that is there already")
    chosen = asked.parse_args()
    try:
        seen = asyncio.run(_tried(chosen.tree, chosen.package, told=not chosen.json))
    except (WinglineError, TimeoutError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if chosen.json:
        sys.stdout.write(json.dumps({"seen": seen, "wrong": sum(not so for so in seen.values())}) + "\n")
    return 0 if all(seen.values()) else 1


async def _tried(tree: Path | None, package: Path | None, *, told: bool) -> dict[str, bool]:
    if os.geteuid() != 0:
        raise NoGuest("only root may boot it")
    if tree is None:
        tree = places().home / "install"
        await asyncio.to_thread(debian, tree)
    with tempfile.TemporaryDirectory(prefix="wingline-install-") as name:
        folder = Path(name)
        shared, running = folder / "shared", folder / "running"
        for one in (shared, running):
            one.mkdir()
        first, following = await asyncio.to_thread(_packages, shared, package)
        hosts = Hosts({"guest": 51, "phones": 61}, folder / "log")
        guest = Guest(hosts["guest"], tree, running, shared)
        trial = Trial(guest, hosts["phones"], folder, told)
        try:
            hosts.plug_in_all()
            await guest.boot()
            for step in _steps(trial, first, following):
                await step()
        finally:
            await guest.stop()
            await hosts.stop()
    return trial.seen


def _steps(trial: Trial, first: str, following: str) -> tuple[Step, ...]:
    return (
        lambda: trial.installs(first),
        trial.has_what_a_bundle_brings,
        trial.is_set_up,
        trial.is_sealed,
        trial.is_backed_up,
        lambda: trial.is_changed(following, NEXT, version("wingline")),
        trial.is_killed,
        trial.is_restarted,
        trial.is_purged,
    )


def _packages(shared: Path, given: Path | None) -> tuple[str, str]:
    """The release of this clone with all its wheels, and the same under another number."""
    if given is None:
        build = str(SOURCE / "deploy/debian/build.sh")
        subprocess.run([build, str(shared)], check=True, stdout=subprocess.DEVNULL, env=os.environ | {"WHEELS": "1"})
        (given,) = shared.glob("*.deb")
    else:
        subprocess.run(["cp", str(given), str(shared)], check=True)
    tree = shared / "next"
    subprocess.run(["dpkg-deb", "--raw-extract", str(given), str(tree)], check=True)
    for name in ("control", "postinst"):
        script = tree / "DEBIAN" / name
        script.write_text(script.read_text().replace(version("wingline"), NEXT))
    following = f"wingline_{NEXT}_all.deb"
    build_it = ("dpkg-deb", "--root-owner-group", "-Znone", "--build", str(tree), str(shared / following))
    subprocess.run(build_it, check=True, stdout=subprocess.DEVNULL)
    for one in ("debian", "models", "prompts"):
        if (places().home / one).exists():
            subprocess.run(["cp", "-al", str(places().home / one), str(shared)], check=True)
    return given.name, following


if __name__ == "__main__":
    sys.exit(main())
