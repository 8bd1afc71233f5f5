from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import pytest

from masquerade.errors import UsageError
from masquerade.media.probe import probe
from masquerade.provenance import ledger
from masquerade.provenance.consent.records import ConsentRecord
from masquerade.provenance.label import Clip, Label, clip_of
from masquerade.provenance.seal import save, seal
from masquerade.provenance.verify import verify
from masquerade.types import Draft

Maker = Callable[..., Draft]


def test_a_label_states_its_preset_language_and_text() -> None:
    assert Label("film", "fr").as_json() == {
        "preset": "film",
        "language": "fr",
        "text": "MODIFIÉ PAR IA",
    }


@pytest.mark.parametrize("label", [Label("none"), Label("eu", "xx"), Label("", "")])
def test_a_label_that_does_not_exist_is_refused(label: Label) -> None:
    with pytest.raises(UsageError):
        label.check()


def test_the_whole_is_as_long_as_its_segments_whatever_the_header_claims(
    make_draft: Maker, clip: Path, scene: ModuleType
) -> None:
    draft = make_draft()
    info = replace(probe(clip), duration_s=Fraction(3600), pixel_aspect=Fraction(64, 45))
    found = clip_of(draft, list(draft.segments), info)
    last_s = (scene.FRAMES - 1) * scene.STEP * scene.BASE
    assert found == Clip(Fraction(0), last_s, Fraction(64, 45), ("face",))


@pytest.mark.parametrize(("claimed", "drawn"), [("60", "2"), ("1/60", "1/2"), ("2", "2")])
def test_pixels_that_claim_to_be_very_wide_do_not_make_the_label_a_line(
    make_draft: Maker, clip: Path, claimed: str, drawn: str
) -> None:
    info = replace(probe(clip), pixel_aspect=Fraction(claimed))
    assert clip_of(make_draft(), [], info).pixel_aspect == Fraction(drawn)


def test_no_segments_are_no_time(make_draft: Maker, clip: Path) -> None:
    assert clip_of(replace(make_draft(), uses=()), [], probe(clip)) == Clip()


@pytest.mark.parametrize(
    ("preset", "language"), [("", "en"), ("none", "en"), ("eu", ""), ("eu", "xx")]
)
def test_sealing_refuses_what_would_be_no_label(
    make_draft: Maker, record: ConsentRecord, preset: str, language: str
) -> None:
    with pytest.raises(UsageError):
        seal(
            make_draft(),
            consents=[record],
            purpose="test",
            label_preset=preset,
            label_language=language,
        )


def test_language_and_preset_are_in_manifest_and_ledger(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path
) -> None:
    sealed = seal(
        make_draft(), consents=[record], purpose="test", label_preset="film", label_language="de"
    )
    report = save(sealed, tmp_path / "out.mp4", encoding=scene.FAST)
    assert report.label == Label("film", "de")
    assert report.as_json()["label_language"] == "de"
    assert verify(tmp_path / "out.mp4").claims.label == "KI-VERÄNDERT (film, de)"
    row = next(one for one in ledger.rows(newest=5) if one.id == report.ledger_id)
    assert '"language":"de"' in row.body
    assert '"preset":"film"' in row.body
