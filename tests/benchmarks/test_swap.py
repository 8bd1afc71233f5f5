"""The swap benchmarks run through on little material, and their last line is JSON."""

import json
from pathlib import Path

import pytest

from benchmarks import moving_persona, swap_measured, swap_quality, swap_speed

pytestmark = [pytest.mark.media, pytest.mark.weights]


def test_quality_measures_every_pair(media_dir: Path, tmp_path: Path, capsys, monkeypatch) -> None:
    whole = swap_measured.read_frames
    monkeypatch.setattr(
        swap_measured,
        "read_frames",
        lambda path: [frame for frame, _ in zip(whole(path), range(8), strict=False)],
    )
    monkeypatch.setattr(swap_measured, "OTHERS", 6)
    monkeypatch.setattr(moving_persona, "POSES", 8)
    words = ["--media", str(media_dir), "--out", str(tmp_path / "sheets")]
    swap_quality.main([*words, "--personas", "1", "--clips", "1", "--pairs", "0"])
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["benchmark"] == "swap_quality"
    for method in ("mesh", "appearance"):
        (one,) = told["results"]["cases"]["personas"][method]
        assert (one["missed"], one["retrieval"]) == (0, 1.0)
        assert 0 < one["distance"] < 0.6
    assert {bar["name"] for bar in told["bars"]} >= {
        "personas: identity retrieval",
        "personas: missed frames",
    }
    assert list((tmp_path / "sheets").glob("*.png"))


@pytest.mark.slow
def test_speed_compares_with_a_transcode(media_dir: Path, capsys, monkeypatch) -> None:
    monkeypatch.setattr(swap_speed, "_RATE", 8)  # so that a second is soon done
    found = swap_speed.measure(media_dir, runs=1, seconds=(1, 2))
    swap_speed._publish(found)
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["benchmark"] == "swap_speed"
    assert found.ours_s[0] > found.plain_s[0] > 0
    assert found.peaks_mb[0] > 50
    assert found.stage["face_px"] > 200
    assert len(told["bars"]) == 3
