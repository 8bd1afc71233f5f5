"""Whether a recording of a voice can be relied on: long enough, clear, and not made by a machine.

What is looked for: silence, clipping, telephone sound; this installation's watermark; manifests
that say that AI made it; files of the ledger. Whether a machine of somebody else spoke is not asked
here: the signals of `masquerade examine` look for its traces, and are not measured on statements.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ConsentError, InputError
from masquerade.hashing import file_sha256
from masquerade.media.audio import read_audio
from masquerade.media.limits import DEFAULT_LIMITS
from masquerade.provenance import ledger
from masquerade.provenance.c2pa.credentials import read_credentials
from masquerade.provenance.keys import rest_key
from masquerade.provenance.watermark.marking import mark_text
from masquerade.provenance.watermark.sound.decode import read_sound
from masquerade.types import Audio

SR: Final = 16_000
LEAST_RATE_HZ: Final = 16_000
MOST_S: Final = 180
LIMITS: Final = replace(DEFAULT_LIMITS, max_duration_s=MOST_S, max_bytes=1 << 30)
_SILENT: Final = 10 ** (-45 / 20)  # loudest sample of a recording that is of no use
_TOP: Final = 0.98  # of the loudest sample: where clipped sound stays
_STAYS: Final = 3  # samples
_MOST_CLIPPED: Final = 0.002
_LOW_HZ, _HIGH_HZ = (300.0, 3400.0), (4400.0, 7600.0)
_TELEPHONE_DB: Final = -55.0
_WINDOW: Final = 512
_SYNTHETIC: Final = frozenset(
    {
        "algorithmicMedia",
        "compositeSynthetic",
        "compositeWithTrainedAlgorithmicMedia",
        "trainedAlgorithmicMedia",
    }
)


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording that may be listened to.

    Attributes:
        name: Of its file.
        sha256: Of its file.
        sound: Mono at 16 kHz.
    """

    name: str
    sha256: str
    sound: Audio


def read_recording(path: Path, *, home: Path | None = None) -> Recording:
    """A recording, when it is clear and shows no mark of a machine.

    Args:
        path: A sound or video file of up to three minutes.
        home: The installation's folder.

    Raises:
        InputError: It cannot be read, is too long, silent, clipped or of a telephone.
        ConsentError: It was made here, or says that AI made it.
        ProvenanceError: Keys or ledger cannot be relied on.
    """
    try:
        digest = file_sha256(path)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})", "a sound file") from error
    whole = read_audio(path, limits=LIMITS)
    check_clear(whole, path.name)
    _check_unmarked(path, digest, whole, home)
    sound = read_audio(path, sr=SR, mono=True, limits=LIMITS)
    if file_sha256(path) != digest:
        raise InputError(f"{path.name} was changed while it was read", "the same file all through")
    return Recording(path.name, digest, sound)


def check_clear(sound: Audio, name: str) -> None:
    """Passes when a recording, as its file has it, can be listened to.

    Raises:
        InputError: It holds no sound, is silent, clipped, or came over a telephone.
    """
    samples = sound.samples.mean(axis=0)
    peak = float(np.abs(samples).max(initial=0.0))
    if peak < _SILENT:
        raise InputError(
            f"{name} is {'silent' if len(samples) else 'without sound'}",
            "a recording of somebody who speaks",
            "record it again, closer to the microphone",
        )
    if sound.sr < LEAST_RATE_HZ or _height_db(samples, sound.sr) < _TELEPHONE_DB:
        raise InputError(
            f"{name} has nothing above 4 kHz, like the sound of a telephone",
            f"{LEAST_RATE_HZ} samples a second or more",
            "record it with the phone's recorder, and not in a call",
        )
    clipped = max(_clipped(channel) for channel in sound.samples)
    if clipped > _MOST_CLIPPED:
        raise InputError(
            f"{name} is overdriven: {clipped:.1%} of its samples are cut off at the top",
            f"at most {_MOST_CLIPPED:.1%}",
            "record it again, with less gain or further from the microphone",
        )


def _clipped(samples: NDArray[np.float32]) -> float:
    """Share of samples that stay at the top for three samples and more."""
    top = np.abs(samples) >= _TOP * max(float(np.abs(samples).max(initial=0.0)), 1e-9)
    runs = np.flatnonzero(np.diff(np.concatenate([[0], top.view(np.int8), [0]])))
    lengths = runs[1::2] - runs[::2]
    return float(lengths[lengths >= _STAYS].sum()) / max(len(samples), 1)


def _height_db(samples: NDArray[np.float32], sr: int) -> float:
    """Power above 4.4 kHz against that of the voice below 3.4 kHz, in its louder half."""
    count = len(samples) // _WINDOW
    if not count:
        return 0.0
    windows = samples[: count * _WINDOW].reshape(count, _WINDOW) * np.hanning(_WINDOW)
    power = np.abs(np.fft.rfft(windows, axis=1)) ** 2
    loud = power.sum(axis=1)
    power = power[loud >= np.median(loud)].mean(axis=0)
    hz = np.fft.rfftfreq(_WINDOW, 1 / sr)
    low, high = (power[(hz >= first) & (hz < last)].mean() for first, last in (_LOW_HZ, _HIGH_HZ))
    return float(10 * np.log10((high + 1e-20) / (low + 1e-20)))


def _check_unmarked(path: Path, digest: str, sound: Audio, home: Path | None) -> None:
    """Passes when nothing says that the recording was generated, here or elsewhere."""
    ledger.check_ledger(home)
    found = read_sound(sound, rest_key(home, "watermark"))
    if found.payload is not None:
        raise _made_here(path.name, f"it carries the watermark {mark_text(found.payload)}")
    if found.outcome != "none":
        raise ConsentError(
            f"{path.name} is too short to look for this program's watermark",
            "four seconds that are not silent",
        )
    if rows := ledger.rows(kind="output", subject=digest, newest=1, home=home):
        raise _made_here(path.name, f"the ledger knows it as {rows[0].id}")
    said = read_credentials(path, home=home)
    if said.signer == "ours":
        raise _made_here(path.name, "its manifest is signed by this installation")
    if said.ai_models or _SYNTHETIC.intersection(said.source_types):
        raise ConsentError(
            f"the manifest of {path.name} says that AI made it or a part of it",
            "a recording of the person themselves",
            "have the person read the statement aloud",
        )


def _made_here(name: str, why: str) -> ConsentError:
    return ConsentError(
        f"{name} was made with Masquerade: {why}",
        "a recording of the person themselves",
        "have the person read the statement aloud; a converted voice cannot consent",
    )
