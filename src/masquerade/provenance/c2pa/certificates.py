"""The installation's own certificate authority for C2PA: a root, and a leaf that signs files.

Both are made on first use (ES256) and renewed in time; every root ever made stays an anchor, so
that old files keep being recognised as ours. The leaf's form follows C2PA 2.2, section 14.5.1
(X.509 certificates): v3, authority key identifier, digitalSignature only, a document-signing
purpose, not a CA. Without a timestamp a C2PA signature ends with its certificate, so a leaf lives
ten years and signs for one: every file can be verified for nine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from masquerade.errors import ProvenanceError
from masquerade.provenance.home import create_once, home_dir, read_private
from masquerade.provenance.keys import key_fingerprint, public_text, signing_key

_YEAR = timedelta(days=365)
_ROOT_YEARS, _ROOT_LEFT_YEARS = 40, 15
_LEAF_YEARS, _LEAF_LEFT_YEARS = 10, 9
_C2PA_PURPOSE = ObjectIdentifier("1.3.6.1.4.1.62558.2.1")  # c2pa-kp-claimSigning


@dataclass(frozen=True, slots=True, repr=False)
class SigningIdentity:
    """What signs a file: ES256 key and certificate, both PEM, and the root above them."""

    key_pem: bytes
    certificate_pem: bytes
    root_pem: bytes


def signing_identity(home: Path | None = None, *, now: datetime | None = None) -> SigningIdentity:
    """The current leaf, made or renewed if need be.

    Raises:
        ProvenanceError: Keys cannot be read or made.
    """
    place, today = home_dir(home), now or datetime.now(UTC)
    name = _installation_name(home)
    root = _current(place / "c2pa_roots", today, _ROOT_LEFT_YEARS, lambda: _new_root(name, today))
    leaf = _current(
        place / "c2pa_leaves", today, _LEAF_LEFT_YEARS, lambda: _new_leaf(name, today, root), root
    )
    return SigningIdentity(
        _key_pem(_key(leaf)),
        _certificate_pem(_certificate(leaf)),
        _certificate_pem(_certificate(root)),
    )


def renew(home: Path | None = None) -> SigningIdentity:
    """A new root and a new leaf, used from now on; the old root stays an anchor for old files.

    Raises:
        ProvenanceError: They cannot be made.
    """
    folder, today = home_dir(home) / "c2pa_roots", datetime.now(UTC)
    before = signing_identity(home).root_pem
    number = len(list(folder.glob("*.pem"))) + 1
    name = _installation_name(home)
    create_once(folder / f"{number:04d}.pem", lambda: _new_root(name, today))
    made = signing_identity(home)
    if made.root_pem == before:
        raise ProvenanceError("the new root is not the newest", "roots numbered without a gap")
    return made


def own_roots(home: Path | None = None) -> str:
    """Every root certificate this installation ever made, as PEM.

    Raises:
        ProvenanceError: One of them cannot be read.
    """
    files = sorted((home_dir(home) / "c2pa_roots").glob("*.pem"))
    return "".join(_certificate_pem(_certificate(read_private(file))).decode() for file in files)


def _installation_name(home: Path | None) -> str:
    return f"Masquerade installation {key_fingerprint(public_text(signing_key(home)))[:8]}"


def _current(
    folder: Path, now: datetime, left_years: int, make: Callable[[], bytes], issuer: bytes = b""
) -> bytes:
    """Newest generation of a key in a folder; a new one when it has too few years left."""
    files = sorted(folder.glob("*.pem"))
    if files:
        newest = read_private(files[-1])
        certificate = _certificate(newest)
        signed_by = not issuer or _is_issued_by(certificate, _certificate(issuer))
        if signed_by and certificate.not_valid_after_utc - now > left_years * _YEAR:
            return newest
    number = int(files[-1].stem) + 1 if files else 1
    return create_once(folder / f"{number:04d}.pem", make)


def _is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    wanted = x509.AuthorityKeyIdentifier.from_issuer_public_key(_public(issuer))
    found = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    return found.key_identifier == wanted.key_identifier


def _new_root(name: str, now: datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name, "Masquerade root")
    builder = _builder(subject, subject, key, now, _ROOT_YEARS)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(sign_certificates=True), critical=True)
    return _key_pem(key) + _certificate_pem(builder.sign(key, SHA256()))


def _new_leaf(name: str, now: datetime, root: bytes) -> bytes:
    root_key, issuer = _key(root), _certificate(root)
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(_name(name, "Masquerade"), issuer.subject, key, now, _LEAF_YEARS)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
    builder = builder.add_extension(_usage(sign_certificates=False), critical=True)
    purposes = [ExtendedKeyUsageOID.EMAIL_PROTECTION, _C2PA_PURPOSE]
    builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    builder = builder.add_extension(authority, critical=False)
    return _key_pem(key) + _certificate_pem(builder.sign(root_key, SHA256()))


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
    years: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # clocks differ
        .not_valid_after(now + years * _YEAR)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _name(organisation: str, common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except ValueError as error:
        raise ProvenanceError("a C2PA key file does not hold a private key") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ProvenanceError("a C2PA key file holds another kind of key", "an ES256 key")
    return key


def _certificate(pem: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise ProvenanceError("a C2PA key file does not hold a certificate") from error


def _public(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ProvenanceError("a C2PA root has another kind of key", "an ES256 key")
    return key


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _certificate_pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
