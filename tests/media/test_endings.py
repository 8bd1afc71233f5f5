"""What an output can hold, and files that appear whole or not at all."""

import errno
from pathlib import Path

import av
import pytest

from masquerade.errors import OutputError, UsageError
from masquerade.media.endings import VIDEO_CONTAINERS, check_folder, video_container, whole_file


@pytest.mark.parametrize(
    ("ending", "codec", "name"),
    [
        (".mp4", "h264", "MP4"),
        (".M4V", "hevc", "MP4"),
        (".mov", "prores", "QuickTime"),
        (".mkv", "av1", "Matroska"),
        (".webm", "vp9", "WebM"),
        (".webm", "h264", None),
        (".mp4", "prores", None),
        (".avi", "h264", None),
        ("", "h264", None),
    ],
)
def test_ending_means_a_container_that_holds_the_codec_or_is_refused(ending, codec, name):
    if name is None:
        with pytest.raises(UsageError) as caught:
            video_container(ending, codec)
        assert caught.value.todo
        return
    assert video_container(ending, codec).name == name


def test_every_codec_has_a_container_and_every_muxer_is_there():
    held = {codec for container in VIDEO_CONTAINERS for codec in container.codecs}
    assert held == {"h264", "hevc", "vp9", "av1", "prores"}
    assert {container.muxer for container in VIDEO_CONTAINERS} <= av.formats_available


def half_written(out: Path, error: BaseException) -> None:
    with whole_file(out):
        out.write_bytes(b"half")
        raise error


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "no space left"),
        (errno.EDQUOT, "no space left"),
        (errno.EACCES, "no permission"),
        (errno.EROFS, "no permission"),
        (errno.EIO, "cannot be written"),
    ],
)
def test_errors_of_the_system_are_told_in_our_words_and_nothing_stays(tmp_path, code, words):
    out = tmp_path / "out.bin"
    with pytest.raises(OutputError, match=words):
        half_written(out, OSError(code, "said the system"))
    assert not out.exists()


def test_a_stop_by_the_user_leaves_nothing(tmp_path):
    out = tmp_path / "out.bin"
    with pytest.raises(KeyboardInterrupt):
        half_written(out, KeyboardInterrupt())
    assert not out.exists()


def test_a_folder_in_place_of_the_file_is_refused(tmp_path):
    with pytest.raises(OutputError, match="is a folder"):
        check_folder(tmp_path)


def test_a_name_that_leaves_no_room_for_what_lies_beside_it_is_refused(tmp_path):
    with pytest.raises(UsageError, match="bytes long"):
        check_folder(tmp_path / ("a" * 252 + ".jpg"))
    with pytest.raises(UsageError, match="bytes long"):
        check_folder(tmp_path / ("\N{GRINNING FACE}" * 62 + ".jpg"))
    check_folder(tmp_path / ("a" * 226 + ".jpg"))
