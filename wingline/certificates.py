"""The certificate that phones with TLS see: the site's own, or one of an authority that the line makes for itself."""

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from models.clock import now
from wingline.phones_part import PhonesPart
from wingline.settings import Settings

AUTHORITY_FOR = timedelta(days=3650)
CERTIFICATE_FOR = timedelta(days=1095)
# Made again at a start within this time of its end, and whenever the line's address has changed.
RENEWED_BEFORE = timedelta(days=90)
# A phone's clock may be slow.
BACKDATED = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """``authority`` is what phones are given to trust; nothing where the site has its own."""

    certificate: Path
    key: Path
    authority: Path | None = None


def tls_files(settings: Settings, part: PhonesPart) -> TlsFiles:
    """Made when they are missing, of another address, or near their end."""
    if part.certificate and part.key:
        return TlsFiles(part.certificate, part.key)
    return own_files(settings.data / "tls", settings.sip_host, now())


def own_files(folder: Path, host: str, at: datetime) -> TlsFiles:
    files = TlsFiles(folder / "line.pem", folder / "line.key", folder / "authority.pem")
    if not _still_good(files.certificate, host, at):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        authority, key = _authority(folder, at)
        _issue(files, authority, key, host=host, at=at)
    return files


def ends_at(certificate: Path) -> datetime:
    return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc


def _still_good(certificate: Path, host: str, at: datetime) -> bool:
    if not certificate.exists():
        return False
    known = x509.load_pem_x509_certificate(certificate.read_bytes())
    names = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return list(names) == _names(host) and known.not_valid_after_utc - at > RENEWED_BEFORE


def _authority(folder: Path, at: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """Kept, so that phones which trust it need not be touched when the line's certificate is made again."""
    file, key_file = folder / "authority.pem", folder / "authority.key"
    if file.exists() and key_file.exists():
        known = x509.load_pem_x509_certificate(file.read_bytes())
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        if known.not_valid_after_utc - at > CERTIFICATE_FOR and isinstance(key, ec.EllipticCurvePrivateKey):
            return known, key
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Wingline phones")
    builder = _builder(name, name, key, at=at, lasts=AUTHORITY_FOR)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    made = builder.add_extension(_usage(signs=True), critical=True).sign(key, hashes.SHA256())
    _write(key_file, _pem(key))
    _write(file, made.public_bytes(serialization.Encoding.PEM))
    return made, key


def _issue(
    files: TlsFiles, authority: x509.Certificate, signing: ec.EllipticCurvePrivateKey, *, host: str, at: datetime
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(_name("Wingline"), authority.subject, key, at=at, lasts=CERTIFICATE_FOR)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
    made = builder.add_extension(_usage(signs=False), critical=True).sign(signing, hashes.SHA256())
    _write(files.key, _pem(key))
    _write(files.certificate, b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (made, authority)))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, *, at: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - BACKDATED)
        .not_valid_after(at + lasts)
    )


def _names(host: str) -> list[x509.GeneralName]:
    try:
        address = ip_address(host)
    except ValueError:
        return [x509.DNSName(host)]
    # "Every address of this machine" is no address that a phone could check.
    return [x509.DNSName(socket.gethostname())] if address.is_unspecified else [x509.IPAddress(address)]


def _name(words: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)])


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, form, serialization.NoEncryption())


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and ours alone."""
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    fresh.rename(path)
