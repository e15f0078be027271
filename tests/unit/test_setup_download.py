"""Getting the files of the set-up: resumed, checked, from the second source when the first is wrong."""

import http.server
import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest

from wingline.setup.archive import unpack
from wingline.setup.download import download, npm
from wingline.setup.failure import SetupFailed, SourceFailed
from wingline.setup.model import Model, Source, get_models, model_folder
from wingline.setup.paths import Places

CONTENT = bytes(range(256)) * 4096
CHECKSUM = sha256(CONTENT).hexdigest()
AT_ONCE = (0.0, 0.0)


@dataclass
class Mirror:
    """A server on loopback that can break off, be wrong, or know nothing of ranges."""

    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    breaks_off_after: list[int] = field(default_factory=list)
    knows_ranges: bool = True
    port: int = 0

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        wanted = request.headers["Range"]
        self.asked.append((request.path[1:], wanted))
        content = self.files.get(request.path[1:])
        if content is None:
            request.send_error(404)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.knows_ranges else 0
        if start >= len(content):
            request.send_error(416)
            return
        request.send_response(206 if start else 200)
        request.send_header("Content-Length", str(len(content) - start))
        request.end_headers()
        stop = self.breaks_off_after.pop(0) if self.breaks_off_after else len(content)
        request.wfile.write(content[start:stop])


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    it = Mirror()

    class Answering(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            it.answer(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name is http.server's
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        it.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield it
        server.shutdown()
        thread.join()


class NoBar:
    def reached(self, done: float, total: float) -> None:
        assert done <= total


def a_tgz(path: Path, files: dict[str, bytes]) -> bytes:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path.read_bytes()


# Downloads


def test_a_download_is_whole_or_not_there(mirror: Mirror, tmp_path: Path) -> None:
    mirror.files["model.tgz"] = CONTENT

    download(mirror.url("model.tgz"), tmp_path / "model.tgz", NoBar(), checksum=CHECKSUM)

    assert (tmp_path / "model.tgz").read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["model.tgz"]


def test_a_download_goes_on_where_the_line_broke(mirror: Mirror, tmp_path: Path) -> None:
    mirror.files["model.tgz"] = CONTENT
    mirror.breaks_off_after = [300_000]

    download(mirror.url("model.tgz"), tmp_path / "model.tgz", NoBar(), checksum=CHECKSUM, waits=AT_ONCE)

    assert mirror.asked == [("model.tgz", None), ("model.tgz", "bytes=300000-")]


def test_a_download_goes_on_where_a_killed_set_up_stopped(mirror: Mirror, tmp_path: Path) -> None:
    mirror.files["model.tgz"] = CONTENT
    (tmp_path / "model.tgz.part").write_bytes(CONTENT[:1000])

    download(mirror.url("model.tgz"), tmp_path / "model.tgz", NoBar(), checksum=CHECKSUM)

    assert mirror.asked == [("model.tgz", "bytes=1000-")]
    assert (tmp_path / "model.tgz").read_bytes() == CONTENT


def test_a_part_that_was_already_whole_is_taken(mirror: Mirror, tmp_path: Path) -> None:
    mirror.files["model.tgz"] = CONTENT
    (tmp_path / "model.tgz.part").write_bytes(CONTENT)

    download(mirror.url("model.tgz"), tmp_path / "model.tgz", NoBar(), checksum=CHECKSUM)

    assert (tmp_path / "model.tgz").read_bytes() == CONTENT


def test_a_server_without_ranges_gives_the_whole_file_again(mirror: Mirror, tmp_path: Path) -> None:
    mirror.files["model.tgz"] = CONTENT
    mirror.knows_ranges = False
    (tmp_path / "model.tgz.part").write_bytes(b"half of it")

    download(mirror.url("model.tgz"), tmp_path / "model.tgz", NoBar(), checksum=CHECKSUM)

    assert (tmp_path / "model.tgz").read_bytes() == CONTENT


def test_a_wrong_beginning_is_thrown_away_and_got_again(mirror: Mirror, tmp_path: Path) -> None:
    mirror.files["model.tgz"] = CONTENT
    (tmp_path / "model.tgz.part").write_bytes(b"x" * 1000)

    download(mirror.url("model.tgz"), tmp_path / "model.tgz", NoBar(), checksum=CHECKSUM)

    assert (tmp_path / "model.tgz").read_bytes() == CONTENT


def test_a_file_with_the_wrong_checksum_is_refused_and_not_kept(mirror: Mirror, tmp_path: Path) -> None:
    mirror.files["model.tgz"] = b"something else"

    with pytest.raises(SourceFailed, match="SHA-256"):
        download(mirror.url("model.tgz"), tmp_path / "model.tgz", NoBar(), checksum=CHECKSUM)

    assert not list(tmp_path.iterdir())


def test_a_file_in_the_cache_is_not_downloaded_again(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / "model.tgz").write_bytes(CONTENT)

    download(mirror.url("model.tgz"), tmp_path / "model.tgz", NoBar(), checksum=CHECKSUM)

    assert mirror.asked == []


def test_a_missing_file_is_asked_for_once(mirror: Mirror, tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match="404"):
        download(mirror.url("gone.tgz"), tmp_path / "gone.tgz", NoBar(), checksum=CHECKSUM, waits=AT_ONCE)

    assert len(mirror.asked) == 1


def test_a_silent_address_is_tried_again_and_then_named(tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match=r"http://127.0.0.1:9/a.tgz: .*refused"):
        download("http://127.0.0.1:9/a.tgz", tmp_path / "a.tgz", NoBar(), checksum=None, waits=AT_ONCE)


def test_packages_come_from_the_public_registry() -> None:
    assert npm("rn-speech-to-text", "0.1.0") == (
        "https://registry.npmjs.org/rn-speech-to-text/-/rn-speech-to-text-0.1.0.tgz"
    )


# Archives


def test_only_the_named_folder_is_unpacked(tmp_path: Path) -> None:
    a_tgz(tmp_path / "a.tgz", {"package/model/am/final.mdl": b"m", "package/index.js": b"js"})

    unpack(tmp_path / "a.tgz", "package/model", tmp_path / "out")

    assert [str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.*")] == ["am/final.mdl"]


def test_an_archive_cannot_write_outside_its_folder(tmp_path: Path) -> None:
    a_tgz(tmp_path / "a.tgz", {"package/model/../../../escaped": b"m"})

    unpack(tmp_path / "a.tgz", "package/model", tmp_path / "deep" / "out")

    assert not list(tmp_path.rglob("escaped"))


def test_a_zip_is_unpacked_like_a_tgz(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("model/conf/mfcc.conf", "c")

    unpack(tmp_path / "a.zip", "model", tmp_path / "out")

    assert (tmp_path / "out/conf/mfcc.conf").read_text() == "c"


def test_a_broken_archive_is_not_kept_for_the_next_time(tmp_path: Path) -> None:
    (tmp_path / "a.tgz").write_bytes(b"<html>sign in to the network</html>")

    with pytest.raises(SourceFailed):
        unpack(tmp_path / "a.tgz", "package/model", tmp_path / "out")

    assert not (tmp_path / "a.tgz").exists()


# The model


@pytest.fixture
def small_model() -> dict[str, bytes]:
    """The two small files of the model in place of the real one."""
    return {"am/final.mdl": b"acoustic", "conf/model.conf": b"--min-active=200"}


def model_of(files: dict[str, bytes], *sources: Source) -> Model:
    return Model("small", {name: sha256(content).hexdigest() for name, content in files.items()}, sources)


def test_the_second_source_is_used_when_the_first_is_wrong(
    mirror: Mirror, tmp_path: Path, small_model: dict[str, bytes]
) -> None:
    wrong = {f"m/{name}": b"wrong" for name in small_model}
    right = {f"m/{name}": content for name, content in small_model.items()}
    mirror.files = {"first.tgz": a_tgz(tmp_path / "1.tgz", wrong), "second.tgz": a_tgz(tmp_path / "2.tgz", right)}
    where = Places(home=tmp_path / "home", cache=tmp_path / "cache")
    small = model_of(small_model, *(Source(mirror.url(f"{name}.tgz"), "m", None) for name in ("first", "second")))

    get_models(where, (small,))

    assert (model_folder(where, small) / "am/final.mdl").read_bytes() == b"acoustic"
    assert [name for name, _ in mirror.asked] == ["first.tgz", "second.tgz"]


def test_when_no_source_gives_the_model_all_reasons_and_a_remedy_are_said(
    mirror: Mirror, tmp_path: Path, small_model: dict[str, bytes]
) -> None:
    mirror.files["wrong.tgz"] = a_tgz(tmp_path / "1.tgz", {f"m/{name}": b"wrong" for name in small_model})
    where = Places(home=tmp_path / "home", cache=tmp_path / "cache")
    small = model_of(small_model, *(Source(mirror.url(name), "m", None) for name in ("gone.tgz", "wrong.tgz")))

    with pytest.raises(SetupFailed, match=r"(?s)404.*am/final.mdl.*What to do.*WINGLINE_MODELS"):
        get_models(where, (small,))

    assert not model_folder(where, small).exists()


def test_a_sites_own_copy_of_the_model_is_used_and_checked(tmp_path: Path, small_model: dict[str, bytes]) -> None:
    where = Places(home=tmp_path / "home", cache=tmp_path / "cache", given_models=tmp_path / "given")
    for name, content in small_model.items():
        path = tmp_path / "given" / "small" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(content)

    small = model_of(small_model)

    get_models(where, (small,))
    (tmp_path / "given" / "small" / "am/final.mdl").write_bytes(b"damaged")

    with pytest.raises(SetupFailed, match=r"am/final\.mdl"):
        get_models(where, (small,))
