"""A recording whose voice is hard to recognise, sealed: a new way to speak is drawn and tried.

::

    open -> find speech -> draw ways to speak -> try each on that speech, keep the farthest
         -> the whole sound, streamed -> measured against the original -> seal -> account

The ways are drawn with the installation's secret and the input's hash: the same job gives the same
bytes here, and nobody else can tell which way was taken.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import MediaError
from masquerade.generate import voice_disguise as method
from masquerade.models.card import card
from masquerade.models.speaker import CARD, Speaker
from masquerade.models.voice_activity import VoiceActivity
from masquerade.pipelines.saving import USUAL, Saving
from masquerade.pipelines.voice.make_sound import (
    MadeSound,
    Progress,
    check_request,
    sealed_sound,
    sound_draft,
)
from masquerade.pipelines.voice.sound_input import SoundInput, Speech, find_speech, open_sound
from masquerade.provenance.keys import rest_key
from masquerade.speech.mono import SR
from masquerade.speech.speaker import likeness, voice_embedding
from masquerade.speech.voice_activity import speech_spans, spoken_samples
from masquerade.telling import no_progress
from masquerade.types import Audio, Draft, DraftSound, Embedding, IdentityUse, SoundPiece

METHOD: Final = "voice_disguise"
PURPOSE: Final = "anonymisation"
LEAST_SPEECH_S: Final = 1.0
SURE_SPEECH_S: Final = 5.0
"""Below this, distances between voices are rough."""
SAFE: Final = 0.4
"""Distance from the original voice at which no further way to speak is tried."""
LEAST: Final = 0.3
"""What stays nearer is not written; two stretches count as one voice within 0.22."""
WAYS: Final = 8
_CLOSE: Final = LEAST + 0.04
"""Of the trial; the whole may come nearer than that."""
_FARTHER: Final = (1.35, 1.5, 1.6)
"""Strengths that are tried where the usual one does not suffice, and none was asked for."""
_HEARD_S: Final = 120  # of the result, to be measured
_HIGHER: Final = ((1.25, 1.45), (1.06, 1.28))  # pitch, and resonances, each band for itself
_LOWER: Final = ((0.70, 0.82), (0.76, 0.94))
_CROSSED: Final = ((0.72, 0.82), (1.06, 1.25))
LIMITS: Final = (
    "what is said, how fast and with which melody stays, and can tell who speaks to those who know"
    " them; and whoever has this program and knows the voice can find it again: see docs/sound.md"
)


@dataclass(frozen=True, slots=True)
class Ears:
    """What tells voices apart."""

    speaker: Speaker
    activity: VoiceActivity

    def embedding(self, speech: NDArray[np.float32]) -> Embedding | None:
        """(256,) of speech without pauses at 16 kHz; None where that is too little."""
        return voice_embedding(speech, self.speaker)


def disguise_voice(
    target: Path,
    out: Path,
    options: method.Options,
    saving: Saving = USUAL,
    *,
    progress: Progress | None = None,
) -> MadeSound:
    """A sealed sound file in which whoever speaks is hard to recognise.

    Args:
        target: A sound file, or a video whose sound is used.
        out: Where the result goes; its ending chooses the container.
        options: Knobs of the method.
        saving: How the result is marked and stored.
        progress: Told (stage, done, total or None).

    Raises:
        UsageError: The request makes no sense.
        InputError: The target holds no speech, or cannot be used; or its voice stays recognisable.
        RefusedError: A policy gate says no.
        ProvenanceError: A mark could not be made, or did not read back.
        OutputError: The result cannot be written.

    Example:
        >>> disguise_voice(Path("in.wav"), Path("out.wav"), method.Options())  # doctest: +SKIP
    """
    check_request(target, out, saving)
    work = planned(target, options, progress or no_progress)
    saved = sealed_sound(
        work.draft(),
        out,
        consents=(),
        purpose=PURPOSE,
        saving=saving,
        progress=progress,
    )
    return MadeSound(out, saved, (work.words,), (*work.notes, LIMITS))


def planned(target: Path, options: method.Options, progress: Progress) -> Disguise:
    """The voice of a file and the way it is to speak; nothing is made yet.

    Raises:
        InputError: It holds no speech, or cannot be used.
        ModelError: The networks that tell voices apart cannot be had.
    """
    sound = open_sound(target)
    ears = Ears(Speaker.open(progress=progress), VoiceActivity.open(progress=progress))
    speech = find_speech(sound, ears.activity, least_s=LEAST_SPEECH_S, progress=progress)
    return Disguise.chosen(sound, speech, options, ears, progress)


@dataclass(slots=True)
class Disguise:
    """One voice and the way it is to speak; measures what comes of it as that goes by.

    Attributes:
        sound: What is changed.
        guise: The way to speak.
        options: Knobs of the method.
        ears: What tells voices apart.
        original: The voice as it was.
        speech: What it was measured on.
        trial: Its distance to the guise in the trial.
        raised: Whether the strength is above the usual one because that did not suffice.
        distance: The same in the whole result; None before that is made.
    """

    sound: SoundInput
    guise: method.Guise
    options: method.Options
    ears: Ears
    original: Embedding
    speech: Speech
    trial: float
    raised: bool = False
    distance: float | None = None
    _heard: list[NDArray[np.float32]] = field(default_factory=list)

    @classmethod
    def chosen(
        cls,
        sound: SoundInput,
        speech: Speech,
        options: method.Options,
        ears: Ears,
        progress: Progress,
    ) -> Disguise:
        """The way to speak that is farthest from the voice, of a few that are drawn.

        Raises:
            MediaError: The speech is too short to be told from other voices.
        """
        original = ears.embedding(speech.samples)
        if original is None:
            raise MediaError(f"{speech.seconds:.1f} s of speech", f"at least {LEAST_SPEECH_S} s")

        def farness(guise: method.Guise, tried: method.Options) -> float:
            found = ears.embedding(_spoken_as(guise, speech.samples, tried))
            return 0.0 if found is None else 1.0 - likeness(original, found)

        best: tuple[float, method.Guise] | None = None
        for number, guise in enumerate(ways(sound.sha256)):
            progress("trying ways to speak", number, WAYS)
            far = farness(guise, options)
            if best is None or far > best[0]:
                best = far, guise
            if far >= SAFE:
                break
        assert best is not None  # there are WAYS of them
        trial, guise = best
        usual, raised = method.Options().strength, False
        for strength in _FARTHER if options.strength == usual else ():
            if trial >= _CLOSE:
                break
            options, raised = options.model_copy(update={"strength": strength}), True
            trial = farness(guise, options)
        return cls(sound, guise, options, ears, original, speech, trial, raised)

    @property
    def words(self) -> str:
        """What came of it."""
        far = self.trial if self.distance is None else self.distance
        return (
            f"distance of the new voice to the old: {far:.2f} (at least {LEAST:.2f}; of one voice"
            " mostly below 0.20)"
        )

    def blocks(self) -> Iterator[Audio]:
        """The disguised sound; its beginning is kept to be measured."""
        generate = method.prepare(self.guise, self.options)
        heard = 0
        for block in generate(self.sound.blocks()):
            if heard < _HEARD_S * block.sr:
                self._heard.append(block.samples.mean(axis=0))
                heard += block.samples.shape[1]
            yield block

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of the recording, in sentences."""
        rough = (
            f"the distance is rough: there were {self.speech.seconds:.1f} s of speech to measure",
        )
        few = rough if self.speech.seconds < SURE_SPEECH_S else ()
        farther = (
            f"at the usual strength of {method.Options().strength:g} this voice would be known"
            f" again, so it was made with {self.options.strength:g}: some words may be harder to"
            " understand",
        )
        raised = farther if self.raised else ()
        return (*self.sound.notes, *self.speech.notes, *few, *raised, *self.sound.damages)

    @property
    def use(self) -> IdentityUse:
        """Whose voice it was, as measured."""
        return IdentityUse("target", "voice", self.original, self.sound.sha256)

    def in_video(self) -> DraftSound:
        """The sound that takes the place of a video's; nothing of it is made yet."""
        pieces = iter([SoundPiece(0, "", self.blocks(), self.measured)])
        start_s = max(self.sound.start_s, Fraction(0))
        sr, channels, count = self.sound.sr, self.sound.channels, self.sound.count
        return DraftSound(sr, channels, pieces, count, start_s, self.judge)

    def draft(self) -> Draft:
        """What is to be sealed; nothing of it is made yet."""
        return sound_draft(
            self.sound,
            self.blocks(),
            method=METHOD,
            options=self.options,
            uses=(self.use,),
            models=models(),
            conceals=True,
            tally=self.measured,
            judge=self.judge,
        )

    def measured(self) -> str:
        """The distance of the result to the original voice, as JSON."""
        whole = np.concatenate(self._heard) if self._heard else np.zeros(1, np.float32)
        mono = Audio(at_rate(whole, self.sound.sr, SR)[None], SR)
        spoken = spoken_samples(mono, speech_spans(mono, self.ears.activity))
        found = self.ears.embedding(spoken)
        self.distance = None if found is None else 1.0 - likeness(self.original, found)
        return json.dumps({"distance": self.distance})

    def judge(self, tallies: Mapping[int, str]) -> None:
        """Passes when the result is far enough from the original voice.

        Raises:
            MediaError: It is not, or nobody can tell.
        """
        far = json.loads(tallies[0])["distance"]
        if far is None or far < LEAST:
            told = "cannot be told" if far is None else f"is {far:.3f} from the original"
            raise MediaError(
                f"the disguised voice {told}",
                f"at least {LEAST:.2f}",
                "nothing was written; raise --strength, up to 1.6",
            )


def models() -> tuple[tuple[str, str], ...]:
    """Name and SHA-256 of the networks by which a way to speak is chosen."""
    return ((CARD, card(CARD).sha256),)


def ways(sha256: str, *, home: Path | None = None) -> Iterator[method.Guise]:
    """Ways to speak for a file, drawn so that only this installation can draw them again.

    Raises:
        ProvenanceError: The installation's secret cannot be read or made.
    """
    secret = hmac.digest(rest_key(home, "voice disguise"), sha256.encode(), "sha256")
    rng = np.random.default_rng(int.from_bytes(secret))
    kinds = (_HIGHER, _LOWER, _CROSSED)
    for _ in range(WAYS):
        pitches, mouths = kinds[int(rng.integers(len(kinds)))]
        low, middle, high, top = (float(rng.uniform(*mouths)) for _ in range(4))
        pitch, seed = float(rng.uniform(*pitches)), int(rng.integers(1 << 31))
        yield method.Guise(pitch, (low, middle, high, top), seed)


def _spoken_as(
    guise: method.Guise, speech: NDArray[np.float32], options: method.Options
) -> NDArray[np.float32]:
    made = method.prepare(guise, options)(iter([Audio(speech[None], SR)]))
    return np.concatenate([block.samples[0] for block in made])


def at_rate(samples: NDArray[np.float32], sr: int, wanted_sr: int) -> NDArray[np.float32]:
    """(n,) at another rate, by its spectrum; meant for minutes, not for hours."""
    count = len(samples)
    wanted = max(1, round(count * wanted_sr / sr))
    spectrum = np.fft.rfft(samples.astype(np.float64))
    made = np.fft.irfft(spectrum[: wanted // 2 + 1], n=wanted) * (wanted / count)
    return np.asarray(made, np.float32)
