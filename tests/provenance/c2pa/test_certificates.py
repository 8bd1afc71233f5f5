from datetime import UTC, datetime, timedelta

from cryptography import x509

from masquerade.provenance.c2pa.certificates import own_roots, signing_identity
from masquerade.provenance.home import home_dir

NOW = datetime.now(UTC)


def test_leaf_is_signed_by_the_root_and_fit_for_c2pa() -> None:
    identity = signing_identity()
    leaf = x509.load_pem_x509_certificate(identity.certificate_pem)
    root = x509.load_pem_x509_certificate(identity.root_pem)
    leaf.verify_directly_issued_by(root)
    usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert not usage.key_cert_sign
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    assert leaf.subject != leaf.issuer


def test_identity_stays_until_it_is_renewed_in_time() -> None:
    first = signing_identity(now=NOW)
    assert signing_identity(now=NOW + timedelta(days=300)).certificate_pem == first.certificate_pem
    later = signing_identity(now=NOW + timedelta(days=400))
    assert later.certificate_pem != first.certificate_pem
    assert later.root_pem == first.root_pem


def test_an_old_root_stays_an_anchor() -> None:
    first = signing_identity(now=NOW)
    later = signing_identity(now=NOW + timedelta(days=365 * 30))
    assert later.root_pem != first.root_pem
    assert first.root_pem.decode() in own_roots()
    assert later.root_pem.decode() in own_roots()
    leaf = x509.load_pem_x509_certificate(later.certificate_pem)
    leaf.verify_directly_issued_by(x509.load_pem_x509_certificate(later.root_pem))


def test_keys_are_private() -> None:
    signing_identity()
    for path in home_dir().rglob("*.pem"):
        assert path.stat().st_mode & 0o777 == 0o600
