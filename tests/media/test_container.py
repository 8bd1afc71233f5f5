import os
from collections.abc import Callable
from pathlib import Path

import pytest

from masquerade.errors import InputError, LimitError, MediaError
from masquerade.media.audio import read_audio
from masquerade.media.limits import Limits
from masquerade.media.probe import probe
from masquerade.media.read import read_frames

MakeClip = Callable[..., Path]
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(1000)
SDP = b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n"


def assert_refused(path: Path, message: str, error: type[InputError] = MediaError) -> None:
    """Every reader gives one error of that kind that names the file and says what to expect."""
    for read in (probe, lambda p: list(read_frames(p)), read_audio):
        with pytest.raises(error, match=message) as caught:
            read(path)
        assert path.name in caught.value.found
        assert caught.value.expected


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.jpg", "a.gif", "a.wav", "a"])
@pytest.mark.parametrize(
    "data",
    [b"hello world " * 500, b"#!/bin/sh\n", b"\0" * 5000, b"%PDF-1.7\n" * 9, b"PK\3\4" * 9, SDP],
    ids=["text", "script", "zeros", "pdf", "zip", "sdp"],
)
def test_files_of_another_type_are_refused_whatever_their_name(
    tmp_path: Path, name: str, data: bytes
) -> None:
    (tmp_path / name).write_bytes(data)
    assert_refused(tmp_path / name, "no known kind")


def test_missing_files_are_named(tmp_path: Path) -> None:
    assert_refused(tmp_path / "absent.mp4", "there is no file")


def test_folders_are_refused(tmp_path: Path) -> None:
    assert_refused(tmp_path, "is a folder")


def test_empty_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    assert_refused(tmp_path / "a.mp4", "is empty")


def test_broken_links_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").symlink_to(tmp_path / "gone.mp4")
    assert_refused(tmp_path / "a.mp4", "there is no file")


def test_pipes_and_devices_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.mp4")
    assert_refused(tmp_path / "a.mp4", "pipe, socket or device")
    assert_refused(Path("/dev/zero"), "pipe, socket or device")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_that_may_not_be_read_are_named(make_clip: MakeClip) -> None:
    path = make_clip("a.mp4", count=1)
    path.chmod(0)
    assert_refused(path, "permission denied")


def test_heic_is_named_and_the_way_out_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.heic").write_bytes(HEIC)
    assert_refused(tmp_path / "a.heic", "HEIC")


@pytest.mark.parametrize("name", ["list.m3u8", "list.mp4", "list.ffconcat", "list.txt"])
@pytest.mark.parametrize("kind", ["hls", "concat", "dash"])
def test_lists_of_other_files_open_none_of_them(
    make_clip: MakeClip, tmp_path: Path, name: str, kind: str
) -> None:
    secret = make_clip("secret.ts", count=5)
    text = {
        "hls": f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{secret}\n#EXT-X-ENDLIST\n",
        "concat": f"ffconcat version 1.0\nfile '{secret}'\n",
        "dash": f'<?xml version="1.0"?><MPD type="static"><Period><AdaptationSet><Representation>'
        f"<BaseURL>{secret}</BaseURL></Representation></AdaptationSet></Period></MPD>",
    }[kind]
    (tmp_path / name).write_text(text)
    assert_refused(tmp_path / name, "no known kind")


@pytest.mark.parametrize("name", ["http://localhost:1/a.mp4", "concat:a.mp4|b.mp4", "pipe:0"])
def test_addresses_and_protocols_are_only_names_of_files(name: str) -> None:
    with pytest.raises(MediaError, match="there is no file"):
        probe(Path(name))


def test_a_file_whose_name_looks_like_a_protocol_is_read(make_clip: MakeClip) -> None:
    assert probe(make_clip("concat:a.mp4", count=2)).frame_count == 2


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(max_bytes=500), "bytes"),
        (Limits(max_pixels=5000), "96 x 64 pixels"),
        (Limits(max_duration_s=1), "claims to last"),
        (Limits(max_streams=0), "streams"),
    ],
)
def test_limits_are_checked_before_reading(
    make_clip: MakeClip, limits: Limits, message: str
) -> None:
    path = make_clip("a.mp4", count=50)
    with pytest.raises(LimitError, match=message):
        probe(path, limits=limits)
    with pytest.raises(InputError):
        list(read_frames(path, limits=limits))


def test_absurd_time_stamps_are_refused(make_clip: MakeClip) -> None:
    path = make_clip("a.mkv", count=4, pts=[0, 512, 10**13, 10**13 + 512])
    with pytest.raises(LimitError):
        list(read_frames(path))


def test_nothing_is_written_to_the_terminal(
    make_clip: MakeClip, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data = bytearray(make_clip("a.mp4", container_options={"movflags": "faststart"}).read_bytes())
    capfd.readouterr()
    data[len(data) // 2 :: 7] = b"\xff" * len(data[len(data) // 2 :: 7])
    (tmp_path / "b.mp4").write_bytes(data)
    (tmp_path / "c.mp4").write_bytes(data[: len(data) // 3])
    for name in ("b.mp4", "c.mp4"):
        try:
            list(read_frames(tmp_path / name))
        except MediaError:
            continue
    out = capfd.readouterr()
    assert (out.out, out.err) == ("", "")
