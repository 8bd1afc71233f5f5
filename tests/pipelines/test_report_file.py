"""Pages, settings and charts are written whole, in their own place, or not at all."""

import os
from pathlib import Path

import pytest

from masquerade.errors import OutputError, UsageError
from masquerade.pipelines.preview.page import write_page
from masquerade.pipelines.report_file import fill, put


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    put(out, b"old")
    put(out, b"new")
    assert out.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [out]


def test_parts_that_a_killed_run_left_are_swept(tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    left, others = tmp_path / ".page.html.0123abcd", tmp_path / ".other.html.0123abcd"
    fresh, filled = tmp_path / ".page.html.89abcdef", tmp_path / ".0123abcd.page.html"
    for path in (left, others, fresh, filled):
        path.write_bytes(b"")
    for path in (left, others, filled):
        os.utime(path, (1, 1))
    put(out, b"new")
    assert sorted(tmp_path.iterdir()) == sorted([out, others, fresh, filled])
    fill(out, lambda place: place.write_bytes(b"newer") and None)
    assert sorted(tmp_path.iterdir()) == sorted([out, others, fresh])


@pytest.mark.parametrize("there", [True, False])
def test_nothing_is_written_through_a_link(tmp_path: Path, there: bool) -> None:
    other, out = tmp_path / "other.txt", tmp_path / "page.html"
    if there:
        other.write_bytes(b"mine")
    out.symlink_to(other)
    with pytest.raises(OutputError, match="is a link to another place"):
        put(out, b"new")
    with pytest.raises(OutputError, match="is a link to another place"):
        write_page("new", out)
    assert out.is_symlink()
    assert other.exists() == there
    assert not there or other.read_bytes() == b"mine"


def test_no_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no folder"):
        put(tmp_path / "none" / "page.html", b"")
