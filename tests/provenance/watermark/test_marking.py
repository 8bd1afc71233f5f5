import wave
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest
from PIL import Image

from masquerade import personas
from masquerade.hashing import file_sha256
from masquerade.provenance.consent.records import ConsentRecord
from masquerade.provenance.saved import SaveReport
from masquerade.provenance.seal import save, seal
from masquerade.provenance.verify import verify
from masquerade.provenance.watermark.marking import find_mark, mark_of, mark_text
from masquerade.types import Audio, Draft, DraftSegment, Frame, InputUse

Maker = Callable[..., Draft]


@pytest.fixture(scope="module")
def picture() -> Frame:
    path = personas.load("ada").picture
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB"))
    factor = 400 / min(pixels.shape[:2])
    return Frame(np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor), np.uint8), 0)


def _still(draft: Draft, frame: Frame, target: Path) -> Draft:
    """The draft with that one picture, which its target shows too."""
    Image.fromarray(frame.pixels).save(target)
    _, source = draft.recipe.inputs
    named = InputUse("target", target.name, file_sha256(target), target)
    return replace(
        draft,
        recipe=replace(draft.recipe, inputs=(named, source)),
        target=target,
        kind="still",
        segments=iter([DraftSegment(0, "one", 0, 0, iter([frame]))]),
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("module home")


@pytest.fixture(scope="module")
def saved(
    picture: Frame,
    scene: ModuleType,
    clip: Path,
    photo: Path,
    home: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> SaveReport:
    """One picture, saved once for every test that only looks at it."""
    folder = tmp_path_factory.mktemp("saved")
    record = scene.make_record(home=home)
    draft = _still(scene.make_draft(clip, photo, record.id), picture, folder / "target.png")
    with scene.judged():
        sealed = seal(draft, consents=[record], purpose="test", home=home)
        return save(sealed, folder / "out.png", encoding=scene.FAST)


def test_a_saved_picture_is_found_again_without_its_metadata(
    saved: SaveReport, home: Path, tmp_path: Path
) -> None:
    stripped = tmp_path / "seen on the net.jpg"
    with Image.open(saved.path) as image:
        image.convert("RGB").save(stripped, quality=60)
    found = verify(stripped, home=home)
    assert found.credentials.state == "none"
    assert found.watermark.state == "found"
    assert [row.id for row in found.marked] == [saved.ledger_id]
    assert "the ledger knows it: out.png" in "\n".join(found.lines())
    assert found.exit_code == 0


def test_the_report_says_that_the_mark_was_read_back(saved: SaveReport, home: Path) -> None:
    found = verify(saved.path, home=home)
    assert saved.watermark == f"{found.watermark.texts[0]}, and it was read back"
    assert found.claims.watermark == found.watermark.texts[0]


def test_the_mark_of_a_video_is_read_back_and_found(
    scene: ModuleType,
    photo: Path,
    record: ConsentRecord,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(scene, "SIZE_WH", (160, 96))
    draft = scene.make_draft(scene.make_clip(tmp_path / "clip.mp4"), photo, record.id)
    sealed = seal(draft, consents=[record], purpose="test")
    report = save(sealed, tmp_path / "out.mp4", encoding=scene.FAST)
    found = find_mark(report.path)
    assert report.watermark == f"{found.texts[0]}, and it was read back"


def test_a_picture_too_small_says_so(
    scene: ModuleType, make_draft: Maker, record: ConsentRecord, tmp_path: Path
) -> None:
    plain = Frame(np.full((56, 56, 3), 128, np.uint8), 0)
    draft = _still(make_draft(), plain, tmp_path / "target.png")
    report = save(
        seal(draft, consents=[record], purpose="test"), tmp_path / "out.png", encoding=scene.FAST
    )
    assert "too small or too plain" in report.watermark
    assert find_mark(report.path).state in ("none", "too small")
    assert verify(report.path).exit_code == 0


def test_the_same_job_has_the_same_id_and_another_installation_another(tmp_path: Path) -> None:
    first = mark_of("job", home=tmp_path / "a")
    assert mark_of("job", home=tmp_path / "a") == first
    assert mark_of("other job", home=tmp_path / "a").payload != first.payload
    elsewhere = mark_of("job", home=tmp_path / "b")
    assert elsewhere.payload != first.payload
    assert elsewhere.key != first.key
    assert repr(first.key) not in repr(first)


def test_nobody_elses_key_finds_it(saved: SaveReport, tmp_path: Path) -> None:
    assert find_mark(saved.path, home=tmp_path / "stranger").state == "none"


def test_a_file_that_is_no_picture_is_not_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("words")
    found = find_mark(path)
    assert found.state == "unreadable"
    assert found.note


def test_ids_are_written_with_sixteen_digits() -> None:
    assert mark_text(2**64 - 1) == "mqw-" + 16 * "f"


def test_another_consent_or_purpose_gives_another_id(
    picture: Frame,
    scene: ModuleType,
    make_draft: Maker,
    tmp_path: Path,
) -> None:
    ids = set()
    for number, purposes in enumerate((["test"], ["test"], ["film"])):
        record = scene.make_record(purposes=purposes)
        draft = _still(make_draft(), picture, tmp_path / "target.png")
        uses = tuple(replace(use, consent=record.id) for use in draft.uses)
        sealed = seal(replace(draft, uses=uses), consents=[record], purpose=purposes[0])
        report = save(sealed, tmp_path / f"{number}.png", encoding=scene.FAST)
        ids.add(report.watermark.partition(",")[0])
    assert len(ids) == 3


def test_a_marked_sound_is_found_and_a_plain_one_is_not(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    noise = np.asarray(rng.normal(0, 0.1, (1, 12 * 16000)), np.float32)
    mark = mark_of("a sound")
    blocks = mark.put_in_sound([Audio(noise, 16000)])
    whole = np.concatenate([block.samples for block in blocks], axis=1)
    found, plain = (_wave(tmp_path / name, one) for name, one in (("a", whole), ("b", noise)))
    assert find_mark(found).texts == (mark.text,)
    assert find_mark(plain).state == "none"
    assert "were listened to" in find_mark(plain).note
    assert find_mark(_wave(tmp_path / "c", noise[:, :8000])).state == "too small"
    assert mark.text in "\n".join(verify(found).lines())


def _wave(path: Path, samples: np.ndarray) -> Path:
    with wave.open(str(path.with_suffix(".wav")), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(np.asarray(samples[0] * 32767, np.int16).tobytes())
    return path.with_suffix(".wav")
