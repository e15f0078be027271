"""The Debian package's folders with this tree in them, and with a next release that brings other tables with it.

For the measurement and the tests of an upgrade: a release that is to come can only be made up.
"""

import shutil
import site
import venv
from pathlib import Path

from models.errors import OurFault
from models.migrate import newest
from wingline.setup.paths import SOURCE

THIS, NEXT = "1.0.0", "2.0.0"
REVISION = "next"

_PACKAGES = ("console", "escalation", "ivr", "listeners", "models", "profiles", "rota", "speech", "wingline")
# Tables that get a column more, after this one. The next release writes a 2; for the release before, the database a 1.
_AFTER = {
    "calls.py": "    stage: Mapped[str] = column(COUNT, DAYS_90, String(12))\n",
    "accounts.py": "    what: Mapped[str] = column(STAFF, YEARS_2, String(40))\n",
}
_COLUMN = '    by_release: Mapped[int] = column({kept}, Integer, default=2, server_default="1")\n'
_STEP = '''"""Of which release a call and an entry are; and an index on what the line looks for."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"


def upgrade() -> None:
    for table in ("acts", "calls"):
        op.add_column(table, sa.Column("by_release", sa.Integer(), nullable=False, server_default="1"))
    op.create_index("offers_by_end", "offers", ["ended_at"])
    {then}
'''
_COMMAND = """#!{python}
import sys
from wingline.cli import app
sys.exit(app())
"""


class Releases:
    """/opt/wingline of the Debian package (deploy/debian/postinst.in), in ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.current, self._previous = root / "current", root / "previous"

    @property
    def python(self) -> Path:
        return self.current / "bin" / "python"

    def install(self, version: str = THIS, source: Path = SOURCE) -> Path:
        """Nothing that runs is changed by it. Where its packages are."""
        release = self.root / "releases" / version
        venv.create(release, symlinks=True)
        packages = _packages(release)
        for package in _PACKAGES:
            shutil.copytree(source / package, packages / package)
        (packages / "others.pth").write_text("\n".join(site.getsitepackages()))
        about = packages / f"wingline-{version}.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.4\nName: wingline\nVersion: {version}\n")
        command = release / "bin" / "wingline"
        command.write_text(_COMMAND.format(python=release / "bin" / "python"))
        command.chmod(0o755)
        self.follow(version)
        return packages

    def install_next(self, version: str = NEXT, *, then: str = "") -> Path:
        """As the one that is installed, with other tables. ``then``: what else their step does, in Python."""
        packages = self.install(version, _packages(self.current) if self.current.exists() else SOURCE)
        for name, after in _AFTER.items():
            text = (file := packages / "models" / "tables" / name).read_text()
            if text.count(after) != 1:
                raise OurFault(f"{file} is not as it was when this was written")
            kept = after.partition("(")[2].partition(", String")[0]
            file.write_text(text.replace(after, after + _COLUMN.format(kept=kept)))
        step = _STEP.format(revision=REVISION, before=newest(), then=then)
        (packages / "models" / "migrations" / "versions" / "next.py").write_text(step)
        return packages

    def follow(self, version: str) -> None:
        """The links, as `postinst` moves them."""
        if self.current.exists():
            _link(self._previous, self.current.resolve())
        _link(self.current, self.root / "releases" / version)

    def go_back(self) -> None:
        """docs/upgrade.md: the link is moved to the release before."""
        _link(self.current, self._previous.resolve())


def _packages(release: Path) -> Path:
    return next(release.glob("lib/python3*/site-packages"))


def _link(link: Path, to: Path) -> None:
    """As ln -sfnT does it."""
    fresh = link.with_suffix(".new")
    fresh.symlink_to(to)
    fresh.replace(link)
