"""How well `masquerade voice disguise` hides who speaks, and what becomes of the words.

One recording of each speaker, about 13 s: the first half is what a listener knows them by, the
second is disguised. A listener with the speaker network of the consent check then names the nearest
of all known voices. It is done with the second half as it is, disguised, and disguised and moved
back by somebody who has this program and tries a grid of pitches and resonances, keeping whichever
comes nearest to anybody they know. Words are held against those heard in the recording itself.

    python -m benchmarks.voice_disguise --speech FOLDER
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Bar, publish
from masquerade.generate.voice_disguise import Guise, Options, prepare
from masquerade.hashing import file_sha256
from masquerade.media.audio import read_audio
from masquerade.models.speaker import Speaker
from masquerade.models.voice_activity import VoiceActivity
from masquerade.pipelines.voice.disguise import LEAST, SAFE, Ears, ways
from masquerade.speech.speaker import likeness
from masquerade.speech.voice_activity import speech_spans, spoken_samples
from masquerade.speech.words import WordRecogniser, plain_words, words
from masquerade.types import Audio, Embedding

Samples = NDArray[np.float32]
SR: Final = 16_000
PITCHES: Final = (0.7, 0.78, 1.28, 1.4)
RESONANCES: Final = (0.82, 0.92, 1.1, 1.22)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody's recording: what they are known by, and what is disguised."""

    path: Path
    known: Embedding
    second: Samples


def main() -> int:
    """0 when the bars are met."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--speech", type=Path, required=True, help="recordings, one of a speaker")
    parser.add_argument("--known", type=int, default=100, help="voices the listener knows")
    parser.add_argument("--disguised", type=int, default=20, help="of them are disguised")
    parser.add_argument("--undone", type=int, default=6, help="of those, moved back by an attacker")
    parser.add_argument(
        "--strength", type=float, default=Options().strength, help="as the method's option"
    )
    given = parser.parse_args()
    options = Options(strength=given.strength)
    ears = Ears(Speaker.open(), VoiceActivity.open())
    recogniser = WordRecogniser.open()
    files = sorted(path for path in given.speech.rglob("*") if path.suffix in (".flac", ".wav"))
    people = [one for one in (_person(path, ears) for path in files[: given.known]) if one]
    book = np.stack([one.known for one in people])
    rows = [
        _tried(number, people, book, ears, recogniser, options, undo=number < given.undone)
        for number in range(min(given.disguised, len(people)))
    ]
    return 0 if _published(rows, len(people)) else 1


def _person(path: Path, ears: Ears) -> Person | None:
    samples = read_audio(path, sr=SR, mono=True).samples[0]
    half = len(samples) // 2
    known = _voice(samples[:half], ears)
    return None if known is None else Person(path, known, samples[half:])


def _voice(samples: Samples, ears: Ears) -> Embedding | None:
    sound = Audio(samples[None], SR)
    return ears.embedding(spoken_samples(sound, speech_spans(sound, ears.activity)))


def _tried(
    number: int,
    people: Sequence[Person],
    book: NDArray[np.float32],
    ears: Ears,
    recogniser: WordRecogniser,
    options: Options,
    *,
    undo: bool,
) -> dict[str, float]:
    """What came of one person: distances, whether they are named, and words."""
    one = people[number]
    before = _voice(one.second, ears)
    assert before is not None
    made, after = _disguised(one, before, ears, options)
    row = {
        "before": 1 - likeness(before, one.known),
        "after": 1 - likeness(after, one.known),
        "named_before": float(np.argmax(book @ before) == number),
        "named_after": float(np.argmax(book @ after) == number),
        "rank_after": _rank(book @ after, number),
        "words": _wrong(_heard(one.second, ears, recogniser), _heard(made, ears, recogniser)),
    }
    if undo:
        nearest = max(_undone(made, ears), key=lambda voice: float((book @ voice).max()))
        row["undone"] = 1 - likeness(nearest, one.known)
        row["named_undone"] = float(np.argmax(book @ nearest) == number)
        row["rank_undone"] = _rank(book @ nearest, number)
    print({key: round(value, 2) for key, value in row.items()}, flush=True)
    return row


def _rank(scores: NDArray[np.float32], number: int) -> float:
    return float((scores > scores[number]).sum() + 1)


def _disguised(
    one: Person, before: Embedding, ears: Ears, options: Options
) -> tuple[Samples, Embedding]:
    """The second half as the pipeline disguises it: the first way far enough, else the farthest."""
    found: list[tuple[float, Samples, Embedding]] = []
    for guise in ways(file_sha256(one.path)):
        made = _spoken(guise, one.second, options)
        voice = _voice(made, ears)
        assert voice is not None
        found.append((1 - likeness(before, voice), made, voice))
        if found[-1][0] >= SAFE:
            break
    _, made, voice = max(found, key=lambda item: item[0])
    return made, voice


def _undone(made: Samples, ears: Ears) -> list[Embedding]:
    """The voice after every way back of the grid."""
    steady = Options(wander=0.0)
    moved = [
        _voice(_spoken(Guise(1 / pitch, (1 / formants,) * 4, 0), made, steady), ears)
        for pitch, formants in product(PITCHES, RESONANCES)
    ]
    return [one for one in moved if one is not None]


def _spoken(guise: Guise, samples: Samples, options: Options) -> Samples:
    made = prepare(guise, options)(iter([Audio(samples[None], SR)]))
    return np.concatenate([block.samples[0] for block in made])


def _heard(samples: Samples, ears: Ears, recogniser: WordRecogniser) -> list[str]:
    found = words(Audio(samples[None], SR), recogniser, ears.activity)
    return plain_words(" ".join(one.text for one in found))


def _wrong(wanted: list[str], heard: list[str]) -> float:
    """Word error rate, by the distance of Levenshtein."""
    row = np.arange(len(heard) + 1)
    for count, word in enumerate(wanted, 1):
        above, row = row, row.copy()
        row[0] = count
        for place, other in enumerate(heard, 1):
            row[place] = min(
                above[place] + 1, row[place - 1] + 1, above[place - 1] + (word != other)
            )
    return float(row[-1] / max(1, len(wanted)))


def _published(rows: list[dict[str, float]], known: int) -> bool:
    def mean(name: str) -> float:
        return float(np.mean([row[name] for row in rows if name in row]))

    results = {name: round(mean(name), 3) for name in sorted({key for row in rows for key in row})}
    results |= {
        "known": known,
        "disguised": len(rows),
        "undone_of": sum("undone" in r for r in rows),
    }
    bars = [
        Bar("named after the disguise, share", mean("named_after"), 0.1),
        Bar("distance after the disguise, mean", mean("after"), LEAST, ">="),
        Bar("words wrong, share", mean("words"), 0.1),
    ]
    return publish("voice_disguise", bars, results)


if __name__ == "__main__":
    raise SystemExit(main())
