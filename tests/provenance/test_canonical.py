import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masquerade.provenance.canonical import Json, canonical_bytes, named_twice, sha256_hex

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=40)
@given(st.dictionaries(st.text(st.characters(codec="utf-8")), JSON, max_size=4))
def test_order_of_keys_does_not_matter(value: dict[str, Json]) -> None:
    reversed_ = dict(reversed(list(value.items())))
    assert canonical_bytes(value) == canonical_bytes(reversed_)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_json_does_not_know_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical_bytes([value])


def test_hash_is_sha256() -> None:
    assert sha256_hex(b"").startswith("e3b0c44298fc1c14")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{}", ""),
        ('{"a": 1, "b": {"a": 2}}', ""),
        ('[{"a": {"b": 1, "c": 2, "b": 3}}]', "b"),
        ("{" + ",".join(160_000 * ['"a":1']) + "}", "a"),  # as much as a small file holds
    ],
    ids=["empty", "levels", "deep", "many"],
)
def test_a_name_that_is_there_twice_is_told(text: str, found: str) -> None:
    assert named_twice(text) == found
