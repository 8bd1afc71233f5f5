import stat
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest

from masquerade.errors import ProvenanceError, UsageError
from masquerade.provenance.c2pa import signer as signer_module
from masquerade.provenance.c2pa import signing
from masquerade.provenance.c2pa.anchors import anchors
from masquerade.provenance.c2pa.signer import CommandSigner, KeySigner
from masquerade.provenance.home import home_dir

COMMAND = """
import sys
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
key = serialization.load_pem_private_key(open(sys.argv[1], "rb").read(), None)
sys.stdout.buffer.write(key.sign(sys.stdin.buffer.read(), ec.ECDSA(hashes.SHA256())))
"""


@pytest.fixture
def brought(certificates: ModuleType, tmp_path: Path) -> ModuleType:
    """A chain and key in files: ``chain.pem``, ``key.pem``, ``locked.pem``, and ``sign.py``."""
    root = certificates.issue("Root", ca=True)
    leaf = certificates.issue("Leaf", root)
    (tmp_path / "chain.pem").write_bytes(leaf.pem + root.pem)
    (tmp_path / "alone.pem").write_bytes(leaf.pem)
    (tmp_path / "key.pem").write_bytes(leaf.key_pem())
    (tmp_path / "locked.pem").write_bytes(leaf.key_pem(b"open sesame"))
    (tmp_path / "other.pem").write_bytes(certificates.issue("Other", root).key_pem())
    (tmp_path / "sign.py").write_text(COMMAND)
    return certificates


def test_without_a_decision_our_own_authority_signs() -> None:
    ready = signing.open_signing()
    assert ready.decision.source == "own"
    assert ready.chain.algorithm == "es256"
    assert not ready.warnings()


def test_a_key_is_copied_privately_and_used(brought: ModuleType, tmp_path: Path) -> None:
    signing.use_key(tmp_path / "chain.pem", tmp_path / "key.pem")
    (tmp_path / "key.pem").unlink()
    ready = signing.open_signing()
    assert ready.chain.name == "Leaf of Test House"
    copy = Path(ready.decision.key)
    assert copy.is_relative_to(home_dir())
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert anchors().serials == {ready.chain.serial}
    assert "verify until" in ready.warnings()[0]


def test_a_key_may_stay_where_it_is(brought: ModuleType, tmp_path: Path) -> None:
    signing.use_key(tmp_path / "chain.pem", tmp_path / "key.pem", copy=False)
    assert signing.open_signing().decision.key == str(tmp_path / "key.pem")
    (tmp_path / "key.pem").unlink()
    with pytest.raises(ProvenanceError, match="nothing can be signed"):
        signing.open_signing()


def test_a_passphrase_is_asked_for_and_kept_nowhere(
    brought: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked, asked = tmp_path / "locked.pem", []
    with pytest.raises(UsageError, match="nobody is here to give it"):
        signing.use_key(tmp_path / "chain.pem", locked)
    with pytest.raises(UsageError, match="does not open the key"):
        signing.use_key(tmp_path / "chain.pem", locked, ask=lambda: b"wrong")

    def ask() -> bytes:
        asked.append(1)
        return b"open sesame"

    signing.use_key(tmp_path / "chain.pem", locked, ask=ask)
    assert len(asked) == 1
    for path in home_dir().rglob("*"):
        assert path.is_dir() or b"sesame" not in path.read_bytes()
    with pytest.raises(ProvenanceError, match="nobody is here to give it"):
        signing.open_signing()
    monkeypatch.setenv(signing.PASSPHRASE_VARIABLE, "open sesame")
    assert isinstance(signing.open_signing().signer, KeySigner)


@pytest.mark.parametrize(
    ("chain", "key", "found"),
    [
        ("chain.pem", "other.pem", "not that of the certificate"),
        ("chain.pem", "chain.pem", "does not hold a private key"),
        ("chain.pem", "missing.pem", "missing.pem cannot be read"),
        ("missing.pem", "key.pem", "missing.pem cannot be read"),
        ("key.pem", "key.pem", "no certificate that can be read"),
        ("alone.pem", "key.pem", "holds the certificate of Leaf of Test House alone"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    brought: ModuleType, tmp_path: Path, chain: str, key: str, found: str
) -> None:
    with pytest.raises(UsageError, match=found):
        signing.use_key(tmp_path / chain, tmp_path / key)
    assert signing.open_signing().decision.source == "own"


def test_a_command_signs(brought: ModuleType, tmp_path: Path) -> None:
    words = [sys.executable, str(tmp_path / "sign.py"), str(tmp_path / "key.pem")]
    signing.use_command(tmp_path / "chain.pem", words)
    assert isinstance(signing.open_signing().signer, CommandSigner)
    (tmp_path / "sign.py").write_text("import sys; sys.exit('the card is locked')")
    with pytest.raises(ProvenanceError, match="ended with code 1: the card is locked"):
        signing.open_signing()


@pytest.mark.parametrize(
    ("program", "found"),
    [
        ("print('no signature')", "is not a signature by the key"),
        ("", "gave no signature"),
        ("raise SystemExit(3)", "ended with code 3"),
    ],
)
def test_a_command_that_does_not_sign_is_refused(
    brought: ModuleType, tmp_path: Path, program: str, found: str
) -> None:
    with pytest.raises((UsageError, ProvenanceError), match=found):
        signing.use_command(tmp_path / "chain.pem", [sys.executable, "-c", program])
    assert signing.decided().source == "own"


@pytest.mark.parametrize("words", [["/no/such/program"], [""], []])
def test_a_command_that_is_none_is_refused(
    brought: ModuleType, tmp_path: Path, words: list[str]
) -> None:
    with pytest.raises((UsageError, ProvenanceError), match=r"cannot be started|is empty"):
        signing.use_command(tmp_path / "chain.pem", words)


def _offer(monkeypatch: pytest.MonkeyPatch, made: object) -> None:
    point = EntryPoint("vault", "vault:Signer", signer_module.GROUP)
    monkeypatch.setattr(EntryPoint, "load", lambda _self: lambda: made)
    monkeypatch.setattr(signer_module, "entry_points", lambda group: [point])


def test_a_signer_of_another_package_signs(
    brought: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = brought.issue("Root", ca=True)
    leaf = brought.issue("Vault", root)
    chain = signing.read_chain(leaf.pem + root.pem)
    _offer(monkeypatch, KeySigner(chain, leaf.key))
    signing.use_plugin("vault")
    assert signing.open_signing().chain.name == "Vault of Test House"
    with pytest.raises(UsageError, match="no installed package offers"):
        signing.use_plugin("nope")
    _offer(monkeypatch, KeySigner(chain, brought.new_key()))
    with pytest.raises(ProvenanceError, match="is not a signature by the key"):
        signing.open_signing()
    _offer(monkeypatch, "a word")
    with pytest.raises(UsageError, match="is a str"):
        signing.use_plugin("vault")


@pytest.mark.parametrize("harm", ["removed", "changed", "loosened"])
def test_a_decision_that_was_tampered_with_stops_signing(
    brought: ModuleType, tmp_path: Path, harm: str
) -> None:
    signing.use_key(tmp_path / "chain.pem", tmp_path / "key.pem")
    path = home_dir() / signing.DECISION_FILE
    if harm == "removed":
        path.unlink()
    elif harm == "changed":
        path.write_text('{"source":"own"}')
    else:
        path.chmod(0o644)
    with pytest.raises(ProvenanceError):
        signing.open_signing()
    if harm != "loosened":
        assert signing.reset().decision.source == "own"


def test_a_decision_that_the_ledger_does_not_know_stops_signing() -> None:
    home = home_dir()
    (home / signing.DECISION_FILE).touch(mode=0o600)
    (home / signing.DECISION_FILE).write_text('{"source":"own"}')
    with pytest.raises(ProvenanceError, match="not what was decided last"):
        signing.open_signing()


def test_an_expired_certificate_stops_signing_and_is_warned_of(
    certificates: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime, timedelta

    root = certificates.issue("Root", ca=True)
    leaf = certificates.issue("Leaf", root, days=11)
    (tmp_path / "chain.pem").write_bytes(leaf.pem + root.pem)
    (tmp_path / "key.pem").write_bytes(leaf.key_pem())
    ready = signing.use_key(tmp_path / "chain.pem", tmp_path / "key.pem")
    assert "expires in 9 days" in ready.warnings()[0]
    later = datetime.now(UTC) + timedelta(days=12)
    real = signing.read_chain
    monkeypatch.setattr(signing, "read_chain", lambda pem: real(pem, now=later))
    with pytest.raises(ProvenanceError, match=r"nothing can be signed: .* expired on"):
        signing.open_signing()


def test_a_fresh_authority_keeps_old_roots_as_anchors() -> None:
    first = signing.open_signing()
    fresh = signing.use_fresh_own()
    assert fresh.chain.serial != first.chain.serial
    assert anchors().own.count("BEGIN CERTIFICATE") == 2
    assert signing.open_signing().chain.serial == fresh.chain.serial


@pytest.mark.parametrize("url", ["ftp://time.example", "time.example", "http://", "http://[::1"])
def test_what_is_no_address_of_an_authority_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="not the address"):
        signing.use_timestamps(url)


@pytest.mark.parametrize("url", ["http://ann:s3cret@time.example/", "https://s3cret@time.example"])
def test_a_password_in_an_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(UsageError, match="a name or a password") as caught:
        signing.use_timestamps(url)
    assert "s3cret" not in str(caught.value)
    assert not signing.decided().ta_url


def test_the_arguments_of_a_command_stay_out_of_its_repr(brought: ModuleType) -> None:
    signer = signing.open_signing().signer
    assert "1234" not in repr(CommandSigner(signer.chain, ("sign", "--pin", "1234")))
    decision = signing.Decision(source="command", command=("sign", "--pin", "1234"))
    assert "1234" not in f"{decision!r} {decision}"


def test_timestamps_stay_when_the_signer_changes(brought: ModuleType, tmp_path: Path) -> None:
    signing.use_timestamps("http://time.example/", policy="if-reachable")
    ready = signing.use_key(tmp_path / "chain.pem", tmp_path / "key.pem")
    assert (ready.decision.ta_url, ready.decision.ta_policy) == (
        "http://time.example/",
        "if-reachable",
    )
    assert not ready.warnings()
    assert signing.reset().decision.ta_url == ""
