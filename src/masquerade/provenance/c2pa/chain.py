"""A certificate chain that somebody brings along, checked before anything is signed with it.

What C2PA 2.2, section 14.5.1 asks of a claim signer's certificate is asked here first, because the
library only says that a certificate is invalid, after the work is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final, Literal, TypeAlias, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from masquerade.errors import UsageError

Algorithm: TypeAlias = Literal["es256", "es384", "es512", "ps256", "ed25519"]
Extension = TypeVar("Extension", bound=x509.ExtensionType)

C2PA_PURPOSE: Final = ObjectIdentifier("1.3.6.1.4.1.62558.2.1")  # c2pa-kp-claimSigning
_PURPOSES = (
    ExtendedKeyUsageOID.EMAIL_PROTECTION,
    ObjectIdentifier("1.3.6.1.5.5.7.3.36"),  # document signing, RFC 9336
    C2PA_PURPOSE,
)
# Not beside another purpose, says the standard: a leaf for these is made for something else.
_EXCLUSIVE = (ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.OCSP_SIGNING)
_CURVES: Final[dict[str, tuple[Algorithm, hashes.HashAlgorithm]]] = {
    "secp256r1": ("es256", hashes.SHA256()),
    "secp384r1": ("es384", hashes.SHA384()),
    "secp521r1": ("es512", hashes.SHA512()),
}
_RSA_BITS = 2048
_TODO = "ask whoever issued it for a certificate that may sign C2PA claims"


@dataclass(frozen=True, slots=True, repr=False)
class Chain:
    """A signer's certificate and those above it, leaf first.

    Attributes:
        certificates: The leaf, then each one's issuer; a root at the end is allowed.
        algorithm: How the leaf's key signs.
    """

    certificates: tuple[x509.Certificate, ...]
    algorithm: Algorithm

    @property
    def leaf(self) -> x509.Certificate:
        """The certificate whose key signs."""
        return self.certificates[0]

    @property
    def pem(self) -> bytes:
        """All of them, leaf first."""
        return b"".join(one.public_bytes(Encoding.PEM) for one in self.certificates)

    @property
    def name(self) -> str:
        """Whom the leaf names."""
        return name_of(self.leaf.subject)

    @property
    def issuer(self) -> str:
        """Who vouches for the leaf."""
        return name_of(self.leaf.issuer)

    @property
    def serial(self) -> str:
        """The leaf's serial number, in decimal digits."""
        return str(self.leaf.serial_number)

    @property
    def ends(self) -> datetime:
        """When the first of them expires."""
        return min(one.not_valid_after_utc for one in self.certificates)


def read_chain(pem: bytes, *, now: datetime | None = None) -> Chain:
    """The chain, fit to sign C2PA claims.

    Args:
        pem: Certificates in PEM, the signer's own first.
        now: Instead of this machine's clock.

    Raises:
        UsageError: It is no chain, or is not fit; says which certificate and why.
    """
    certificates = _certificates(pem)
    leaf, today = certificates[0], now or datetime.now(UTC)
    algorithm, _ = _signing(leaf)
    _check_order(certificates)
    for one in certificates:
        _check_dates(one, today)
    for one in certificates[1:]:
        if not _is_ca(one):
            raise UsageError(
                f"{name_of(one.subject)} stands above another certificate, but is no authority",
                "CA:TRUE in every certificate but the first",
            )
    _check_leaf(leaf)
    return Chain(certificates, algorithm)


def is_signed_by(data: bytes, signature: bytes, leaf: x509.Certificate) -> bool:
    """Whether the key of a certificate signed these bytes; ECDSA as DER or as r and s joined."""
    key, (algorithm, digest) = leaf.public_key(), _signing(leaf)
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, data)
        elif isinstance(key, rsa.RSAPublicKey):
            pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
            key.verify(signature, data, pss, digest)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(_as_der(signature, algorithm), data, ec.ECDSA(digest))
        return True
    except InvalidSignature:
        return False


def name_of(name: x509.Name) -> str:
    """Common name and organisation of a certificate's holder, as far as they are there."""
    found = [
        str(one.value)
        for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
        for one in name.get_attributes_for_oid(oid)
    ]
    return " of ".join(found) or "a holder without a name"


def _certificates(pem: bytes) -> tuple[x509.Certificate, ...]:
    try:
        return tuple(x509.load_pem_x509_certificates(pem))
    except ValueError as error:
        raise UsageError(
            "the chain holds no certificate that can be read",
            "PEM: the signer's certificate first, then the authorities above it",
        ) from error


def _signing(leaf: x509.Certificate) -> tuple[Algorithm, hashes.HashAlgorithm]:
    key = leaf.public_key()
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "ed25519", hashes.SHA512()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= _RSA_BITS:
        return "ps256", hashes.SHA256()
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return _CURVES[key.curve.name]
    bits = f" of {key.key_size} bits" if isinstance(key, rsa.RSAPublicKey) else ""
    raise UsageError(
        f"the certificate of {name_of(leaf.subject)} holds a key{bits} that C2PA does not allow",
        "P-256, P-384, P-521, Ed25519, or RSA of 2048 bits or more",
        _TODO,
    )


def _check_order(certificates: Sequence[x509.Certificate]) -> None:
    for below, above in pairwise(certificates):
        try:
            below.verify_directly_issued_by(above)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise UsageError(
                f"{name_of(below.subject)} was not issued by {name_of(above.subject)},"
                " which follows it in the chain",
                "each certificate followed by the one that issued it, the signer's first",
                "put them in that order; leave out those of other chains",
            ) from error


def _check_dates(one: x509.Certificate, now: datetime) -> None:
    first, last = one.not_valid_before_utc, one.not_valid_after_utc
    if now > last:
        raise UsageError(
            f"the certificate of {name_of(one.subject)} expired on {last:%Y-%m-%d}",
            "one that is valid today",
            "have it renewed",
        )
    if now < first:
        raise UsageError(
            f"the certificate of {name_of(one.subject)} is valid from {first:%Y-%m-%d} on only",
            "one that is valid today",
            "wait for that day, or set this machine's clock if it is wrong",
        )


def _check_leaf(leaf: x509.Certificate) -> None:
    name = f"the certificate of {name_of(leaf.subject)}"
    if leaf.version is not x509.Version.v3:
        raise UsageError(f"{name} is of version 1", "X.509 version 3", _TODO)
    if leaf.subject == leaf.issuer:
        raise UsageError(
            f"{name} is signed by itself", "one issued by an authority", "give the whole chain"
        )
    if _is_ca(leaf):
        raise UsageError(
            f"{name} is an authority's own", "CA:FALSE in the first certificate", _TODO
        )
    usage = _extension(leaf, x509.KeyUsage)
    if usage is None or not usage.digital_signature or usage.key_cert_sign:
        raise UsageError(f"{name} may not sign data", "key usage digitalSignature", _TODO)
    purposes = list(_extension(leaf, x509.ExtendedKeyUsage) or ())
    if not any(one in _PURPOSES for one in purposes) or any(p in _EXCLUSIVE for p in purposes):
        raise UsageError(
            f"{name} is made for another purpose"
            f" ({', '.join(one.dotted_string for one in purposes) or 'none is named'})",
            "extended key usage emailProtection, document signing or C2PA claim signing",
            _TODO,
        )
    if _extension(leaf, x509.AuthorityKeyIdentifier) is None:
        raise UsageError(
            f"{name} does not say which key issued it", "an authority key identifier", _TODO
        )


def _is_ca(one: x509.Certificate) -> bool:
    constraints = _extension(one, x509.BasicConstraints)
    return constraints is not None and constraints.ca


def _extension(one: x509.Certificate, kind: type[Extension]) -> Extension | None:
    try:
        return one.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
    except ValueError as error:
        raise UsageError(
            f"the certificate of {name_of(one.subject)} is damaged ({error})"
        ) from error


def _as_der(signature: bytes, algorithm: Algorithm) -> bytes:
    size = {"es256": 32, "es384": 48, "es512": 66}.get(algorithm, 0)
    if len(signature) != 2 * size:
        return signature
    first, second = signature[:size], signature[size:]
    return utils.encode_dss_signature(int.from_bytes(first), int.from_bytes(second))
