"""What signs a manifest: a key on this machine, or somebody else's device that never gives its key.

A key management service or a hardware module comes in by one of two doors: a command that gets
bytes on stdin and gives their signature on stdout, or a Python object of another package that
follows `Signer` (entry point group ``masquerade.signers``).
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Final, Protocol, runtime_checkable

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from masquerade.errors import ProvenanceError, UsageError
from masquerade.provenance.c2pa.chain import Chain, is_signed_by, read_chain

GROUP: Final = "masquerade.signers"
_COMMAND_S = 60
_SHOWN = 200
_DIGESTS: Final = {"es256": hashes.SHA256(), "es384": hashes.SHA384(), "es512": hashes.SHA512()}
_TRIAL = b"masquerade: does this signer hold the key of its certificate?"

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
AskPassphrase = Callable[[], bytes]


@runtime_checkable
class Signer(Protocol):
    """Signs claims with a key that fits its certificate.

    Attributes:
        alg: ``es256``, ``es384``, ``es512``, ``ps256`` or ``ed25519``.
        chain_pem: Its certificate, then those above it, in PEM.
    """

    @property
    def alg(self) -> str:
        """How it signs."""
        ...

    @property
    def chain_pem(self) -> bytes:
        """Its certificates."""
        ...

    def sign(self, data: bytes, /) -> bytes:
        """The signature of `data`; for ECDSA as DER, or as r and s joined."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class KeySigner:
    """A private key in this process's memory."""

    chain: Chain
    key: PrivateKey

    @property
    def alg(self) -> str:
        """How it signs."""
        return self.chain.algorithm

    @property
    def chain_pem(self) -> bytes:
        """Its certificates."""
        return self.chain.pem

    def sign(self, data: bytes, /) -> bytes:
        """The signature."""
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return self.key.sign(data)
        if isinstance(self.key, rsa.RSAPrivateKey):
            digest = hashes.SHA256()
            return self.key.sign(data, padding.PSS(padding.MGF1(digest), 32), digest)
        return self.key.sign(data, ec.ECDSA(_DIGESTS[self.alg]))


@dataclass(frozen=True, slots=True, repr=False)  # arguments may hold a PIN
class CommandSigner:
    """A program that gets bytes on stdin and gives their signature on stdout.

    Attributes:
        chain: Certificates of the key that the program signs with.
        words: The program and its arguments; no shell sees them.
    """

    chain: Chain
    words: tuple[str, ...]

    @property
    def alg(self) -> str:
        """How it signs."""
        return self.chain.algorithm

    @property
    def chain_pem(self) -> bytes:
        """Its certificates."""
        return self.chain.pem

    def sign(self, data: bytes, /) -> bytes:
        """The signature.

        Raises:
            ProvenanceError: The program is not there, failed, took too long, or said nothing.
        """
        try:
            done = subprocess.run(
                self.words, input=data, capture_output=True, check=False, timeout=_COMMAND_S
            )
        except (OSError, ValueError) as error:
            raise self._fault(f"cannot be started ({error})") from error
        except subprocess.TimeoutExpired as error:
            raise self._fault(f"gave no answer in {_COMMAND_S} s") from error
        if done.returncode:
            words = " ".join(done.stderr.decode(errors="replace").split())[:_SHOWN]
            raise self._fault(f"ended with code {done.returncode}: {words or 'it said nothing'}")
        if not done.stdout:
            raise self._fault("gave no signature")
        return done.stdout

    def _fault(self, what: str) -> ProvenanceError:
        return ProvenanceError(
            f"the signing command {self.words[0]} {what}",
            "the signature of the bytes on its stdin, on its stdout, and exit code 0",
            "run it by hand; `masquerade certificate show` says what is in use",
        )


def read_key(pem: bytes, chain: Chain, ask: AskPassphrase) -> KeySigner:
    """The signer of a private key that fits a chain.

    Args:
        pem: The key, perhaps under a passphrase.
        chain: Its certificates.
        ask: Called for the passphrase if there is one; it is kept nowhere.

    Raises:
        UsageError: It is no key, the passphrase is wrong, or the certificate is of another key.
    """
    try:
        key = _loaded(pem, None)
    except TypeError:
        key = _with_passphrase(pem, ask())
    if not isinstance(key, PrivateKey) or key.public_key() != chain.leaf.public_key():
        raise UsageError(
            f"the key is not that of the certificate of {chain.name}",
            "the private key whose public half the first certificate holds",
            "look whether key and chain were made together",
        )
    return KeySigner(chain, key)


def plugin_signer(name: str) -> Signer:
    """The signer that another package offers under that name.

    Raises:
        UsageError: No package offers it, or what it offers is no `Signer`.
        ProvenanceError: It cannot be made.
    """
    offered = {one.name: one for one in entry_points(group=GROUP)}
    if name not in offered:
        raise UsageError(
            f"no installed package offers a signer named {name!r}",
            "one of " + (", ".join(sorted(offered)) or "none: no package offers any"),
            f"install the package that has it as an entry point of the group {GROUP}",
        )
    try:
        made = offered[name].load()()
    except Exception as error:  # another package's code may fail in any way
        raise ProvenanceError(
            f"the signer {name} cannot be made ({type(error).__name__}: {error})",
            "a callable without arguments that gives back a Signer",
        ) from error
    if not isinstance(made, Signer):
        raise UsageError(
            f"what the package offers as {name} is a {type(made).__name__}",
            "an object with alg, chain_pem and sign(bytes) -> bytes",
        )
    return made


def check_signer(signer: Signer) -> Chain:
    """The signer's chain, once it has shown that it holds the key.

    Raises:
        UsageError: Its chain is not fit, or its signature is not that of the certificate's key.
        ProvenanceError: It did not sign.
    """
    chain = read_chain(signer.chain_pem)
    if signer.alg != chain.algorithm:
        raise UsageError(
            f"the signer says {signer.alg}, its certificate's key is of {chain.algorithm}",
            "the same of both",
        )
    if not is_signed_by(_TRIAL, signed(signer, _TRIAL), chain.leaf):
        raise UsageError(
            f"what the signer gave is not a signature by the key of {chain.name}",
            f"a signature by {chain.algorithm} over the bytes themselves, not over their hash",
            "look whether the signer uses the key that the chain was issued for",
        )
    return chain


def signed(signer: Signer, data: bytes) -> bytes:
    """A signature; whatever a signer of another package raises is told in the usual form.

    Raises:
        ProvenanceError: There is none.
    """
    try:
        signature = signer.sign(data)
    except ProvenanceError:
        raise
    except Exception as error:  # another package's code may fail in any way
        raise ProvenanceError(
            f"the signer failed ({type(error).__name__}: {error})", "a signature"
        ) from error
    if not isinstance(signature, bytes) or not signature:
        raise ProvenanceError("the signer gave no signature", "bytes")
    return signature


def _with_passphrase(pem: bytes, passphrase: bytes) -> object:
    try:
        return _loaded(pem, passphrase)
    except (TypeError, UsageError) as error:
        raise UsageError("the passphrase does not open the key", "that of this key") from error


def _loaded(pem: bytes, passphrase: bytes | None) -> object:
    try:
        return serialization.load_pem_private_key(pem, passphrase)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UsageError(
            "the key file does not hold a private key", "PEM: PKCS 8, or the form of OpenSSL"
        ) from error
