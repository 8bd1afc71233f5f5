"""Whole-body replacement as a job: what it asks for, and what comes of a short clip."""

from collections.abc import Callable
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from masquerade.bodies.pose import BodyReader
from masquerade.errors import ConsentError, InputError, UsageError
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_frames
from masquerade.pipelines.body.inspection import inspect_body
from masquerade.pipelines.body.replace import Request, plan, replace_body
from masquerade.pipelines.body.source import read_photo_source
from masquerade.pipelines.body.study import shots_of
from masquerade.pipelines.pieces import Piece, Span
from masquerade.provenance.consent.records import load
from masquerade.types import Frame

FRAMES = 3


def test_nothing_is_looked_at_without_a_record(tmp_path: Path) -> None:
    with pytest.raises(ConsentError, match="no consent record") as refused:
        replace_body(tmp_path / "a.mp4", tmp_path / "b.mp4", Request(tmp_path / "c.png"))
    assert "--body" in refused.value.todo


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (Request(None), "no source"),
        (Request(Path("a.png"), way="video"), "--way video"),
    ],
)
def test_a_request_names_who_is_to_be_seen(request_: Request, words: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=words):
        plan(tmp_path / "a.mp4", request_, ())


def test_a_long_shot_that_was_cut_in_pieces_is_one() -> None:
    pieces = [
        Piece(0, (Span(0, 9, 0, 9), Span(10, 30, 10, 33)), 31),
        Piece(1, (Span(31, 50, 28, 50), Span(51, 60, 51, 60)), 30),
    ]
    assert shots_of(pieces) == [(0, 9), (10, 50), (51, 60)]


@pytest.fixture(scope="module")
def clip(media_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few frames of a man from the front, at half size."""
    path = tmp_path_factory.mktemp("body") / "clip.mp4"
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        frames = read_frames(media_dir / "body" / "juggle_man.mp4")
        for number, frame in enumerate(islice(frames, 0, 8 * FRAMES, 8)):
            small = cv2.resize(frame.pixels, (640, 360), interpolation=cv2.INTER_AREA)
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(small), format="rgb24")
            picture.pts, picture.time_base = number, Fraction(1, 24)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return path


@pytest.fixture(scope="module")
def photo(media_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One frame of the same clip, later."""
    path = tmp_path_factory.mktemp("photo") / "photo.png"
    frames = read_frames(media_dir / "body" / "juggle_man.mp4")
    frame = next(islice(frames, 119, None))
    path.write_bytes(cv2.imencode(".png", frame.pixels[..., ::-1])[1].tobytes())
    return path


@pytest.mark.media
@pytest.mark.weights
def test_a_person_is_replaced_in_every_frame(
    clip: Path, photo: Path, make_record: Callable[..., Path]
) -> None:
    source = read_photo_source(photo, BodyReader.open(), FaceReader.open())
    (face,) = source.lender.embeddings
    terms = {"embeddings": [face], "modality": ["face", "body"]}
    with pytest.raises(ConsentError):
        plan(clip, Request(photo), [load(make_record(embeddings=[face]))])

    records = [load(make_record(**terms)), load(make_record(kind="performer", **terms))]
    with pytest.raises(InputError, match="something is held"):
        plan(clip, Request(photo), records)
    planned = plan(clip, Request(photo, force_quality=True), records)

    before = list(read_frames(clip))
    made: list[Frame] = [one for part in planned.draft.segments for one in part.frames]
    assert [one.pts for one in made] == [one.pts for one in before]
    assert planned.tally.swapped == FRAMES
    assert any("one photo" in note for note in planned.notes)
    for one, was in zip(made, before, strict=True):
        changed = (one.pixels != was.pixels).any(axis=2)
        assert 0.03 < changed.mean() < 0.4
        assert not changed[:, :150].any()
    assert {(use.role, use.modality) for use in planned.draft.uses} == {
        ("source", "body"),
        ("target", "body"),
    }


@pytest.mark.media
@pytest.mark.weights
def test_a_face_printed_on_a_thing_counts_and_its_place_is_said(
    clip: Path, photo: Path, media_dir: Path, tmp_path: Path, make_record: Callable[..., Path]
) -> None:
    """As large as the ball, away from every head, in one of the pictures only."""
    printed = cv2.imread(str(media_dir / "personas" / "persona_b00.jpg"))[..., ::-1]
    path = tmp_path / "printed.mp4"
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for number, frame in enumerate(read_frames(clip)):
            pixels = frame.pixels.copy()
            if number == 1:
                pixels[200:300, 320:420] = cv2.resize(printed, (100, 100))
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            picture.pts, picture.time_base = number, Fraction(1, 24)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    (face,) = read_photo_source(photo, BodyReader.open(), FaceReader.open()).lender.embeddings
    terms = {"embeddings": [face], "modality": ["face", "body"]}
    records = [load(make_record(**terms)), load(make_record(kind="performer", **terms))]
    with pytest.raises(ConsentError, match=r"seen at 0\.04 s around \(3\d\d, 2\d\d\)"):
        plan(path, Request(photo), records)


@pytest.mark.media
@pytest.mark.weights
def test_what_will_go_wrong_is_said_beforehand(media_dir: Path, clip: Path) -> None:
    report = inspect_body(clip, None, "auto")
    (shot,) = report.shots
    assert shot.camera == "still"
    assert shot.people == 1
    assert shot.turns_deg[1] < 45
    assert report.picture.ndim == 3
    assert report.as_json()["shots"]
    with pytest.raises(UsageError, match="--person"):
        inspect_body(clip, None, "him")


@pytest.mark.media
def test_a_photo_is_no_target(media_dir: Path, make_record: Callable[..., Path]) -> None:
    still = next((media_dir / "portraits").glob("*.jpg"))
    with pytest.raises((UsageError, InputError), match="a still"):
        plan(still, Request(still), [load(make_record())])
