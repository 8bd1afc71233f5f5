from datetime import UTC, datetime, timedelta
from types import ModuleType

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from masquerade.errors import UsageError
from masquerade.provenance.c2pa.chain import is_signed_by, read_chain
from masquerade.provenance.c2pa.signer import KeySigner

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("kind", "algorithm"),
    [
        ("p256", "es256"),
        ("p384", "es384"),
        ("p521", "es512"),
        ("ed25519", "ed25519"),
        ("rsa", "ps256"),
    ],
)
def test_every_key_that_c2pa_allows_is_known(
    certificates: ModuleType, kind: str, algorithm: str
) -> None:
    root = certificates.issue("Root", ca=True)
    leaf = certificates.issue("Leaf", root, key=certificates.new_key(kind))
    chain = read_chain(leaf.pem + root.pem)
    assert chain.algorithm == algorithm
    assert chain.name == "Leaf of Test House"
    assert chain.issuer == "Root of Test House"
    signature = KeySigner(chain, leaf.key).sign(b"claim")
    assert is_signed_by(b"claim", signature, chain.leaf)
    assert not is_signed_by(b"another", signature, chain.leaf)


def test_the_first_end_counts(certificates: ModuleType) -> None:
    root = certificates.issue("Root", ca=True, days=20)
    leaf = certificates.issue("Leaf", root, days=90)
    assert read_chain(leaf.pem + root.pem).ends == root.certificate.not_valid_after_utc


def _chains(make: ModuleType) -> dict[str, bytes]:
    now = datetime.now(UTC)
    root, other = make.issue("Root", ca=True), make.issue("Other", ca=True)
    between = make.issue("Between", root, ca=True)
    leaf = make.issue("Leaf", between)
    return {
        "nothing": b"",
        "a key": leaf.key_pem(),
        "expired": make.issue("L", root, start=now - 9 * DAY, days=8).pem + root.pem,
        "not yet": make.issue("L", root, start=now + DAY).pem + root.pem,
        "authority expired": make.issue("L", root).pem
        + make.issue("Root", key=root.key, ca=True, start=now - 9 * DAY, days=8).pem,
        "an authority": between.pem + root.pem,
        "self-signed": make.issue("L").pem,
        "no purpose": make.issue("L", root, purposes=()).pem + root.pem,
        "for servers": make.issue("L", root, purposes=(ExtendedKeyUsageOID.SERVER_AUTH,)).pem
        + root.pem,
        "for timestamps too": make.issue(
            "L", root, purposes=(*make.MAIL, ExtendedKeyUsageOID.TIME_STAMPING)
        ).pem
        + root.pem,
        "no signing": make.issue("L", root, signing=False).pem + root.pem,
        "no issuer key": make.issue("L", root, authority=False).pem + root.pem,
        "another issuer": leaf.pem + other.pem,
        "wrong order": between.pem + leaf.pem + root.pem,
        "gap": leaf.pem + root.pem,
        "below no authority": make.issue("L", leaf).pem + leaf.pem,
        "short RSA": make.issue("L", root, key=make.new_key("rsa1024")).pem + root.pem,
    }


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("nothing", "no certificate that can be read"),
        ("a key", "no certificate that can be read"),
        ("expired", "expired on"),
        ("not yet", "is valid from"),
        ("authority expired", "of Root of Test House expired on"),
        ("an authority", "is an authority's own"),
        ("self-signed", "signed by itself"),
        ("no purpose", "another purpose .none is named"),
        ("for servers", "another purpose .1.3.6.1.5.5.7.3.1"),
        ("for timestamps too", "another purpose"),
        ("no signing", "may not sign data"),
        ("no issuer key", "does not say which key issued it"),
        ("another issuer", "was not issued by Other"),
        ("wrong order", "was not issued by Leaf"),
        ("gap", "was not issued by Root"),
        ("below no authority", "is no authority"),
        ("short RSA", "key of 1024 bits that C2PA does not allow"),
    ],
)
def test_an_unfit_chain_is_refused_with_its_reason(
    certificates: ModuleType, name: str, found: str
) -> None:
    with pytest.raises(UsageError, match=found) as caught:
        read_chain(_chains(certificates)[name])
    assert caught.value.expected
