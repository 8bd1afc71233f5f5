import pytest

from masquerade.errors import ProvenanceError
from masquerade.provenance.home import home_dir
from masquerade.provenance.keys import (
    decrypt,
    encrypt,
    is_signed,
    key_fingerprint,
    new_key,
    public_text,
    rest_key,
    sign,
    signing_key,
)


def test_the_key_is_made_once() -> None:
    assert public_text(signing_key()) == public_text(signing_key())
    assert (home_dir() / "signing.pem").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("data", "public", "good"),
    [
        (b"text", "own", True),
        (b"Text", "own", False),
        (b"text", "other", False),
        (b"text", "no key at all", False),
    ],
)
def test_a_signature_is_of_these_bytes_by_this_key(data: bytes, public: str, good: bool) -> None:
    key, other = new_key(), new_key()
    names = {"own": public_text(key), "other": public_text(other)}
    assert is_signed(data, sign(b"text", key), names.get(public, public)) is good


def test_encrypted_data_opens_under_its_key_and_context_only() -> None:
    key = rest_key(None, "tests")
    data = encrypt(b"embedding", key, b"record 1")
    assert decrypt(data, key, b"record 1") == b"embedding"
    for broken, other_key, context in [
        (data, key, b"record 2"),
        (data, rest_key(None, "other"), b"record 1"),
        (data[:-1] + bytes([data[-1] ^ 1]), key, b"record 1"),
        (data[:5], key, b"record 1"),
    ]:
        with pytest.raises(ProvenanceError):
            decrypt(broken, other_key, context)


def test_the_same_bytes_are_never_encrypted_alike() -> None:
    key = rest_key(None, "tests")
    assert encrypt(b"x", key, b"") != encrypt(b"x", key, b"")


def test_a_fingerprint_needs_a_public_key() -> None:
    assert len(key_fingerprint(public_text(new_key()))) == 16
    with pytest.raises(ProvenanceError, match="ed25519:"):
        key_fingerprint("ed25519:short")


def test_a_damaged_key_file_is_an_error_not_a_new_key() -> None:
    signing_key()
    path = home_dir() / "signing.pem"
    path.write_text("broken")
    with pytest.raises(ProvenanceError, match="private key"):
        signing_key()
