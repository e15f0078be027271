"""Where everything is that the set-up gets: below one folder, and nowhere else."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of one installation; the cache may be shared by several."""

    home: Path
    cache: Path
    given_models: Path | None = None

    @property
    def debian(self) -> Path:
        """The private tree of Debian programs."""
        return self.home / "debian"

    @property
    def chromium(self) -> Path:
        """The private tree of the browser, which only the tests need."""
        return self.home / "chromium"

    @property
    def clock(self) -> Path:
        """The private tree of what sets a program's clock apart, which only the fault driver needs."""
        return self.home / "clock"

    @property
    def axe(self) -> Path:
        """What the tests of the console look at pages with."""
        return self.home / "axe"

    @property
    def models(self) -> Path:
        return self.home / "models"

    @property
    def voice(self) -> Path:
        return self.home / "voices" / "kokoro"


def places(environment: Mapping[str, str] = os.environ, *, source: Path = SOURCE) -> Places:
    """A clone keeps its things in itself; an installed wheel keeps them where it is started."""
    project = source if (source / "pyproject.toml").exists() else Path.cwd()
    home = _folder(environment, "WINGLINE_HOME") or project / ".wingline"
    cache = _folder(environment, "WINGLINE_CACHE") or home / "cache"
    return Places(home=home, cache=cache, given_models=_folder(environment, "WINGLINE_MODELS"))


def _folder(environment: Mapping[str, str], name: str) -> Path | None:
    value = environment.get(name)
    return Path(value).expanduser().absolute() if value else None
