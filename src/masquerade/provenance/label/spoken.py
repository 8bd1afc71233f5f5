"""The label that is heard: one sentence before the sound, or after it, as loud as the sound.

The voice is eSpeak NG's: sound computed from rules, the voice of nobody. It comes with the package
`espeakng-loader` (``pip install 'masquerade[speech]'``) and runs as a program of its own.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np

from masquerade.errors import ProvenanceError, UsageError
from masquerade.provenance.label.loudness import loudness_lufs
from masquerade.provenance.label.presets import Place
from masquerade.provenance.label.words import Wording
from masquerade.types import Audio

PAUSE_S: Final = 0.6
USUAL_LUFS: Final = -23.0  # EBU R 128; for a sound that is silent
LOUDNESS_RANGE_LUFS: Final = (-30.0, -14.0)
HEARD_S: Final = 20  # of the sound, to find how loud it is

_WORDS_PER_MINUTE: Final = 125  # slow, to be understood at the first hearing
_LONGEST_S: Final = 30.0
_PEAK: Final = 0.98
_MARGIN_S: Final = 0.05
_PACKAGE: Final = "espeakng_loader"
_PROGRAM: Final = Path(__file__).with_name("voice.py")


@dataclass(frozen=True, slots=True)
class Sentences:
    """What is said in one language.

    Attributes:
        voice: Its name in eSpeak NG.
        generated: Of a sound that was made.
        modified: Of a sound that was changed.
    """

    voice: str
    generated: str
    modified: str


LANGUAGES: Final[Mapping[str, Sentences]] = {
    "cs": Sentences(
        "cs",
        "Tato nahrávka byla vytvořena pomocí umělé inteligence.",
        "Tato nahrávka byla upravena pomocí umělé inteligence.",
    ),
    "da": Sentences(
        "da",
        "Denne optagelse er lavet med kunstig intelligens.",
        "Denne optagelse er ændret med kunstig intelligens.",
    ),
    "de": Sentences(
        "de",
        "Diese Aufnahme wurde mit künstlicher Intelligenz erzeugt.",
        "Diese Aufnahme wurde mit künstlicher Intelligenz verändert.",
    ),
    "el": Sentences(
        "el",
        "Αυτή η ηχογράφηση δημιουργήθηκε με τεχνητή νοημοσύνη.",
        "Αυτή η ηχογράφηση τροποποιήθηκε με τεχνητή νοημοσύνη.",
    ),
    "en": Sentences(
        "en",
        # Not "with": a recogniser heard "without official intelligence" in some voices.
        "This recording was made by artificial intelligence.",
        "This recording was altered by artificial intelligence.",
    ),
    "es": Sentences(
        "es",
        "Esta grabación se ha creado con inteligencia artificial.",
        "Esta grabación se ha modificado con inteligencia artificial.",
    ),
    "fi": Sentences(
        "fi",
        "Tämä äänite on tehty tekoälyllä.",
        "Tätä äänitettä on muokattu tekoälyllä.",
    ),
    "fr": Sentences(
        "fr",
        "Cet enregistrement a été créé par une intelligence artificielle.",
        "Cet enregistrement a été modifié par une intelligence artificielle.",
    ),
    "hu": Sentences(
        "hu",
        "Ez a felvétel mesterséges intelligenciával készült.",
        "Ezt a felvételt mesterséges intelligenciával módosították.",
    ),
    "it": Sentences(
        "it",
        "Questa registrazione è stata creata con l'intelligenza artificiale.",
        "Questa registrazione è stata modificata con l'intelligenza artificiale.",
    ),
    "nl": Sentences(
        "nl",
        "Deze opname is gemaakt met kunstmatige intelligentie.",
        "Deze opname is bewerkt met kunstmatige intelligentie.",
    ),
    "pl": Sentences(
        "pl",
        "To nagranie zostało stworzone przez sztuczną inteligencję.",
        "To nagranie zostało zmienione przez sztuczną inteligencję.",
    ),
    "pt": Sentences(
        "pt",
        "Esta gravação foi criada com inteligência artificial.",
        "Esta gravação foi alterada com inteligência artificial.",
    ),
    "ro": Sentences(
        "ro",
        "Această înregistrare a fost creată cu inteligență artificială.",
        "Această înregistrare a fost modificată cu inteligență artificială.",
    ),
    "sv": Sentences(
        "sv",
        "Den här inspelningen har skapats med artificiell intelligens.",
        "Den här inspelningen har ändrats med artificiell intelligens.",
    ),
}


def check_voice(language: str) -> None:
    """Passes when the sentence is known in that language, and a voice is installed.

    Raises:
        UsageError: No sentence is known in that language.
        ProvenanceError: No voice is installed.
    """
    _sentences(language)
    _check_installed()


def disclaimer(
    language: str, wording: Wording, sr: int, *, lufs: float = USUAL_LUFS, channels: int = 1
) -> Audio:
    """The spoken sentence.

    Args:
        language: One of `LANGUAGES`.
        wording: AI GENERATED for a sound that was made, AI MODIFIED for one that was changed.
        sr: Samples per second wanted.
        lufs: How loud, by ITU-R BS.1770. Less where its peaks would not fit.
        channels: Each gets the same sound.

    Returns:
        float32 (channels, n) in [-1, 1], about four seconds.

    Raises:
        UsageError: No sentence is known in that language.
        ProvenanceError: The voice is not installed, or does not speak.
    """
    text = sentence(language, wording)
    spoken = _at_rate(_trimmed(_spoken(_sentences(language).voice, text)), sr)
    samples = np.repeat(spoken.samples, channels, axis=0)
    gain = 10 ** ((lufs - loudness_lufs(replace(spoken, samples=samples))) / 20)
    gain = min(gain, _PEAK / float(np.abs(samples).max()))
    return replace(spoken, samples=(samples * gain).astype(np.float32))


def sentence(language: str, wording: Wording) -> str:
    """What is said, as text.

    Raises:
        UsageError: No sentence is known in that language.

    Example:
        >>> sentence("en", "AI GENERATED")
        'This recording was made by artificial intelligence.'
    """
    said = _sentences(language)
    return said.generated if wording == "AI GENERATED" else said.modified


def announced(
    blocks: Iterable[Audio],
    language: str,
    wording: Wording,
    *,
    place: Place = "before",
    below_lu: float = 0.0,
    pause_s: float = PAUSE_S,
) -> Iterator[Audio]:
    """The sound with the sentence and a pause before it, or a pause and the sentence after it.

    Before it, the sentence and the pause are the first block, and everything else comes so much
    later. The sentence is as loud as the first 20 s of the sound, less `below_lu`, but never too
    soft to be understood.

    Args:
        blocks: One sound, block after block, of one rate and one number of channels.
        language: One of `LANGUAGES`.
        wording: What was done.
        place: Where it is said.
        below_lu: By how much softer.
        pause_s: Silence between sentence and sound.

    Raises:
        UsageError: No sentence is known in that language, or the pause is negative.
        ProvenanceError: The voice is not installed, or does not speak.
    """
    _sentences(language)
    if pause_s < 0:
        raise UsageError(f"a pause of {pause_s} s", "0 s or more")
    rest = iter(blocks)
    start: list[Audio] = []
    for block in rest:
        start.append(block)
        if sum(one.samples.shape[1] for one in start) >= HEARD_S * block.sr:
            break
    if not start:
        return
    first = start[0]
    heard = replace(first, samples=np.concatenate([one.samples for one in start], axis=1))
    channels = first.samples.shape[0]
    lufs = _wanted_lufs(heard, below_lu)
    said = disclaimer(language, wording, first.sr, lufs=lufs, channels=channels)
    pause = np.zeros((channels, round(pause_s * first.sr)), np.float32)
    later_s, end_s = Fraction(0), first.start_s
    if place == "before":
        whole = np.concatenate([said.samples, pause], axis=1)
        yield Audio(whole, first.sr, first.start_s)
        later_s = Fraction(whole.shape[1], first.sr)
    for block in chain(start, rest):
        yield replace(block, start_s=block.start_s + later_s)
        end_s = block.start_s + Fraction(block.samples.shape[1], block.sr)
    if place == "after":
        yield Audio(np.concatenate([pause, said.samples], axis=1), first.sr, end_s)


def _wanted_lufs(sound: Audio, below_lu: float) -> float:
    found = loudness_lufs(sound) - below_lu
    low, high = LOUDNESS_RANGE_LUFS
    return min(max(found, low), high) if np.isfinite(found) else USUAL_LUFS


def _sentences(language: str) -> Sentences:
    if language not in LANGUAGES:
        raise UsageError(
            f"no spoken disclaimer in {language!r}", "one of " + ", ".join(sorted(LANGUAGES))
        )
    return LANGUAGES[language]


def _spoken(voice: str, text: str) -> Audio:
    """The text in the voice of eSpeak NG, as it comes."""
    _check_installed()
    # By its path, for its name would import half of this package; -P: not what lies beside it.
    command = [sys.executable, "-P", str(_PROGRAM), voice, str(_WORDS_PER_MINUTE)]
    try:
        done = subprocess.run(
            command, input=text.encode(), capture_output=True, check=False, timeout=_LONGEST_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _mute(voice, str(error)) from error
    head, _, data = done.stdout.partition(b"\n")
    if done.returncode or not head.isdigit() or len(data) < 2:
        words = done.stderr.decode(errors="replace").strip().splitlines()
        raise _mute(voice, words[-1] if words else f"it ended with code {done.returncode}")
    samples = np.frombuffer(data[: len(data) // 2 * 2], np.int16).astype(np.float32)
    return Audio(np.asarray(samples[None] / 32768, np.float32), int(head))


def _check_installed() -> None:
    if importlib.util.find_spec(_PACKAGE) is None:
        raise ProvenanceError(
            "the spoken disclaimer cannot be made: no voice is installed",
            "the package espeakng-loader",
            "pip install 'masquerade[speech]'",
        )


def _mute(voice: str, why: str) -> ProvenanceError:
    return ProvenanceError(
        f"the spoken disclaimer cannot be made: the voice {voice} does not speak ({why})",
        "eSpeak NG as espeakng-loader brings it",
        "pip install --force-reinstall espeakng-loader",
    )


def _trimmed(sound: Audio) -> Audio:
    """Without the silence before and after, save for a moment."""
    loud = np.flatnonzero(np.abs(sound.samples).max(axis=0) > 0.005)
    if not len(loud):
        raise _mute("of eSpeak NG", "it gave silence")
    margin = round(_MARGIN_S * sound.sr)
    return replace(sound, samples=sound.samples[:, max(0, loud[0] - margin) : loud[-1] + margin])


def _at_rate(sound: Audio, sr: int) -> Audio:
    """The whole sound at another rate, by its spectrum; meant for sentences, not for hours."""
    if sr == sound.sr:
        return sound
    count = sound.samples.shape[1]
    wanted = round(count * sr / sound.sr)
    spectrum = np.fft.rfft(sound.samples.astype(np.float64), axis=1)
    samples = np.fft.irfft(spectrum[:, : wanted // 2 + 1], n=wanted, axis=1) * (wanted / count)
    return Audio(np.asarray(samples, np.float32), sr)
