"""Certificates by which signatures are recognised: as this installation's own, and in time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from masquerade.errors import ProvenanceError
from masquerade.provenance.c2pa.certificates import own_roots
from masquerade.provenance.home import home_dir, read_private


@dataclass(frozen=True, slots=True)
class Anchors:
    """Certificates that say which signatures are this installation's own.

    Attributes:
        own: Roots of its own authority, PEM.
        used: Issuers of certificates that were brought along, PEM.
        serials: Serial numbers of those certificates: an issuer has other customers, too.
        time: Roots of timestamp authorities, PEM.
    """

    own: str
    used: str
    serials: frozenset[str]
    time: str


def anchors(home: Path | None = None) -> Anchors:
    """What is needed to recognise files of this installation, of now and of before.

    Raises:
        ProvenanceError: One of the certificates cannot be read.
    """
    place = home_dir(home)
    try:
        kept = [
            x509.load_pem_x509_certificates(read_private(path))
            for path in sorted((place / "c2pa_used").glob("*.pem"))
        ]
        time = [read_private(path).decode() for path in sorted((place / "ta_roots").glob("*.pem"))]
    except (OSError, ValueError) as error:
        raise ProvenanceError(f"a certificate that was used cannot be read ({error})") from error
    return Anchors(
        own_roots(home),
        "".join(one[1].public_bytes(Encoding.PEM).decode() for one in kept),
        frozenset(str(one[0].serial_number) for one in kept),
        "".join(time),
    )
