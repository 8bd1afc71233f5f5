from pathlib import Path
from wave import open as open_wave

import numpy as np
import pytest

from masquerade.errors import MediaError, PolicyError
from masquerade.hashing import file_sha256
from masquerade.pipelines.voice.sound_input import open_sound


def _wav(path: Path, hz: float) -> Path:
    with open_wave(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        tone = np.sin(np.arange(70 * 16_000) * hz * 2 * np.pi / 16_000)
        file.writeframes((tone * 9000).astype("<i2").tobytes())
    return path


@pytest.mark.parametrize("how", ["blocks", "speech"])
def test_a_recording_that_is_exchanged_after_the_gates_is_not_heard(
    tmp_path: Path, how: str
) -> None:
    path, other = _wav(tmp_path / "mine.wav", 200), _wav(tmp_path / "theirs.wav", 310)
    sound = open_sound(path)
    assert sound.sha256 == file_sha256(path)
    whole = sum(block.samples.shape[1] for block in getattr(sound, how)())
    assert whole == 70 * 16_000
    other.replace(path)
    with pytest.raises(PolicyError, match=r"mine\.wav was changed while it was worked on"):
        list(getattr(sound, how)())


def test_what_is_no_recording_is_told(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="there is no file"):
        open_sound(tmp_path / "none.wav")
