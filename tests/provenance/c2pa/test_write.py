import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image

from masquerade.errors import ProvenanceError
from masquerade.provenance.c2pa import signing
from masquerade.provenance.c2pa.credentials import Credentials, read_credentials
from masquerade.provenance.c2pa.manifest import MACHINE_USES, Statement
from masquerade.provenance.c2pa.manifest import SOURCE_TYPES as OURS
from masquerade.provenance.c2pa.words import ACTIONS, SOURCE_TYPES
from masquerade.provenance.c2pa.write import sign
from masquerade.provenance.label import Label
from masquerade.provenance.policy import Passed
from masquerade.types import Draft


@pytest.fixture
def signed(make_draft: Callable[..., Draft], tmp_path: Path) -> Callable[..., Credentials]:
    """Signs a small picture as `save` does, and reads it back."""
    media = tmp_path / "media.jpg"
    Image.new("RGB", (64, 64), (90, 20, 160)).save(media)

    def make(name: str = "out.jpg", home: Path | None = None) -> Credentials:
        mark = "mqw-0000000000000001"
        passed, label = Passed((), ()), Label("eu", "en", "AI MODIFIED")
        statement = Statement(make_draft(), passed, "test", label, "mql-1", mark)
        with media.open("rb") as file:
            sign(file, tmp_path / name, statement, title=name, home=home)
        return read_credentials(tmp_path / name, home=home)

    return make


@pytest.fixture
def brought(certificates: ModuleType, tmp_path: Path) -> Callable[..., signing.Signing]:
    """Takes a certificate of one's own into use."""

    def use(kind: str = "p256") -> signing.Signing:
        root = certificates.issue("Root", ca=True)
        leaf = certificates.issue("Leaf", root, key=certificates.new_key(kind))
        (tmp_path / "chain.pem").write_bytes(leaf.pem + root.pem)
        (tmp_path / "key.pem").write_bytes(leaf.key_pem())
        return signing.use_key(tmp_path / "chain.pem", tmp_path / "key.pem")

    return use


def test_the_manifest_speaks_the_vocabulary(
    signed: Callable[..., Credentials], tmp_path: Path
) -> None:
    import c2pa

    found = signed()
    assert found.did == (
        "started from an existing file",
        "put another file's content into it",
        "changed what it shows (made with swap_mesh; partly made by AI)",
        "put words into the picture (visible label: AI MODIFIED)",
        "put in an invisible watermark",
    )
    assert found.ai_models == ("Masquerade swap_mesh / masquerade:swap_mesh:0.1.0",)
    assert "training AI: not allowed" in found.machine_uses
    assert "being looked at by AI: allowed" in found.machine_uses
    assert set(MACHINE_USES.values()) == {"allowed", "notAllowed"}
    with c2pa.Reader(tmp_path / "out.jpg") as reader:
        report = json.loads(reader.json())
    active = report["manifests"][report["active_manifest"]]
    labels = [one["label"] for one in active["assertions"]]
    assert {"c2pa.ai-disclosure", "cawg.training-mining", "c2pa.actions.v2"} < set(labels)
    actions = active["assertions"][labels.index("c2pa.actions.v2")]["data"]["actions"]
    assert {one["action"] for one in actions} <= set(ACTIONS)
    assert {one.rpartition("/")[2] for one in OURS.values()} <= set(SOURCE_TYPES)


@pytest.mark.parametrize("kind", ["p256", "p384", "p521", "ed25519", "rsa"])
def test_a_certificate_of_ones_own_signs_and_counts_as_ours(
    signed: Callable[..., Credentials], brought: Callable[..., signing.Signing], kind: str
) -> None:
    brought(kind)
    found = signed()
    assert (found.state, found.signer, found.signed_by) == ("intact", "ours", "Leaf of Test House")


def test_files_signed_before_a_change_stay_ours(
    signed: Callable[..., Credentials], brought: Callable[..., signing.Signing], tmp_path: Path
) -> None:
    signed("one.jpg")
    brought()
    signed("two.jpg")
    signing.use_fresh_own()
    signed("three.jpg")
    signing.reset()
    for name in ("one.jpg", "two.jpg", "three.jpg"):
        assert read_credentials(tmp_path / name).signer == "ours"


def test_another_customer_of_the_same_issuer_is_not_us(
    signed: Callable[..., Credentials], certificates: ModuleType, tmp_path: Path
) -> None:
    root = certificates.issue("Root", ca=True)
    for name, home in (("Us", tmp_path / "us"), ("Them", tmp_path / "them")):
        leaf = certificates.issue(name, root)
        (tmp_path / "chain.pem").write_bytes(leaf.pem + root.pem)
        (tmp_path / "key.pem").write_bytes(leaf.key_pem())
        signing.use_key(tmp_path / "chain.pem", tmp_path / "key.pem", home=home)
    assert signed(home=tmp_path / "them").signer == "ours"
    assert read_credentials(tmp_path / "out.jpg", home=tmp_path / "us").signer == "unknown"


def test_a_signing_command_signs_the_claim_and_its_failure_is_told(
    signed: Callable[..., Credentials], brought: Callable[..., signing.Signing], tmp_path: Path
) -> None:
    brought()
    program = tmp_path / "sign.py"
    program.write_text(
        "import sys\n"
        "from cryptography.hazmat.primitives import hashes, serialization\n"
        "from cryptography.hazmat.primitives.asymmetric import ec\n"
        "data = sys.stdin.buffer.read()\n"
        "if len(data) > 200: sys.exit('the quota is used up')\n"
        "key = serialization.load_pem_private_key(open(sys.argv[1], 'rb').read(), None)\n"
        "sys.stdout.buffer.write(key.sign(data, ec.ECDSA(hashes.SHA256())))\n"
    )
    words = [sys.executable, str(program), str(tmp_path / "key.pem")]
    signing.use_command(tmp_path / "chain.pem", words)
    with pytest.raises(ProvenanceError, match="the quota is used up"):
        signed()
    program.write_text(program.read_text().replace("> 200", "> 2e9"))
    assert signed().signer == "ours"


def test_a_timestamp_is_asked_for_and_read_back(
    signed: Callable[..., Credentials], certificates: ModuleType, tmp_path: Path
) -> None:
    authority = certificates.Authority()
    (tmp_path / "time.pem").write_bytes(authority.root.pem)
    with certificates.serving(authority) as url:
        signing.use_timestamps(url)
        assert signed().time == "unknown authority"
        signing.use_timestamps(f"{url}?customer=s3cret", roots=tmp_path / "time.pem")
        found = signed()
    assert found.time == "attested"
    assert found.signer == "ours"
    assert found.signed_at
    assert f'"asked of {url.rstrip("/")}, required"' in found.seal
    assert "s3cret" not in found.seal
    assert authority.asked == 2


def test_the_root_of_a_time_authority_vouches_for_no_signer(
    signed: Callable[..., Credentials],
    brought: Callable[..., signing.Signing],
    certificates: ModuleType,
    tmp_path: Path,
) -> None:
    other = tmp_path / "other"
    brought()
    signed()
    chain = (tmp_path / "chain.pem").read_bytes()
    (tmp_path / "root.pem").write_bytes(b"-----BEGIN" + chain.split(b"-----BEGIN")[2])
    signing.use_timestamps("http://t.example/", roots=tmp_path / "root.pem", home=other)
    assert read_credentials(tmp_path / "out.jpg", home=other).signer == "unknown"


@pytest.mark.parametrize("how", ["refused", "error"])
def test_an_authority_that_fails_stops_signing_or_is_told_of(
    signed: Callable[..., Credentials], certificates: ModuleType, how: str
) -> None:
    with certificates.serving(None) as url:
        where = url if how == "error" else "http://127.0.0.1:9/"
        signing.use_timestamps(where)
        with pytest.raises(ProvenanceError, match="gave no timestamp") as caught:
            signed()
        assert "if-reachable" in caught.value.todo
        signing.use_timestamps(where, policy="if-reachable")
        found = signed()
    assert (found.time, found.signer) == ("none", "ours")
    assert "which gave none" in found.seal
