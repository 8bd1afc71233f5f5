"""A record that lies beside a source is named where none is given."""

from pathlib import Path

import pytest

from masquerade.errors import ConsentError
from masquerade.hashing import file_sha256
from masquerade.pipelines.nearby_consent import nearby
from masquerade.pipelines.request import Request, read_request


@pytest.fixture
def ada(tmp_path: Path) -> Path:
    photo = tmp_path / "ada.jpg"
    photo.write_bytes(b"a picture")
    return photo


def test_nothing_beside_it_is_nothing(ada: Path) -> None:
    (ada.parent / "ada.consent").write_text("no record")
    assert nearby([ada]) is None
    assert nearby([ada.parent / "none" / "x.jpg"]) is None


def test_a_record_of_the_same_name_is_found_and_one_with_its_hash_comes_first(
    ada: Path, make_record
) -> None:
    record = make_record()
    assert nearby([ada]) is None
    by_name = record.rename(ada.with_suffix(".consent"))
    assert nearby([ada]) == by_name
    by_hash = make_record(reference_sha256=[file_sha256(ada)])
    assert nearby([ada]) == nearby([ada.parent]) == by_hash


def test_a_performers_record_is_for_no_source(ada: Path, make_record) -> None:
    make_record(kind="performer").rename(ada.with_suffix(".consent"))
    assert nearby([ada]) is None


def test_the_error_names_it_and_does_not_use_it(ada: Path, make_record) -> None:
    record = make_record().rename(ada.with_suffix(".consent"))
    with pytest.raises(ConsentError, match=r"ada\.consent lies beside it") as told:
        read_request(Request("swap_mesh", ada, (ada,)))
    assert told.value.todo.endswith(f"--consent {record}")
