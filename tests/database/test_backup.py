"""A lost site comes back as it was, for nobody but the holder of the key, and without what is to be forgotten."""

import io
import os
import resource
import shutil
import signal
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path

import pyrage
import pytest
from backup_world import NOT_OURS, OLD_CALL, OURS, Backed, a_backed_site, a_key, an_entry
from builders import SITE
from sqlalchemy import select

from models import tables
from models.audit import read_chain
from models.audit_check import broken
from models.clock import now
from models.errors import AskersFault
from models.overdue import overdue
from models.tables import CallCount
from wingline.audit_files import settle_heads
from wingline.backup import contents as packing
from wingline.backup.errors import DataThere, NoRecipients, NoTool, NotOpened, NotWritten, ToolFailed
from wingline.backup.sealed import open_sealed, read_identities, seal
from wingline.bench.private_postgres import _installed
from wingline.up import AlreadyUp, only_one

NOW = now().replace(microsecond=0)
SOON = NOW + timedelta(hours=1)
DAYS_LATER = NOW + timedelta(days=3)


@pytest.fixture
def site(own_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Backed:
    monkeypatch.setenv("PATH", f"{_installed() / 'bin'}:{Path('/usr/bin')}")
    return a_backed_site(tmp_path, own_url, NOW)


@pytest.fixture
def on_sqlite(tmp_path: Path, migrated_file: Path) -> Backed:
    """For what is the same on both."""
    return a_backed_site(tmp_path, f"sqlite:///{shutil.copy(migrated_file, tmp_path)}", NOW)


def test_a_site_comes_back_as_it_was_and_what_was_there_is_moved_aside(site: Backed) -> None:
    with site.database() as database, database.transaction() as session:
        (head,) = settle_heads(session, site.settings.data, site="demo", zone="Europe/London", now=NOW)
    before, key = site.rows(), (site.settings.data / "audit-key.pem").read_bytes()
    taken = site.take(NOW)
    assert site.last() == NOW
    (site.settings.data / "secrets.toml").write_text("lost")
    with site.database() as database:
        an_entry(database, "came later", SOON)

    restored = site.restore(taken.file, SOON)

    after = site.rows()
    assert [one for one in after["acts"] if one[3] in {"acknowledged", "backed up", "came later"}] == before["acts"]
    # Nobody is signed in any more; the rest is as it was, but for the entries of the restore and the purge.
    assert after.pop("sign_ins") == []
    assert before.pop("sign_ins")
    assert [one[3] for one in after.pop("acts")][len(before.pop("acts")) :] == ["restored", "purged"]
    assert after == before
    for name, content in OURS.items():
        assert (site.settings.data / name).read_text() == content
    assert (site.settings.data / "audit-key.pem").read_bytes() == key
    assert (site.settings.data / "audit" / f"{head.day}.head").exists()
    assert (site.settings.data / "secrets.toml").stat().st_mode & 0o777 == 0o600
    assert (restored.wrong, restored.overdue) == ((), 0)
    assert restored.aside
    assert (Path(restored.aside) / "secrets.toml").read_text() == "lost"
    with site.database() as database:
        assert broken(database.do(read_chain)) == []


def test_a_backup_holds_no_log_nothing_of_asterisk_and_is_sealed(site: Backed) -> None:
    taken = site.take(NOW)
    sealed = taken.file.read_bytes()
    opened = open_sealed(taken.file, read_identities(site.key))
    found = packing.unpack(opened, taken.file)

    assert set(found.files) == {"site.toml", *OURS}
    for content in (*OURS.values(), *NOT_OURS.values(), OLD_CALL):
        assert content.encode() not in sealed
    assert not [name for name in NOT_OURS if name in found.files]
    assert taken.file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in site.elsewhere.iterdir()] == [taken.file.name]


def test_what_became_due_since_is_forgotten_before_anything_is_served(site: Backed) -> None:
    taken = site.take(NOW)

    restored = site.restore(taken.file, DAYS_LATER)

    assert restored.forgotten >= 1
    with site.database() as database, database.transaction() as session:
        assert session.scalars(select(tables.Call.id)).all() == []
        assert overdue(session, DAYS_LATER) == ()
    for file in site.settings.data.parent.glob("*.db*"):
        assert OLD_CALL.encode() not in file.read_bytes()


def test_what_was_forgotten_before_the_backup_is_in_no_byte_of_it(site: Backed) -> None:
    with site.database() as database, database.transaction() as session:
        session.delete(session.get_one(tables.Call, OLD_CALL))
    opened = packing.unpack(open_sealed(site.take(NOW).file, read_identities(site.key)), Path("backup"))

    assert OLD_CALL.encode() not in opened.database


def test_a_copy_is_of_one_moment_while_others_write(site: Backed) -> None:
    """Each writing adds two rows at once; a copy of two moments could have one of them."""
    over = threading.Event()

    def write() -> None:
        months = (f"{number:07}" for number in count())
        with site.database() as database:
            while not over.is_set():
                with database.transaction() as session:
                    session.add_all(CallCount(site_id=SITE, month=next(months), calls=1, listened=0) for _ in range(2))

    writing = threading.Thread(target=write)
    writing.start()
    try:
        files = [site.take(NOW + timedelta(minutes=number)).file for number in range(3)]
    finally:
        over.set()
        writing.join()

    sizes = []
    for number, file in enumerate(files):
        site.restore(file, SOON + timedelta(minutes=number))
        sizes.append(len(site.rows()["call_counts"]))
    assert [size % 2 for size in sizes] == [0, 0, 0]
    assert sizes[0] < sizes[2]


def test_another_key_and_a_damaged_file_open_nothing_and_change_nothing(on_sqlite: Backed) -> None:
    (on_sqlite.settings.data / "recordings" / "en" / "line" / "long.wav").write_bytes(os.urandom(200_000))
    whole = on_sqlite.take(NOW).file
    before = on_sqlite.rows()
    content = whole.read_bytes()
    block = 65536 + 16
    head = content.index(b"\n---") + 100
    a_key(on_sqlite.elsewhere / "other.txt")

    with pytest.raises(NotOpened, match="not made for this key"):
        on_sqlite.restore(whole, SOON, key=on_sqlite.elsewhere / "other.txt")
    for damaged in (
        content[:20],
        content[: len(content) // 2],
        content[:-1],
        content[: len(content) - (len(content) - head) % block],
        content[:-200] + bytes([content[-200] ^ 1]) + content[-199:],
        b"not a backup",
        b"",
    ):
        whole.write_bytes(damaged)
        with pytest.raises(NotOpened):
            on_sqlite.restore(whole, SOON)
    assert on_sqlite.rows() == before
    assert list(on_sqlite.settings.data.parent.glob("site-replaced-*")) == []


@pytest.mark.parametrize(
    "name", ["site/../../../tmp/evil", "site/log/line.log", "/etc/passwd", "site/recordings/../x.wav"]
)
def test_whoever_knows_the_public_key_can_make_no_backup_that_writes_elsewhere(on_sqlite: Backed, name: str) -> None:
    taken = on_sqlite.take(NOW)
    packed = io.BytesIO()
    opened = open_sealed(taken.file, read_identities(on_sqlite.key))
    with tarfile.open(fileobj=io.BytesIO(opened)) as real, tarfile.open(fileobj=packed, mode="w:gz") as forged:
        for entry in real:
            forged.addfile(entry, real.extractfile(entry))
        extra = tarfile.TarInfo(name)
        extra.size = 4
        forged.addfile(extra, io.BytesIO(b"evil"))
    public = str(pyrage.x25519.Identity.from_str(on_sqlite.key.read_text().splitlines()[-1]).to_public())
    taken.file.write_bytes(seal(packed.getvalue(), [public]))

    with pytest.raises(NotOpened, match="no backup of Wingline"):
        on_sqlite.restore(taken.file, SOON)


def test_it_refuses_a_line_that_is_up_and_data_that_is_there(on_sqlite: Backed) -> None:
    taken = on_sqlite.take(NOW)
    before = on_sqlite.rows()

    with only_one(on_sqlite.settings.data), pytest.raises(AlreadyUp):
        on_sqlite.restore(taken.file, SOON)
    with pytest.raises(DataThere, match=r"site\.toml"):
        on_sqlite.restore(taken.file, SOON, replace=False)
    assert on_sqlite.rows() == before


def test_into_an_empty_place_it_needs_no_leave(on_sqlite: Backed) -> None:
    taken = on_sqlite.take(NOW)
    shutil.rmtree(on_sqlite.settings.data)
    for file in on_sqlite.settings.data.parent.glob("*.db*"):
        file.unlink()

    restored = on_sqlite.restore(taken.file, SOON, replace=False)

    assert restored.aside is None
    assert (on_sqlite.settings.data / "secrets.toml").read_text() == OURS["secrets.toml"]
    assert on_sqlite.rows()["calls"]


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_a_disk_without_room_leaves_nothing_and_no_entry(on_sqlite: Backed) -> None:
    older = on_sqlite.take(NOW, keep=1).file
    (on_sqlite.settings.data / "recordings" / "en" / "line" / "long.wav").write_bytes(os.urandom(200_000))

    # SQLite's own files beside the database are shorter.
    with no_file_longer_than(100_000), pytest.raises(NotWritten, match="older backups are as they were"):
        on_sqlite.take(SOON, keep=1)

    assert list(on_sqlite.elsewhere.iterdir()) == [older]
    assert on_sqlite.last() == NOW


def test_a_folder_keeps_the_newest_and_touches_nothing_else(on_sqlite: Backed) -> None:
    (on_sqlite.elsewhere / "wingline-other-20200101T000000Z.age").write_text("another site's")
    taken = [on_sqlite.take(NOW + timedelta(hours=hour), keep=2) for hour in range(4)]

    assert taken[3].removed == (taken[1].file,)
    assert sorted(on_sqlite.elsewhere.iterdir()) == sorted(
        [on_sqlite.elsewhere / "wingline-other-20200101T000000Z.age", taken[2].file, taken[3].file]
    )
    with pytest.raises(AskersFault, match="is there already"):
        on_sqlite.take(NOW, taken[3].file)
    with pytest.raises(AskersFault, match="is for a folder"):
        on_sqlite.take(NOW, on_sqlite.elsewhere / "one.age", keep=2)
    with pytest.raises(NotWritten):
        on_sqlite.take(NOW, on_sqlite.elsewhere / "no-such-folder" / "one.age")


def test_without_recipients_there_is_no_backup(on_sqlite: Backed) -> None:
    text = on_sqlite.settings.site_file.read_text()
    on_sqlite.settings.site_file.write_text(text[: text.index("[backups]")])

    with pytest.raises(NoRecipients):
        on_sqlite.take(NOW)
    assert list(on_sqlite.elsewhere.iterdir()) == []


@pytest.mark.parametrize("own_url", ["postgresql"], indirect=True)
def test_postgresql_that_cannot_be_restored_is_as_it_was(site: Backed, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = site.take(NOW)
    before = site.rows()
    opened = packing.unpack(open_sealed(taken.file, read_identities(site.key)), taken.file)
    broken_one = packing.Contents(opened.manifest, opened.database[:-5000], opened.files)
    public = site.key.read_text().split("public key: ")[1].splitlines()[0]
    taken.file.write_bytes(seal(packing.pack(broken_one), [public]))

    with pytest.raises(ToolFailed, match="pg_restore failed"):
        site.restore(taken.file, SOON)
    assert site.rows() == before
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NoTool, match="apt-get install postgresql-client"):
        site.take(SOON)
