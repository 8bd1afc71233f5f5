"""Where a result may lie, asked before the work begins."""

from pathlib import Path

import pytest

from masquerade.errors import OutputError, UsageError
from masquerade.media.encoding import Encoding
from masquerade.media.probe import Kind
from masquerade.pipelines.saving import USUAL, Saving, check_out


def test_a_manifest_of_another_file_is_not_written_over(tmp_path: Path) -> None:
    target = tmp_path / "in.mp4"
    target.touch()
    (tmp_path / "out.c2pa").touch()
    check_out(tmp_path / "out.mp4", target, overwrite=False)  # which holds its own
    with pytest.raises(OutputError, match=r"out\.c2pa exists"):
        check_out(tmp_path / "out.mkv", target, overwrite=True)
    (tmp_path / "out.mkv").touch()
    check_out(tmp_path / "out.mkv", target, overwrite=True)
    with pytest.raises(UsageError, match="exists"):
        check_out(tmp_path / "out.mkv", target, overwrite=False)


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("out.png", "video", "is not a video ending"),
        ("out.mp4", "video", ""),
        ("out.mp4", "still", "cannot hold a still"),
        ("out.png", "still", ""),
        ("out.jpg", "animation", "cannot hold an animation"),
        ("out.gif", "animation", ""),
    ],
)
def test_an_ending_of_another_kind_of_media_is_refused_before_any_work(
    name: str, kind: Kind, words: str, tmp_path: Path
) -> None:
    out, target = tmp_path / name, tmp_path / "in.mp4"
    if not words:
        USUAL.check(out, target, kind=kind)
        return
    with pytest.raises(UsageError, match=words):
        USUAL.check(out, target, kind=kind)


def test_the_ending_holds_the_codec_that_is_asked_for(tmp_path: Path) -> None:
    saving = Saving(Encoding(codec="prores"))
    with pytest.raises(UsageError, match="does not hold prores"):
        saving.check(tmp_path / "out.mp4", tmp_path / "in.mp4", kind="video")
