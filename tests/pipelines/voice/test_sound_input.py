from pathlib import Path
from wave import open as open_wave

import av
import numpy as np
import pytest

from masquerade.errors import MediaError, PolicyError
from masquerade.hashing import file_sha256
from masquerade.pipelines.voice.new_speech import new_speech
from masquerade.pipelines.voice.sound_input import open_sound
from masquerade.telling import no_progress


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


@pytest.mark.parametrize(("name", "codec"), [("talk.flac", "flac"), ("talk.wav", "pcm_s16le")])
def test_a_file_that_ends_before_its_header_says_is_noted(
    tmp_path: Path, rng: np.random.Generator, name: str, codec: str
) -> None:
    whole = tmp_path / name
    with av.open(str(whole), "w") as file:
        stream = file.add_stream(codec, rate=16_000, layout="mono")
        noise = rng.integers(-9000, 9000, (1, 64_000), dtype=np.int16)
        frame = av.AudioFrame.from_ndarray(noise, format="s16", layout="mono")
        frame.sample_rate = 16_000
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    data = whole.read_bytes()
    whole.write_bytes(data[: len(data) // 2])

    sound = open_sound(whole)
    seconds = sum(block.samples.shape[1] for block in sound.blocks()) / 16_000

    assert 1 < seconds < 3
    assert any("its header says 4.0 s: it was cut off" in words for words in sound.damages)

    new = new_speech(whole, "", None, no_progress)
    assert not new.damages
    assert list(new.followed())
    assert sum("it was cut off" in words for words in new.damages) == 1
