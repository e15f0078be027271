"""The certificate that phones with TLS see."""

import socket
import ssl
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOON

from models.clock import now
from wingline.certificates import CERTIFICATE_FOR, RENEWED_BEFORE, TlsFiles, ends_at, own_files, tls_files
from wingline.doctor import wire
from wingline.doctor.finding import Grade
from wingline.phones_part import PhonesPart, phones_complaints
from wingline.settings import Settings
from wingline.site import SiteFile, read_site

EXAMPLE = Path(__file__).parents[2] / "docs/site-example.toml"


def trusted(files: TlsFiles, name: str) -> str:
    """What a phone that trusts our authority says of the certificate: "" when it is content."""
    ours, theirs = socket.socketpair()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files.certificate, files.key)

    def serve() -> None:
        try:
            server.wrap_socket(ours, server_side=True).close()
        except OSError:
            ours.close()

    serving = threading.Thread(target=serve)
    serving.start()
    try:
        ssl.create_default_context(cafile=files.authority).wrap_socket(theirs, server_hostname=name).close()
    except ssl.SSLError as error:
        return str(error)
    finally:
        theirs.close()
        serving.join()
    return ""


@pytest.mark.parametrize(
    ("host", "asked"), [("10.20.0.1", "10.20.0.1"), ("line.prison.example", "line.prison.example"), ("0.0.0.0", "")]
)
def test_a_phone_that_trusts_the_authority_trusts_the_line(tmp_path: Path, host: str, asked: str) -> None:
    files = own_files(tmp_path / "tls", host, now())

    assert trusted(files, asked or socket.gethostname()) == ""
    assert "CERTIFICATE_VERIFY_FAILED" in trusted(files, "192.0.2.99")


def test_keys_are_ours_alone(tmp_path: Path) -> None:
    own_files(tmp_path / "tls", "10.20.0.1", NOON)

    modes = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "tls").iterdir()}
    assert modes == dict.fromkeys(("authority.key", "authority.pem", "line.key", "line.pem"), 0o600)


def test_what_is_good_stays_and_what_ends_soon_is_made_again_by_the_same_authority(tmp_path: Path) -> None:
    files = own_files(tmp_path, "10.20.0.1", NOON)
    assert files.authority is not None
    authority, certificate = files.authority.read_bytes(), files.certificate.read_bytes()

    own_files(tmp_path, "10.20.0.1", NOON + CERTIFICATE_FOR - RENEWED_BEFORE - timedelta(days=1))
    assert files.certificate.read_bytes() == certificate

    later = NOON + CERTIFICATE_FOR - RENEWED_BEFORE
    own_files(tmp_path, "10.20.0.1", later)
    assert files.certificate.read_bytes() != certificate
    assert ends_at(files.certificate) == (later + CERTIFICATE_FOR).replace(microsecond=0)
    assert files.authority.read_bytes() == authority


def test_another_address_wants_another_certificate(tmp_path: Path) -> None:
    before = own_files(tmp_path, "10.20.0.1", NOON).certificate.read_bytes()

    assert own_files(tmp_path, "10.20.0.2", NOON).certificate.read_bytes() != before


def test_a_site_may_bring_its_own(tmp_path: Path) -> None:
    certificate, key = tmp_path / "given.pem", tmp_path / "given.key"
    part = PhonesPart(secure="required", certificate=certificate, key=key)

    assert tls_files(Settings(data=tmp_path / "site"), part) == TlsFiles(certificate, key)
    assert not (tmp_path / "site").exists()


def test_a_site_is_told_what_is_wrong_with_its_phones(tmp_path: Path) -> None:
    wrong = PhonesPart(secure=["A-9-999", "duty_office"], certificate=tmp_path / "none.pem")

    assert list(phones_complaints(wrong, ["A-1-001", "duty_office"])) == [
        "phones.secure: there is no cell or post A-9-999",
        "phones: certificate and key go together",
        f"phones: there is no file {tmp_path / 'none.pem'}",
    ]
    assert not list(phones_complaints(PhonesPart(secure="required"), []))


def test_who_must_have_tls_is_said_by_place_or_for_all() -> None:
    some, every = PhonesPart(secure=["A-1-001"]), PhonesPart(secure="required")

    assert [some.is_secure(place) for place in ("A-1-001", "A-1-002")] == [True, False]
    assert every.is_secure("A-1-002")
    assert not PhonesPart().is_secure("A-1-001")


def test_the_doctor_says_how_long_a_certificate_counts(tmp_path: Path) -> None:
    file = own_files(tmp_path, "10.20.0.1", NOON).certificate
    end = ends_at(file)
    grades = {left: wire.certificate(file, end - timedelta(days=left)).grade for left in (31, 29, -1)}

    assert grades == {31: Grade.OK, 29: Grade.WARNING, -1: Grade.FAILED}
    assert wire.certificate(tmp_path / "none.pem", NOON).grade is Grade.FAILED
    assert wire.certificate(None, NOON).grade is Grade.OK


def a_site(folder: Path, phones: str, trunk: str = "") -> SiteFile:
    file = folder / "site.toml"
    example = EXAMPLE.read_text().replace('number = "116123"', f'number = "116123"\n{trunk}')
    file.write_text(f"{example}\n[phones]\n{phones}\n")
    return read_site(file)


def test_a_trunk_without_tls_keeps_sip_over_udp_open_where_all_phones_have_it(tmp_path: Path) -> None:
    gate = 'contact = "sip:gate.example"'
    cases = {
        ('secure = "required"', ""): True,
        ('secure = "required"', gate): False,
        ('secure = "required"', f"{gate}\nsecure = true"): True,
        ('secure = ["A-1-001"]', ""): False,
    }

    assert {case: a_site(tmp_path, *case).only_itself_is_plain for case in cases} == cases


def test_what_is_missing_for_production_counts_the_phones_without_tls(tmp_path: Path) -> None:
    some = wire.missing_for_production(a_site(tmp_path, 'secure = ["A-1-001"]'))
    none = wire.missing_for_production(a_site(tmp_path, 'secure = "required"\nnetworks = ["10.20.0.0/16"]'))

    assert [one.name for one in some] == ["phones' network", "phones' addresses"]
    assert some[0].says.startswith("19 of 20 phones")
    assert none == []
