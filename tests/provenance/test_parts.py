import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from masquerade.errors import OutputError, ProvenanceError, UsageError
from masquerade.provenance.fingerprint import Print
from masquerade.provenance.kept_parts import kept_in, kept_of, left_behind, remove_kept
from masquerade.provenance.parts import Part, open_parts
from masquerade.types import DraftSegment

PART = Part(4, 1, '{"swapped":3}', (Print(0, bytes(32), 80),), (), b"encoded pictures")


def _segment(index: int = 0, key: str = "a") -> DraftSegment:
    return DraftSegment(index, key, 0, 3, iter(()))


class StoppedError(Exception):
    """A run that does not come to its end."""


def _stopped_run(out: Path, job: str = "job") -> None:
    with pytest.raises(StoppedError):
        _stop_in_the_middle(out, job)


def _stop_in_the_middle(out: Path, job: str) -> None:
    with open_parts(out, job) as parts:
        parts.put(_segment(), PART)
        parts.work_file("joined").write_bytes(b"unsigned")
        raise StoppedError


def test_a_part_of_a_stopped_run_is_found_again(tmp_path: Path) -> None:
    _stopped_run(tmp_path / "out.mp4")
    with open_parts(tmp_path / "out.mp4", "job") as parts:
        assert parts.find(_segment()) == PART
        assert list(parts.data([(0, "a")])) == [b"encoded pictures"]


@pytest.mark.parametrize(("index", "key"), [(1, "a"), (0, "b")])
def test_a_part_belongs_to_its_segment(tmp_path: Path, index: int, key: str) -> None:
    _stopped_run(tmp_path / "out.mp4")
    with open_parts(tmp_path / "out.mp4", "job") as parts:
        assert parts.find(_segment(index, key)) is None
        with pytest.raises(ProvenanceError, match="removed or changed"):
            list(parts.data([(index, key)]))


def test_a_part_belongs_to_its_job(tmp_path: Path) -> None:
    _stopped_run(tmp_path / "out.mp4", "job one of two")
    (old,) = tmp_path.glob(".out.mp4.parts-*")
    with open_parts(tmp_path / "out.mp4", "job two") as parts:
        for path in old.glob("*.part"):
            path.rename(parts.folder / path.name)
        assert parts.find(_segment()) is None


def test_a_stopped_run_leaves_no_unsigned_file(tmp_path: Path) -> None:
    _stopped_run(tmp_path / "out.mp4")
    (folder,) = tmp_path.glob(".out.mp4.parts-*")
    names = {path.name for path in folder.iterdir() if not path.name.startswith("lock")}
    assert len(names) == 1
    assert next(iter(names)).endswith(".part")
    assert b"encoded pictures" not in (folder / next(iter(names))).read_bytes()


def test_a_run_that_succeeds_leaves_nothing(tmp_path: Path) -> None:
    with open_parts(tmp_path / "out.mp4", "job") as parts:
        parts.put(_segment(), PART)
    assert not list(tmp_path.iterdir())


def test_what_a_kill_left_half_joined_is_removed(tmp_path: Path) -> None:
    _stopped_run(tmp_path / "out.mp4")
    (folder,) = tmp_path.glob(".out.mp4.parts-*")
    (folder / "joined").write_bytes(b"unsigned")
    with open_parts(tmp_path / "out.mp4", "job"):
        assert not (folder / "joined").exists()


def test_a_folder_that_is_a_link_elsewhere_is_refused(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / ".out.mp4.parts-job").symlink_to(elsewhere)
    with (
        pytest.raises(PermissionError, match="link"),
        open_parts(tmp_path / "out.mp4", "job"),
    ):
        pass
    assert not list(elsewhere.iterdir())


def test_folders_that_no_run_goes_on_with_are_found_and_kept(tmp_path: Path) -> None:
    old, new, other = (tmp_path / name for name in (".a.mp4.parts-1", ".b.mp4.parts-2", "c"))
    for folder in (old, new, other):
        folder.mkdir()
        (folder / "000000.part").write_bytes(b"x")
    for path in (old, old / "000000.part", other, other / "000000.part"):
        os.utime(path, (0, 0))
    assert [one.folder for one in left_behind(tmp_path)] == [old]
    assert (old / "000000.part").exists()


def test_what_is_kept_of_an_output_is_counted(tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    assert kept_of(out) == []
    _stopped_run(out, "ab12")
    (one,) = kept_of(out)
    assert (one.folder, one.output, one.parts) == (tmp_path / ".out.mp4.parts-ab12", "out.mp4", 1)
    assert one.words.startswith("1 finished part, 0.0 MB")
    assert one.age_days < 1
    assert kept_of(tmp_path / "other.mp4") == []


def test_what_is_kept_is_removed_only_where_no_run_is_at_work(tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    with open_parts(out, "ab12") as parts:
        parts.put(_segment(), PART)
        with pytest.raises(OutputError, match="another run is at work"):
            remove_kept(parts.folder)
    _stopped_run(out, "ab12")
    (one,) = kept_in(tmp_path)
    assert remove_kept(one.folder).parts == 1
    assert kept_in(tmp_path) == []


def test_no_other_folder_is_removed(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / ".link.parts-ab").symlink_to(tmp_path / "photos")
    for name in ("photos", ".link.parts-ab", ".none.parts-ab"):
        with pytest.raises(UsageError, match="holds no parts"):
            remove_kept(tmp_path / name)
    assert (tmp_path / "photos").is_dir()


def test_a_folder_that_goes_while_it_is_read_hides_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        (tmp_path / f".{name}.mp4.parts-0a").mkdir()
    usual = Path.iterdir

    def going(folder: Path) -> Iterator[Path]:
        if folder.name.startswith(".a"):
            raise FileNotFoundError(2, "gone")
        return usual(folder)

    monkeypatch.setattr(Path, "iterdir", going)
    assert [one.output for one in kept_in(tmp_path)] == ["b.mp4"]
