import wave
from pathlib import Path

import numpy as np
import pytest
from tests.forensics.signals.tiny_nets import installed

from masquerade.forensics.calibration import weighed
from masquerade.forensics.canonical_sound import SR
from masquerade.forensics.evidence import Applies, Evidence, Family
from masquerade.forensics.sample import Sample
from masquerade.forensics.signals import learned_sound
from masquerade.forensics.voice_traces import TRACES
from masquerade.models.onnx_file import Node, onnx_bytes


def even(odds: float) -> bytes:
    """A network that gives the same odds whatever the traces."""
    return onnx_bytes(
        [Node("MatMul", ("given", "w"), "none"), Node("Add", ("none", "b"), "odds")],
        {"w": np.zeros((TRACES, 1), np.float32), "b": np.array([odds], np.float32)},
        source=("given", (TRACES,)),
        result=("odds", (1,)),
    )


def sound_file(place: Path, samples: np.ndarray) -> Sample:
    with wave.open(str(place), "wb") as file:
        file.setparams((1, 2, SR, len(samples), "NONE", ""))
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return Sample(place)


def voice(seconds: float) -> np.ndarray:
    times = np.arange(int(seconds * SR)) / SR
    return np.asarray(sum(np.cos(2 * np.pi * 130 * k * times + k) / k for k in range(1, 30))) / 10


def test_without_the_model_nothing_is_said(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(learned_sound, "own_card", lambda _: None)
    found = learned_sound.examine(sound_file(tmp_path / "a.wav", voice(3)), learned_sound.Options())
    assert found.applies is Applies.NO
    assert "not installed" in found.says


@pytest.mark.parametrize(
    ("samples", "why"),
    [
        (np.zeros(3 * SR), "No voice"),
        (np.random.default_rng(1).standard_normal(3 * SR) / 10, "No voice"),
        (voice(0.6), "Less than"),
    ],
    ids=["silence", "noise", "too short"],
)
def test_what_is_no_voice_is_not_judged(samples, why, tmp_path: Path, monkeypatch) -> None:
    installed(monkeypatch, learned_sound, even(1))
    found = learned_sound.examine(sound_file(tmp_path / "a.wav", samples), learned_sound.Options())
    assert found.applies is Applies.NO
    assert why in found.says


def test_the_figure_is_the_mean_over_the_voice(tmp_path: Path, monkeypatch) -> None:
    installed(monkeypatch, learned_sound, even(1.5))
    found = learned_sound.examine(sound_file(tmp_path / "a.wav", voice(5)), learned_sound.Options())
    assert found.applies is Applies.YES
    assert found.value == pytest.approx(1.5, abs=1e-4)
    assert found.figures[0].png.startswith(b"\x89PNG")
    assert max(part.level for part in found.stretches) == pytest.approx(1.5 / 4, abs=1e-3)
    assert "6 of 6 moments" in found.says


@pytest.mark.parametrize(
    ("parts", "more"),
    [((-3.0, -3.0, -3.0, -3.0), False), ((-3.0, 6.0, -3.0, -3.0), True), ((6.0,), None)],
    ids=["nothing", "one stretch", "too short for stretches"],
)
def test_a_stretch_that_was_copied_alone_is_not_drowned_by_the_rest(
    parts: tuple[float, ...], more: bool | None
) -> None:
    odds = np.repeat(parts, learned_sound.STRETCH if len(parts) > 1 else 2)
    heard = learned_sound.Heard(np.arange(len(odds)) * 0.64, odds)
    value = heard.figure
    whole = weighed(
        Evidence("learned_sound", Family.SOUND, Applies.YES, "x", value=value), "speech"
    )
    found = learned_sound.part_alone(whole, heard)
    if more is None:
        assert found == whole
        return
    assert found.ci95[0] <= found.log10_lr <= found.ci95[1]
    assert (found.log10_lr > 0.5 > whole.log10_lr) is more
    assert ("stands out between 3.8 and 7.0 s" in found.says) is more
