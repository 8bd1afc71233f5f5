"""Which certificate signs, and who attests the time: decisions of this installation, in one file.

Without a decision the installation's own authority signs. A decision is a row of the ledger, too:
a file that was taken away, put back or edited by hand stops all signing until it is made again,
so that nothing is ever signed by another key than the one that was chosen last.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from getpass import getpass
from pathlib import Path
from typing import Final, Literal, TypeAlias
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import BaseModel, ConfigDict, ValidationError

from masquerade.errors import ProvenanceError, UsageError
from masquerade.hashing import small_bytes
from masquerade.provenance import ledger
from masquerade.provenance.c2pa.certificates import renew, signing_identity
from masquerade.provenance.c2pa.chain import Chain, read_chain
from masquerade.provenance.c2pa.signer import (
    AskPassphrase,
    CommandSigner,
    Signer,
    check_signer,
    plugin_signer,
    read_key,
)
from masquerade.provenance.canonical import canonical_bytes, sha256_hex
from masquerade.provenance.home import create_once, home_dir, read_private, write_private

Source: TypeAlias = Literal["own", "key", "command", "plugin"]
Policy: TypeAlias = Literal["required", "if-reachable"]

DECISION_FILE: Final = "signing.json"
PASSPHRASE_VARIABLE: Final = "MASQUERADE_KEY_PASSPHRASE"  # noqa: S105  (a name, no secret)
_KIND: Final = "signing"
_WARN_BEFORE: Final = timedelta(days=30)


class Decision(BaseModel):
    """What was decided: the content of the file.

    Attributes:
        source: Whose key signs.
        chain: Name of the file with its certificates; empty for the installation's own.
        key: Where its private key lies.
        command: The program that signs, and its arguments.
        plugin: The signer of another package.
        ta_url: Address of the timestamp authority; empty for none.
        ta_policy: Whether a file may go out without a timestamp when the authority fails.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Source = "own"
    chain: str = ""
    key: str = ""
    command: tuple[str, ...] = ()
    plugin: str = ""
    ta_url: str = ""
    ta_policy: Policy = "required"

    def __repr__(self) -> str:
        """Without the command, in whose arguments people put secrets, and the key's place."""
        return f"{type(self).__name__}(source={self.source!r}, ta_policy={self.ta_policy!r})"

    __str__ = __repr__


@dataclass(frozen=True, slots=True, repr=False)
class Signing:
    """A signer that is ready, and how it is to be used.

    Attributes:
        decision: What was decided.
        signer: What signs.
        chain: Its certificates, checked.
    """

    decision: Decision
    signer: Signer
    chain: Chain

    def warnings(self, now: datetime | None = None) -> tuple[str, ...]:
        """What its user should know before it is too late, in sentences."""
        left = self.chain.ends - (now or datetime.now(UTC))
        found = []
        if left < _WARN_BEFORE:
            found.append(
                f"the signing certificate of {self.chain.name} expires in {left.days} days;"
                " nothing can be signed with it then"
            )
        if self.decision.source != "own" and not self.decision.ta_url:
            found.append(
                "without a timestamp, files signed now verify until"
                f" {self.chain.ends:%Y-%m-%d} only: see `masquerade certificate timestamp`"
            )
        return tuple(found)


def decided(home: Path | None = None) -> Decision:
    """What was decided last.

    Raises:
        ProvenanceError: The file is not the one that the ledger knows of.
    """
    path = home_dir(home) / DECISION_FILE
    rows = ledger.rows(kind=_KIND, newest=1, home=home)
    try:
        data = read_private(path) if path.exists() else b""
        if (sha256_hex(data) if data else "") != (rows[-1].subject if rows else ""):
            raise ValueError("the ledger knows of another")
        return Decision.model_validate_json(data) if data else Decision()
    except (OSError, ValueError, ValidationError) as error:
        raise ProvenanceError(
            f"{path} is missing, or is not what was decided last",
            "the file that `masquerade certificate` wrote",
            "`masquerade certificate reset`, then decide again",
        ) from error


def open_signing(home: Path | None = None, *, ask: AskPassphrase | None = None) -> Signing:
    """What signs now, ready and checked, before any work is done for it.

    Args:
        home: The installation's folder.
        ask: Called for the passphrase of a key that has one.

    Raises:
        ProvenanceError: It cannot sign; the message says why.
    """
    decision = decided(home)
    try:
        signer = _signer(decision, home, ask or _passphrase)
        chain = _chain(decision, signer)
        if decision.source == "plugin":
            _keep_chain(_brought(chain.pem), home)  # it may have been renewed over there
        return Signing(decision, signer, chain)
    except (UsageError, OSError) as error:
        found = error.found if isinstance(error, UsageError) else str(error)
        expected = error.expected if isinstance(error, UsageError) else ""
        raise ProvenanceError(
            f"nothing can be signed: {found}",
            expected or "the certificate and key that were chosen",
            "`masquerade certificate use ...` takes others; `masquerade certificate reset` goes"
            " back to this installation's own",
        ) from error


def top_certificate(signing: Signing, home: Path | None = None) -> bytes:
    """The certificate that others trust to know this signer, in PEM.

    Raises:
        ProvenanceError: It cannot be read.
    """
    if signing.decision.source == "own":
        return signing_identity(home).root_pem
    return signing.chain.certificates[-1].public_bytes(Encoding.PEM)


def use_key(
    chain: Path,
    key: Path,
    *,
    ask: AskPassphrase | None = None,
    copy: bool = True,
    home: Path | None = None,
) -> Signing:
    """A certificate of your own and its key, used from now on.

    Args:
        chain: Certificates in PEM: the signer's, then those above it.
        key: The private key in PEM; if it has a passphrase, its copy has it too.
        ask: Called for that passphrase.
        copy: Keep a copy, readable by you only; otherwise the key stays where it is.
        home: The installation's folder.

    Raises:
        UsageError: They are not fit, or do not belong together.
        ProvenanceError: The decision cannot be kept.
    """
    old, checked, pem = decided(home), _brought(_read(chain)), _read(key)
    ask = cache(ask or _passphrase)  # one question for both times the key is opened here
    read_key(pem, checked, ask)
    name = _keep_chain(checked, home)
    place = key.resolve()
    if copy:
        place = home_dir(home) / "c2pa_used" / f"{Path(name).stem}-{sha256_hex(pem)[:8]}.key"
        create_once(place, lambda: pem)
    changes = {"source": "key", "chain": name, "key": str(place)}
    return _decide(_changed(old, **changes), home, ask)


def use_command(chain: Path, words: Sequence[str], *, home: Path | None = None) -> Signing:
    """A program that signs, such as that of a key management service, used from now on.

    Raises:
        UsageError: Its chain is not fit, or what it gives is no signature by that key.
        ProvenanceError: It fails, or the decision cannot be kept.
    """
    if not words or not words[0].strip():
        raise UsageError("the signing command is empty", "a program, and its arguments if any")
    old, checked = decided(home), _brought(_read(chain))
    check_signer(CommandSigner(checked, tuple(words)))
    name = _keep_chain(checked, home)
    return _decide(_changed(old, source="command", chain=name, command=tuple(words)), home)


def use_plugin(plugin: str, *, home: Path | None = None) -> Signing:
    """The signer that another package offers, used from now on.

    Raises:
        UsageError: There is none of that name, or it is not fit.
        ProvenanceError: It fails, or the decision cannot be kept.
    """
    old, chain = decided(home), check_signer(plugin_signer(plugin))
    name = _keep_chain(_brought(chain.pem), home)
    return _decide(_changed(old, source="plugin", chain=name, plugin=plugin), home)


def use_fresh_own(home: Path | None = None) -> Signing:
    """A new root and key of the installation's own authority, used from now on.

    Raises:
        ProvenanceError: They cannot be made, or the decision cannot be kept.
    """
    old = decided(home)
    renew(home)
    return _decide(_changed(old), home)


def reset(home: Path | None = None) -> Signing:
    """The installation's own authority and no timestamps, as before the first decision.

    Raises:
        ProvenanceError: It cannot be made, or the decision cannot be kept.
    """
    return _decide(Decision(), home)


def use_timestamps(
    url: str,
    *,
    policy: Policy = "required",
    roots: Path | None = None,
    ask: AskPassphrase | None = None,
    home: Path | None = None,
) -> Signing:
    """A timestamp authority (RFC 3161), asked from now on; an empty address asks none.

    Args:
        url: Its address, http or https.
        policy: ``required``: nothing goes out without; ``if-reachable``: the manifest says so.
        roots: Certificates of the authority, in PEM, so that its timestamps count here.
        ask: Called for the passphrase of the signing key, if it has one.
        home: The installation's folder.

    Raises:
        UsageError: The address or the certificates are none.
        ProvenanceError: The decision cannot be kept.
    """
    old = decided(home)
    _check_address(url)
    if roots is not None:
        _keep_time_roots(_read(roots), home)
    return _decide(old.model_copy(update={"ta_url": url, "ta_policy": policy}), home, ask)


def _check_address(url: str) -> None:
    """Passes for none, and for one that can be asked and kept; no password goes into a message."""
    try:
        parts = urlsplit(url)
        is_known = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        parts, is_known = urlsplit(""), False
    if parts.username is not None:
        raise UsageError(
            "the address of the timestamp authority holds a name or a password",
            "an address that may stand in the ledger",
            "leave out what stands before the @; ask the authority for an address that needs none",
        )
    if url and not is_known:
        raise UsageError(
            f"{url!r} is not the address of a timestamp authority", "http://... or https://..."
        )


def _signer(decision: Decision, home: Path | None, ask: AskPassphrase) -> Signer:
    if decision.source == "own":
        identity = signing_identity(home)
        return read_key(identity.key_pem, read_chain(identity.certificate_pem), ask)
    if decision.source == "plugin":
        return plugin_signer(decision.plugin)
    chain = read_chain(read_private(home_dir(home) / "c2pa_used" / decision.chain))
    if decision.source == "command":
        return CommandSigner(chain, decision.command)
    return read_key(small_bytes(Path(decision.key)), chain, ask)


def _chain(decision: Decision, signer: Signer) -> Chain:
    """The signer's chain; a key on this machine was held against it, the others show theirs."""
    if decision.source in ("own", "key"):
        return read_chain(signer.chain_pem)
    return check_signer(signer)


def _brought(pem: bytes) -> Chain:
    chain = read_chain(pem)
    if len(chain.certificates) < 2:
        raise UsageError(
            f"the chain holds the certificate of {chain.name} alone",
            f"that of {chain.issuer}, which issued it, after it",
            "append the issuer's certificate to the file",
        )
    return chain


def _changed(old: Decision, **signer: object) -> Decision:
    """Another signer with the timestamps of before."""
    return Decision.model_validate({"ta_url": old.ta_url, "ta_policy": old.ta_policy, **signer})


def _decide(
    decision: Decision,
    home: Path | None,
    ask: AskPassphrase | None = None,
) -> Signing:
    data = canonical_bytes(decision.model_dump(mode="json"))
    path = home_dir(home) / DECISION_FILE
    body = canonical_bytes({"source": decision.source, "ta_url": decision.ta_url})
    try:
        # The row first: a stop in between leaves a file that does not fit it, and so no signing.
        ledger.append(_KIND, sha256_hex(data), body.decode(), home=home)
        write_private(path, data)
    except OSError as error:
        raise ProvenanceError(f"{path} cannot be written ({error.strerror})") from error
    return open_signing(home, ask=ask)


def _keep_chain(chain: Chain, home: Path | None) -> str:
    name = f"{sha256_hex(chain.pem)[:16]}.pem"
    create_once(home_dir(home) / "c2pa_used" / name, lambda: chain.pem)
    return name


def _keep_time_roots(pem: bytes, home: Path | None) -> None:
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise UsageError("the timestamp authority's certificates cannot be read", "PEM") from error
    data = b"".join(one.public_bytes(Encoding.PEM) for one in found)
    create_once(home_dir(home) / "ta_roots" / f"{sha256_hex(data)[:16]}.pem", lambda: data)


def _read(path: Path) -> bytes:
    try:
        return small_bytes(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror})", "a PEM file") from error


def _passphrase() -> bytes:
    """From the variable, or asked for on a terminal; it stays in memory only."""
    given = os.environ.get(PASSPHRASE_VARIABLE)
    if given is not None:
        return given.encode()
    if sys.stdin is not None and sys.stdin.isatty():
        return getpass("Passphrase of the signing key: ").encode()
    raise UsageError(
        "the signing key has a passphrase, and nobody is here to give it",
        f"a terminal, or the variable {PASSPHRASE_VARIABLE}",
    )
