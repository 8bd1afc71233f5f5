"""The whole of making, on real pictures: sealed where consent covers it, refused where not."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from masquerade import personas
from masquerade.cli import main
from masquerade.errors import ConsentError, FaceError, MediaError, UsageError
from masquerade.generate import edit, style
from masquerade.media.probe import probe
from masquerade.media.read import read_frames, read_image
from masquerade.pipelines.make import make
from masquerade.provenance.verify import verify

pytestmark = [pytest.mark.media, pytest.mark.weights]

ADA = personas.load("ada")


@pytest.fixture
def record(media_dir: Path, tmp_path: Path):
    """Makes a consent record for a persona of the test media."""

    def new(name: str) -> Path:
        path = tmp_path / f"{name}.consent"
        words = ["consent", "new", "-o", str(path), "--kind", "persona", "--name", name]
        words += ["--grantee", "tests", "--purpose", "any", "--adult", "--declared-by", "SFHQ"]
        words += ["--proof", str(media_dir / "MANIFEST.csv")]
        words += ["--face", str(media_dir / "personas" / f"{name}.jpg"), "--json"]
        assert main(words) == 0
        return path

    return new


_MARK_STEPS = 12  # the watermark moves no value by more


def _persona(media_dir: Path, name: str) -> Path:
    return media_dir / "personas" / f"{name}.jpg"


def test_a_still_is_swapped_sealed_and_verified(media_dir, record, tmp_path, capsys) -> None:
    source, target = _persona(media_dir, "persona_b00"), _persona(media_dir, "persona_b10")
    made = make(
        "swap_mesh",
        target=target,
        out=tmp_path / "out.png",
        sources=[source],
        consents=[record("persona_b00")],
    )
    assert made.plan.tally.swapped == 1
    report = verify(tmp_path / "out.png")
    assert report.exit_code == 0
    assert report.ledger_state == "found"
    before, after = read_image(target).pixels, read_image(tmp_path / "out.png").pixels
    assert before.shape == after.shape
    apart = np.abs(before[-20:, :20].astype(int) - after[-20:, :20])  # far from face and label
    assert 0 < apart.max() <= _MARK_STEPS


def test_another_face_than_the_consents_is_refused(media_dir, record, tmp_path) -> None:
    with pytest.raises(ConsentError, match="not the one of consent"):
        make(
            "swap_mesh",
            target=_persona(media_dir, "persona_b10"),
            out=tmp_path / "out.png",
            sources=[_persona(media_dir, "persona_b01")],
            consents=[record("persona_b00")],
        )
    assert not list(tmp_path.glob("*out*"))


def test_without_consent_nothing_is_made(media_dir, tmp_path, capsys) -> None:
    words = ["swap", str(_persona(media_dir, "persona_b00"))]
    words += [str(_persona(media_dir, "persona_b10")), "-o", str(tmp_path / "out.png"), "--json"]
    assert main(words) == 3
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "ConsentError"
    assert not list(tmp_path.iterdir())


def test_an_existing_output_is_kept_unless_told(media_dir, tmp_path) -> None:
    (tmp_path / "out.png").write_text("mine")
    with pytest.raises(UsageError, match="exists"):
        make(
            "swap_mesh",
            target=_persona(media_dir, "persona_b10"),
            out=tmp_path / "out.png",
            sources=[_persona(media_dir, "persona_b00")],
        )
    assert (tmp_path / "out.png").read_text() == "mine"


@pytest.mark.parametrize("method", ["style", "edit"])
def test_no_picture_that_options_name_is_overwritten(tmp_path, method: str) -> None:
    photo, named = tmp_path / "photo.png", tmp_path / "named.png"
    for path in (photo, named):
        path.write_bytes(b"a picture")
    before = named.read_bytes()
    options = {
        "style": lambda: style.Options(style=(f"{named}:0.5",)),
        "edit": lambda: edit.Options(background_image=named),
    }[method]()

    with pytest.raises(UsageError, match="is to be made from"):
        make(method, target=photo, out=named, options=options, overwrite=True)

    assert named.read_bytes() == before


def test_a_target_without_a_face_is_named_as_such(media_dir, record, tmp_path) -> None:
    from PIL import Image

    empty = tmp_path / "empty.png"
    Image.new("RGB", (320, 240), (90, 120, 150)).save(empty)
    with pytest.raises(FaceError, match="no face was found"):
        make(
            "swap_mesh",
            target=empty,
            out=tmp_path / "out.png",
            sources=[_persona(media_dir, "persona_b00")],
            consents=[record("persona_b00")],
        )


def test_nothing_is_written_when_nobody_was_changed(media_dir, record, tmp_path) -> None:
    from PIL import Image

    from masquerade.generate.swap_mesh import Options

    out, target = tmp_path / "out.png", tmp_path / "small.png"
    with Image.open(_persona(media_dir, "persona_b10")) as picture:
        picture.resize((300, 300)).save(target)
    with pytest.raises(FaceError, match="nothing was changed in any of 1 frames: face too small"):
        make(
            "swap_mesh",
            target=target,
            out=out,
            sources=[_persona(media_dir, "persona_b00")],
            consents=[record("persona_b00")],
            options=Options(min_face_px=512),
        )
    assert not list(tmp_path.glob("*out.png*"))


def test_a_source_that_is_not_there_is_an_unusable_input(media_dir, tmp_path) -> None:
    with pytest.raises(MediaError, match="there is no file"):
        make(
            "swap_mesh",
            target=_persona(media_dir, "persona_b10"),
            out=tmp_path / "out.png",
            sources=[tmp_path / "missing.jpg"],
        )


def test_a_clip_keeps_its_frames_times_and_sound(media_dir, record, tmp_path) -> None:
    clip = media_dir / "talking" / "grid_s1" / "bbaf2n.mpg"
    made = make(
        "swap_mesh",
        target=clip,
        out=tmp_path / "out.mp4",
        sources=[_persona(media_dir, "persona_b00")],
        consents=[record("persona_b00")],
    )
    before, after = list(read_frames(clip)), list(read_frames(tmp_path / "out.mp4"))
    assert made.plan.tally.swapped == made.plan.tally.frames == len(before)
    assert not made.misses
    first, first_out = before[0].time_s, after[0].time_s
    times = [frame.time_s - first for frame in before]
    assert [frame.time_s - first_out for frame in after] == times
    assert len(probe(tmp_path / "out.mp4").audio) == len(probe(clip).audio) == 1


@pytest.fixture
def pair(media_dir: Path, tmp_path: Path) -> Path:
    """A picture of two people side by side, each of half the size of their photo."""
    names = ("persona_b10", "persona_b11")
    both = [
        cv2.resize(
            read_image(_persona(media_dir, name)).pixels,
            None,
            fx=0.5,
            fy=0.5,
            interpolation=cv2.INTER_AREA,
        )
        for name in names
    ]
    height = min(one.shape[0] for one in both)
    from PIL import Image

    path = tmp_path / "pair.png"
    Image.fromarray(np.hstack([one[:height] for one in both])).save(path)
    return path


def test_two_people_must_be_told_apart(pair, tmp_path) -> None:
    with pytest.raises(FaceError, match="--person"):
        make(
            "swap_mesh",
            target=pair,
            out=tmp_path / "out.png",
            sources=[ADA.picture],
            consents=[ADA.consent],
        )


@pytest.mark.parametrize(
    ("who", "left_changes", "right_changes"),
    [("left", True, False), ("2", False, True), ("everyone", True, True), ("photo", False, True)],
)
def test_only_the_person_meant_changes(
    who, left_changes, right_changes, media_dir, pair, tmp_path
) -> None:
    make(
        "swap_mesh",
        target=pair,
        out=tmp_path / "out.png",
        sources=[ADA.picture],
        consents=[ADA.consent],
        person=str(_persona(media_dir, "persona_b11")) if who == "photo" else who,
    )
    before, after = read_image(pair).pixels, read_image(tmp_path / "out.png").pixels
    half, low = before.shape[1] // 2, before.shape[0] // 4
    apart = np.abs(before.astype(int) - after)
    changed = np.any(apart > _MARK_STEPS, axis=2)[low:]
    assert bool(changed[:, :half].any()) is left_changes
    assert bool(changed[:, half:].any()) is right_changes


def test_a_people_map_gives_each_person_a_source(media_dir, record, pair, tmp_path) -> None:
    for name in ("persona_b00", "persona_b02"):
        record(name)
        (tmp_path / f"{name}.jpg").write_bytes(_persona(media_dir, name).read_bytes())
    table = "\n".join(
        f'[[person]]\nwho = "{who}"\nsource = "{name}.jpg"\nconsent = "{name}.consent"'
        for who, name in (("left", "persona_b00"), ("right", "persona_b02"))
    )
    (tmp_path / "map.toml").write_text(table)
    made = make("swap_mesh", target=pair, out=tmp_path / "out.png", people=tmp_path / "map.toml")
    assert made.plan.tally.swapped == 1
    assert len(verify(tmp_path / "out.png").claims.consents) == 2


@pytest.mark.slow
def test_a_killed_run_goes_on_and_ends_the_same(media_dir, record, tmp_path, monkeypatch) -> None:
    import av

    clip = tmp_path / "long.mkv"
    frames = list(read_frames(media_dir / "talking" / "grid_s1" / "bbaf2n.mpg"))
    with av.open(str(clip), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "20"})
        stream.width, stream.height, stream.pix_fmt = 360, 288, "yuv420p"
        for number in range(700):
            place = number % (2 * len(frames) - 2)
            place = min(place, 2 * len(frames) - 2 - place)
            picture = av.VideoFrame.from_ndarray(frames[place].pixels, format="rgb24")
            picture.pts = number
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    source, consent = _persona(media_dir, "persona_b00"), record("persona_b00")
    command = [sys.executable, "-m", "masquerade", "swap", str(source), str(clip)]
    command += ["--consent", str(consent), "--json", "-o"]
    running = subprocess.Popen([*command, str(tmp_path / "a.mp4")], stdout=subprocess.DEVNULL)
    until = time.monotonic() + 120
    while time.monotonic() < until and not list(tmp_path.glob(".a.mp4.parts-*/*0*")):
        time.sleep(0.1)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    assert not (tmp_path / "a.mp4").exists()
    again = subprocess.run([*command, str(tmp_path / "a.mp4")], check=True, capture_output=True)
    whole = subprocess.run([*command, str(tmp_path / "b.mp4")], check=True, capture_output=True)
    resumed, straight = json.loads(again.stdout), json.loads(whole.stdout)
    assert resumed["seal"]["resumed"] >= 1
    assert straight["seal"]["resumed"] == 0
    assert resumed["frames"] == straight["frames"] == 700
    assert _packets(tmp_path / "a.mp4") == _packets(tmp_path / "b.mp4")
    assert not list(tmp_path.glob(".*parts*"))


def _packets(path: Path) -> list[tuple[int | None, int | None, bytes]]:
    import av

    with av.open(str(path)) as container:
        return [(p.pts, p.dts, bytes(p)) for p in container.demux(video=0) if p.size]
