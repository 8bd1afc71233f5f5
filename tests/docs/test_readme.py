"""The read-me's own lines of command line and of Python, run as they stand."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import av
import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(heading: str, language: str) -> str:
    """The first block of that language under a heading of the read-me."""
    found = re.search(rf"^## {heading}$.*?^```{language}\n(.*?)^```$", README, re.M | re.S)
    assert found, f"no {language} under {heading!r}"
    return found[1]


def first_second(clip: Path, out: Path) -> None:
    """Writes the first second of a clip, with its sound, as it was encoded."""
    with av.open(clip) as whole, av.open(out, "w") as cut:
        streams = {one.index: cut.add_stream_from_template(one) for one in whole.streams}
        starts: dict[int, int] = {}
        for packet in whole.demux():
            if packet.dts is None:
                continue
            start = starts.setdefault(packet.stream.index, packet.dts)
            if (packet.dts - start) * packet.time_base < 1:
                packet.stream = streams[packet.stream.index]
                cut.mux(packet)


def test_there_are_two_commands_and_five_lines_of_each() -> None:
    assert len(block("Two commands", "bash").splitlines()) == 2
    assert len(block("Five lines of command line", "bash").splitlines()) == 5
    python = [line for line in block("Five lines of Python", "python").splitlines() if line]
    assert len(python) == 5


def test_the_two_commands_are_targets_of_make() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for line in block("Two commands", "bash").splitlines():
        make, target = shlex.split(line, comments=True)
        assert make == "make"
        assert re.search(rf"^{target}:", makefile, re.M)


@pytest.mark.media
@pytest.mark.weights
def test_the_lines_do_what_they_say(media_dir: Path, tmp_path: Path) -> None:
    """A persona stands in for Ada; the clip shows a volunteer of the GRID corpus."""
    shutil.copy(sorted((media_dir / "personas").rglob("*.jpg"))[0], tmp_path / "ada.jpg")
    clip = sorted((media_dir / "talking").rglob("*.mpg"))[0]
    first_second(clip, tmp_path / "clip.mp4")

    said = ""
    for line in block("Five lines of command line", "bash").splitlines():
        words = [sys.executable, "-m", *shlex.split(line)]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        said += done.stdout
    assert "frames changed" in said
    assert "whole: the file is as its signer signed it" in said

    code = block("Five lines of Python", "python")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "sealed: signed" in done.stdout
