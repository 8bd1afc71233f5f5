"""Talking portraits as a job: whose consent it asks for, what it refuses, what its draft says."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from masquerade import personas
from masquerade.errors import ConsentError, FaceError, InputError, UsageError
from masquerade.generate.portrait import Options
from masquerade.pipelines.portrait.portrait import Request, plan, portrait
from masquerade.pipelines.portrait.sitter import at_size, find_sitter
from masquerade.pipelines.portrait.speech import read_speech
from masquerade.pipelines.voice.new_speech import new_speech
from masquerade.provenance.consent.records import load

ADA = personas.load("ada")


def silent(_what: str, _done: int, _total: int) -> None:
    """Nobody listens."""


def test_nothing_is_looked_at_without_a_record(tmp_path: Path) -> None:
    with pytest.raises(ConsentError, match="no consent record") as refused:
        portrait(tmp_path / "a.jpg", tmp_path / "out.mp4", Request(tmp_path / "new.wav"))

    assert "--consent" in refused.value.todo


@pytest.mark.parametrize(
    ("shape", "shorter", "made"),
    [((101, 81), 720, (100, 80)), ((1024, 1024), 720, (720, 720)), ((900, 601), 300, (450, 300))],
)
def test_videos_are_no_larger_than_asked_and_even(
    shape: tuple[int, int], shorter: int, made: tuple[int, int]
) -> None:
    assert at_size(np.zeros((*shape, 3), np.uint8), shorter).shape == (*made, 3)


@pytest.mark.weights
def test_a_photo_of_nobody_and_moving_pictures_are_refused(tmp_path: Path) -> None:
    empty, film = tmp_path / "empty.png", tmp_path / "film.gif"
    Image.new("RGB", (200, 200), (90, 120, 150)).save(empty)
    frames = [Image.new("RGB", (64, 64), (k, 0, 0)) for k in (0, 99)]
    frames[0].save(film, save_all=True, append_images=frames[1:])

    with pytest.raises(FaceError, match="no face was found"):
        find_sitter(empty, "auto", Options(), silent)
    with pytest.raises(UsageError, match="is an animation"):
        find_sitter(film, "auto", Options(), silent)


@pytest.mark.weights
def test_a_mouth_under_a_mask_is_refused(tmp_path: Path) -> None:
    pixels = np.asarray(Image.open(ADA.picture).convert("RGB")).copy()
    photo, masked = tmp_path / "ada.png", tmp_path / "masked.png"
    Image.fromarray(pixels).save(photo)
    marks = find_sitter(photo, "auto", Options(size=320), silent)
    scale = pixels.shape[1] / marks.pixels.shape[1]
    (x0, y0), (x1, y1) = (
        np.rint(marks.face.landmarks[[first, second], [0, 1]] * scale).astype(int)
        for first, second in ((132, 1), (361, 152))
    )
    pixels[y0:y1, x0:x1] = (150, 190, 215)
    Image.fromarray(pixels).save(masked)

    with pytest.raises(FaceError, match=r"masked\.png: the mouth is covered") as refused:
        find_sitter(masked, "auto", Options(size=320), silent)
    assert "lips that are seen" in refused.value.expected


@pytest.mark.weights
@pytest.mark.media
def test_transparency_does_not_show_somebody_whom_the_gates_do_not_see(
    media_dir: Path, tmp_path: Path
) -> None:
    under = np.asarray(Image.open(ADA.picture).convert("RGB")) * 0.45
    height, width = under.shape[:2]
    other = Image.open(media_dir / "portraits" / "B001236_a.jpg").convert("L")
    wanted = 120 + np.asarray(other.resize((width, height))) * 0.5
    alpha = np.clip((255 - wanted) / (255 - under.mean(axis=2)), 0, 1) * 255
    path = tmp_path / "two.png"
    Image.fromarray(np.dstack([under, alpha]).astype(np.uint8)).save(path)

    with pytest.raises(FaceError, match="is not the one that lies in its colours"):
        find_sitter(path, "auto", Options(size=320), silent)


@pytest.mark.weights
def test_a_recording_in_which_nobody_speaks_is_refused(tmp_path: Path) -> None:
    from masquerade.media.audio import read_audio

    path = tmp_path / "noise.wav"
    _write_wav(path, np.random.default_rng(0).normal(0, 0.01, 32_000))
    assert read_audio(path).sr == 16_000

    recorded = new_speech(path, "", None, silent)
    with pytest.raises(InputError, match="nobody is heard to speak"):
        read_speech(recorded, "en", 25, silent)
    with pytest.raises(InputError, match=r"the text takes 0\.0 s to say"):
        read_speech(replace(recorded, inputs=()), "en", 25, silent)


@pytest.mark.weights
@pytest.mark.media
def test_a_draft_names_face_and_voice_and_lasts_as_long_as_the_sound(media_dir: Path) -> None:
    speech = media_dir / "speech" / "libri_26" / "26-495-0003.flac"
    request = Request(speech, language="other", options=Options(size=160, fps=10))

    planned = plan(ADA.picture, request, [load(ADA.consent)])

    draft = planned.draft
    assert draft.film is not None
    assert draft.sound is not None
    assert {"covered_mouth", "generic_lips"} < dict(draft.recipe.models).keys()
    assert (draft.sound.sr, draft.sound.channels) == (16_000, 1)
    assert (draft.film.size_wh, draft.film.frame_rate) == ((160, 200), 10)
    assert {(use.role, use.modality) for use in draft.uses} == {
        ("source", "face"),
        ("target", "face"),
        ("driving", "voice"),
    }
    shown: list[int] = []
    draft.onlookers.append(lambda frame: shown.append(frame.pts))
    segment = next(draft.segments)
    assert not planned.tally.pieces  # or what was kept of a stopped job could not be taken up
    first, second = next(segment.frames), next(segment.frames)
    assert shown == [segment.last_pts]
    assert (first.pts, second.pts) == (0, 1)
    assert (first.size_wh, first.time_base) == ((160, 200), Fraction(1, 10))
    assert (first.pixels != second.pixels).any()
    assert (first.pixels[:12, :12] == second.pixels[:12, :12]).all()


def _write_wav(path: Path, samples: np.ndarray) -> None:
    import wave

    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
