"""The benchmark of examinations counts answers, errors and areas as it says."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.forensics import Told
from benchmarks.forensics_cases import Case, Change, still, video, wave
from benchmarks.forensics_kept import Kept, Said
from masquerade.forensics.evidence import Applies, Evidence, Family, Finding, Verdict
from masquerade.pipelines.examine.examine import Examination
from masquerade.types import Audio


def _said(ratio: float | None, finding: Finding = Finding.INCONCLUSIVE) -> Examination:
    one = Evidence("lip_sync", Family.SYNC, Applies.YES, "so", log10_lr=ratio)
    verdict = Verdict(finding, "so", ratio)
    return Examination(
        "a.mp4", "", "", 0, "video", None, (), "all of it", (), (one,), verdict, "masquerade"
    )


def test_answers_errors_and_areas_are_counted() -> None:
    told = Told()
    for ratio, made in ((2.0, True), (0.4, True), (2.1, False), (-0.5, False), (None, False)):
        finding = Finding.MANIPULATED if (ratio or 0) > 1 else Finding.INCONCLUSIVE
        case = Case("t", made, "swap" if made else "recorded", "as it is", "p", b"", ".mp4")
        told.add(case, Said.of(_said(ratio, finding)))
    plain = told.plain()
    assert plain["answered"] == 0.4
    assert plain["wrong_of_answered"] == 0.5
    assert plain["false_alarms"] == pytest.approx(1 / 3, abs=1e-4)
    assert plain["verdict"]["auc"] == pytest.approx(4 / 6, abs=1e-4)
    assert plain["lip_sync"]["files"] == [2, 2]


def test_files_are_made_in_memory(rng: np.random.Generator) -> None:
    picture = rng.integers(0, 255, (64, 80, 3), dtype=np.uint8)
    assert still(picture, Change(quality=50, noise=3)).startswith(b"\xff\xd8")
    assert b"ftyp" in video([picture] * 3, Change(scale=0.5))[:16]
    assert wave(Audio(np.zeros((1, 1600), np.float32), 16_000)).startswith(b"RIFF")
    assert Change(cut=0.5).on(picture).shape == (32, 40, 3)


def test_a_stopped_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def examined(case: Case) -> Examination:
        asked.append(case.person)
        return _said(0.5)

    def case(person: str) -> Case:
        return Case("t", True, "swap", "as it is", person, person.encode(), ".mp4")

    place = tmp_path / "kept.jsonl"
    first = Kept(place).said(case("ada"), examined)
    place.write_text(place.read_text() + '\n{"case": ["t", "b', encoding="utf-8")  # killed here
    again = Kept(place)
    assert again.said(case("ada"), examined) == first
    again.said(case("hugo"), examined)
    Kept(place).said(case("hugo"), examined)
    assert asked == ["ada", "hugo"]
    monkeypatch.setattr("benchmarks.forensics_kept.program", lambda: "another")
    Kept(place).said(case("ada"), examined)
    assert asked == ["ada", "hugo", "ada"]
