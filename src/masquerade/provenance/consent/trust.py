"""Whose signatures count here: decisions of this installation.

A consent record counts when it was signed by this installation, by a key its user imported, or,
for personas that ship with the package, by the project's persona key, whose private part was
thrown away once they were signed. A C2PA signer is called known when its root was imported.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from masquerade.errors import ProvenanceError, UsageError
from masquerade.hashing import small_bytes
from masquerade.provenance import ledger
from masquerade.provenance.canonical import canonical_bytes, sha256_hex
from masquerade.provenance.home import home_dir, private_folder, read_private, write_private
from masquerade.provenance.keys import key_fingerprint, public_text, signing_key

PERSONA_KEYS_FILE = "persona_keys.txt"


@dataclass(frozen=True, slots=True)
class TrustedSigner:
    """A key whose consent records count here, and the name its user gave it."""

    public: str
    name: str

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that stand for the key."""
        return key_fingerprint(self.public)


def trust_signer(public: str, name: str, *, home: Path | None = None) -> TrustedSigner:
    """The key, from now on trusted to sign consent records for this installation.

    Args:
        public: The other installation's public key, as records signed with it name it.
        name: Whom it belongs to, in your words.
        home: The installation's folder.

    Raises:
        UsageError: It is not a public key, or has no name.
        ProvenanceError: The decision cannot be kept.
    """
    if not name.strip():
        raise UsageError("the key has no name", "whom it belongs to, in your words")
    try:
        signer = TrustedSigner(public.strip(), name.strip())
        place = home_dir(home) / "trusted" / f"{signer.fingerprint}.json"
    except ProvenanceError as error:
        raise UsageError(error.found, error.expected) from error
    content = canonical_bytes({"public": signer.public, "name": signer.name})
    try:
        private_folder(place.parent)
        write_private(place, content)
    except OSError as error:
        raise ProvenanceError(f"{place} cannot be written ({error.strerror})") from error
    ledger.append("trust", signer.fingerprint, content.decode(), home=home)
    return signer


def trusted_signers(home: Path | None = None) -> tuple[TrustedSigner, ...]:
    """Keys whose records count: this installation's own first, then the imported ones.

    Raises:
        ProvenanceError: One of them cannot be read.
    """
    found = [TrustedSigner(public_text(signing_key(home)), "this installation")]
    for path in sorted((home_dir(home) / "trusted").glob("*.json")):
        try:
            content = json.loads(read_private(path))
            found.append(TrustedSigner(str(content["public"]), str(content["name"])))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ProvenanceError(
                f"{path} cannot be read", "what `masquerade consent trust` wrote", "trust it again"
            ) from error
    return tuple(found)


def persona_keys() -> frozenset[str]:
    """Public keys that signed the personas in the package."""
    place = files("masquerade.provenance.consent") / PERSONA_KEYS_FILE
    if not place.is_file():
        return frozenset()
    lines = place.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.startswith("ed25519:"))


def trust_root(certificate: Path, *, home: Path | None = None) -> Path:
    """Where a C2PA root certificate is kept, from now on making its signers known ones.

    Raises:
        UsageError: The file is not a PEM certificate.
        ProvenanceError: The decision cannot be kept.
    """
    from cryptography import x509

    try:
        data = small_bytes(certificate)
        if not x509.load_pem_x509_certificates(data):
            raise ValueError("no certificate")
    except (OSError, ValueError) as error:
        raise UsageError(f"{certificate} is not a certificate", "a PEM file") from error
    place = home_dir(home) / "anchors" / f"{sha256_hex(data)[:16]}.pem"
    try:
        private_folder(place.parent)
        write_private(place, data)
    except OSError as error:
        raise ProvenanceError(f"{place} cannot be written ({error.strerror})") from error
    return place


def known_roots(home: Path | None = None) -> str:
    """Every imported C2PA root, as PEM; empty when there is none.

    Raises:
        ProvenanceError: One of them cannot be read.
    """
    try:
        found = sorted((home_dir(home) / "anchors").glob("*.pem"))
        return "\n".join(read_private(path).decode() for path in found)
    except (OSError, UnicodeDecodeError) as error:
        raise ProvenanceError(f"an imported root cannot be read ({error})") from error
