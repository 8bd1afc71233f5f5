"""Morphs: who has to consent, and what is told."""

from pathlib import Path

import pytest
from PIL import Image

from masquerade import personas
from masquerade.errors import ConsentError, UsageError
from masquerade.pipelines import morph as module
from masquerade.pipelines.morph import morph
from masquerade.provenance.label import Label

ADA, CORA = (personas.load(name) for name in ("ada", "cora"))
LOOK = Label("eu", "en")


@pytest.mark.parametrize(
    ("count", "share", "shares"),
    [
        (2, None, [0.5, 0.5]),
        (2, 0.3, [0.7, 0.3]),
        (4, None, [0.25] * 4),
        (3, 0.5, [0.5, 0.25, 0.25]),
        (2, 1.0, [0.0, 1.0]),
    ],
)
def test_photos_count_alike_unless_a_share_is_said(
    count: int, share: float | None, shares: list[float]
) -> None:
    assert module._shares(count, share) == pytest.approx(shares)


@pytest.mark.parametrize(
    ("count", "share"), [(1, None), (31, None), (2, 0.0), (2, 1.5), (2, float("nan"))]
)
def test_what_is_no_morph_is_told(count: int, share: float | None) -> None:
    with pytest.raises(UsageError):
        module._shares(count, share)


def test_nobody_is_shown_without_a_record(tmp_path: Path) -> None:
    with pytest.raises(ConsentError, match="no consent record"):
        morph([ADA.picture, CORA.picture], tmp_path / "out.png", label=LOOK)


def test_no_photo_is_overwritten(tmp_path: Path) -> None:
    photos = [tmp_path / "ada.jpg", tmp_path / "cora.jpg"]
    for photo, persona in zip(photos, (ADA, CORA), strict=True):
        photo.write_bytes(persona.picture.read_bytes())

    with pytest.raises(UsageError, match="is to be made from"):
        morph(photos, photos[1], consents=[ADA.consent, CORA.consent], label=LOOK, overwrite=True)


@pytest.mark.weights
def test_everybody_in_the_photos_consents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASQUERADE_HOME", str(tmp_path / "home"))
    photos = [tmp_path / "ada.png", tmp_path / "cora.png"]
    for photo, persona in zip(photos, (ADA, CORA), strict=True):
        with Image.open(persona.picture) as picture:
            picture.resize((256, picture.height * 256 // picture.width)).save(photo)
    out = tmp_path / "out.png"

    with pytest.raises(ConsentError, match="is not the one of consent"):
        morph(photos, out, consents=[ADA.consent], label=LOOK)
    assert not out.exists()
    made = morph(photos, out, consents=[CORA.consent, ADA.consent], label=LOOK)

    assert out.exists()
    assert len(made.apart) == 2
    assert max(made.apart) < 0.75
    assert "from cora.png" in made.lines(photos)[0]


@pytest.mark.weights
def test_a_photo_that_no_record_covers_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MASQUERADE_HOME", str(tmp_path / "home"))
    photos = [tmp_path / "ada.jpg", tmp_path / "cora.jpg"]
    for photo, persona in zip(photos, (ADA, CORA), strict=True):
        photo.write_bytes(persona.picture.read_bytes())

    with pytest.raises(ConsentError, match=r"cora\.jpg: nobody in it consents"):
        morph(photos, tmp_path / "out.png", consents=[ADA.consent], label=LOOK)
    assert not (tmp_path / "out.png").exists()
