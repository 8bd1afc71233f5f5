"""What is understood of statements: names against each other, and statements spoken by a machine.

The speech is eSpeak NG's, far from a person's; a recogniser taught on people understands it worse.
So what is accepted here says that the check can be passed, and not how often people pass it.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Final

import numpy as np

import masquerade.provenance.label.voice as speaking
from masquerade.errors import ConsentError
from masquerade.models.voice_activity import VoiceActivity
from masquerade.models.word_recogniser import WordRecogniser
from masquerade.provenance.consent.challenge import LEAST_HEARD, WORDS, heard_of
from masquerade.provenance.consent.sounds_like import words as plain_words
from masquerade.provenance.consent.statement import Statement, check_said, statement
from masquerade.speech.words import words
from masquerade.types import Audio

NAMES: Final = (
    *("Ada Roth", "Bob Miller", "Chloe Martin", "David Okafor", "Elena Petrova", "Farid Haddad"),
    *("Grace Kim", "Henry Walker", "Ines Oliveira", "Jonas Weber", "Keiko Tanaka", "Liam Murphy"),
    *("Maria Rossi", "Nikhil Sharma", "Olga Novak", "Pedro Alvarez", "Quinn Taylor", "Rosa Lund"),
    *("Samuel Green", "Tariq Aziz", "Uma Patel", "Victor Hugo", "Wendy Clark", "Yusuf Demir"),
)
GRANTEES: Final = ("Studio North", "Blue Lantern Films", "The City Museum", "Radio Bern")
PURPOSES: Final = ("short film", "museum guide", "audio book", "product training")
VOICES: Final = ("en-us", "en", "en-gb-scotland", "en-us+f3", "en+m7", "en-gb-x-rp")
_RATE: Final = 130


@dataclass(frozen=True, slots=True)
class NamesTaken:
    """How often a statement with another name in it passes, as text that is heard perfectly."""

    wrong: int
    wrong_taken: int


def names_taken(day: date, names: Sequence[str] = NAMES) -> NamesTaken:
    """Every name, grantee and purpose against every other."""
    stated = statement(NAMES[0], GRANTEES[0], PURPOSES[:1])
    pairs = [
        *((_changed(stated, name=a), _changed(stated, name=b)) for a, b in permutations(names, 2)),
        *(
            (_changed(stated, grantee=a), _changed(stated, grantee=b))
            for a, b in permutations(GRANTEES, 2)
        ),
        *(
            (_changed(stated, purposes=(a,)), _changed(stated, purposes=(b,)))
            for a, b in permutations(PURPOSES, 2)
        ),
    ]
    taken = [one for one in pairs if _passes(one[0], one[1].text(WORDS[:6], day))]
    for wanted, said in taken:
        print(f"taken as text: {said.consent!r} for {wanted.consent!r}")
    return NamesTaken(len(pairs), len(taken))


def heard_statements() -> dict[str, int]:
    """Statements spoken by a machine: how many are understood, words of the challenge too."""
    if importlib.util.find_spec("espeakng_loader") is None:
        return {}
    recogniser, activity = WordRecogniser.open(), VoiceActivity.open()
    rng = np.random.default_rng(11)
    counts = {"spoken": 0, "text_understood": 0, "challenge_understood": 0, "wrong_name_taken": 0}
    for number in range(8):
        stated = statement(NAMES[3 * number], GRANTEES[number % 4], [PURPOSES[number % 4]])
        drawn = [str(one) for one in rng.choice(WORDS, 6, replace=False)]
        sound = spoken(stated.text(drawn, date(2026, 11, 22)), VOICES[number % len(VOICES)])
        heard = " ".join(word.text for word in words(sound, recogniser, activity))
        said = heard_of(drawn, plain_words(heard))
        other = _changed(stated, name=NAMES[(3 * number + 7) % len(NAMES)])
        counts["spoken"] += 1
        counts["text_understood"] += _passes(stated, heard)
        counts["challenge_understood"] += len(said) >= LEAST_HEARD
        counts["wrong_name_taken"] += _passes(other, heard)
        print(f"{VOICES[number % len(VOICES)]}: {len(said)} of 6 words; heard {heard!r}")
    return counts


def spoken(text: str, voice: str) -> Audio:
    """A text spoken by eSpeak NG, mono at 16 kHz."""
    done = subprocess.run(
        [sys.executable, str(Path(speaking.__file__)), voice, str(_RATE)],
        input=text.encode(),
        capture_output=True,
        check=True,
    )
    rate, _, data = done.stdout.partition(b"\n")
    samples = np.frombuffer(data, "<i2").astype(np.float32) / 32768
    seconds = len(samples) / int(rate)
    at = np.arange(int(seconds * 16_000)) * int(rate) / 16_000
    return Audio(np.interp(at, np.arange(len(samples)), samples)[None].astype(np.float32), 16_000)


def _passes(stated: Statement, heard: str) -> bool:
    try:
        check_said(stated, heard)
    except ConsentError:
        return False
    return True


def _changed(
    stated: Statement,
    *,
    name: str = "",
    grantee: str = "",
    purposes: Sequence[str] = (),
) -> Statement:
    return statement(name or stated.name, grantee or stated.grantee, purposes or stated.purposes)
