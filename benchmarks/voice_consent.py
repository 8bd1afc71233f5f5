"""How often the consent check takes one voice for another, and turns the right one away.

Speakers of LibriSpeech, one recording of about 13 s each. Thresholds were chosen on one half of the
people and are reported on the other; nobody is in both. The first half of a recording stands for
the statement, the second for what is supplied later. **Both are of one session**: how a voice
changes from day to day and from microphone to microphone is not in these recordings, and makes the
right person be refused more often than is printed here. Three people with five recordings of one
book each are shown apart.

Statements of ten seconds of two people are cut together from the same recordings: half and half,
and the words of a challenge, three seconds at the end. What a statement says is measured
on synthetic speech (eSpeak NG, where it is installed), and names against each other as text.
Recordings in which a second person takes turns or speaks under the first: `benchmarks.voice_turns`.

    python -m benchmarks.voice_consent --pairs 10

Rates come with the two-sided 95 % interval of Clopper and Pearson. Pairs share people, so that the
interval is too narrow if anything.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations, permutations
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.consent_threshold import bounds, errors_at
from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from benchmarks.voice_statements import heard_statements, names_taken
from benchmarks.voice_turns import Errors, crowds
from masquerade.media.audio import read_audio
from masquerade.models.speaker import SR
from masquerade.provenance.consent.check import VOICE_THRESHOLD
from masquerade.provenance.consent.one_speaker import least_alike
from masquerade.provenance.consent.statement_check import CHALLENGE_APART, ONE_SPEAKER
from masquerade.provenance.consent.voice_reader import VoiceReader, apart
from masquerade.types import Embedding

_THRESHOLDS: Final = (0.12, 0.14, 0.16, 0.18, 0.2, 0.22, 0.25)
_LEAST_S: Final = 10.0
_CHALLENGE_S: Final = 3.0
_STATEMENT_S: Final = 10.0
_TAILS_S: Final = {"half and half": 5.0, "challenge": _CHALLENGE_S}
_SPLICES: Final = 40


@dataclass(frozen=True, slots=True)
class Person:
    """One recording of somebody: its speech, and the embedding of either half and of the whole."""

    name: str
    speech: NDArray[np.float32]
    first: Embedding
    second: Embedding
    whole: Embedding


def people(paths: Sequence[Path], reader: VoiceReader) -> list[Person]:
    """Everybody who speaks for ten seconds; the name is what stands before the first dash."""
    found = []
    for path in paths:
        speech = reader.speech(read_audio(path, sr=SR, mono=True))
        if len(speech) >= _LEAST_S * SR:
            half = len(speech) // 2
            parts = (speech[:half], speech[half:], speech)
            found.append(Person(path.stem.partition("-")[0], speech, *map(reader.embedding, parts)))
    return found


def halves(everybody: Sequence[Person]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distances of one person's halves, and of halves and wholes of two people."""
    same = [apart(one.first, one.second) for one in everybody]
    other = [apart(one.first, two.second) for one, two in permutations(everybody, 2)]
    other += [apart(one.whole, two.whole) for one, two in combinations(everybody, 2)]
    return np.array(same), np.array(other)


def spliced(
    everybody: Sequence[Person], reader: VoiceReader
) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """For statements cut together in several ways: figures of one person, and of two.

    A figure above 1 is refused. Half of the pairs are of the two people who are most alike for
    somebody, half of any two.
    """

    def figure(speech: NDArray[np.float32]) -> float:
        last = round(_CHALLENGE_S * SR)
        inside, rest = reader.embedding(speech[-last:]), reader.embedding(speech[:-last])
        whole = least_alike(speech, reader) / ONE_SPEAKER
        return max(whole, apart(inside, rest) / CHALLENGE_APART)

    length = round(_STATEMENT_S * SR)
    alone = np.array([figure(one.speech[:length]) for one in everybody])
    found = {}
    for name, tail_s in _TAILS_S.items():
        tail = round(tail_s * SR)
        two = [
            figure(np.concatenate([one.speech[: length - tail], other.speech[-tail:]]))
            for one, other in _pairs(everybody)
        ]
        found[name] = (alone, np.array(two))
    return found


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=10, help="of two people in one recording")
    given = parser.parse_args()
    reader, media = VoiceReader.open(), media_dir()
    folder = media.parent / "train" / "speech_real" / "libri_251spk"
    everybody = people(sorted(folder.glob("*.flac")), reader)
    chosen, report = everybody[::2], everybody[1::2]
    print(f"{len(chosen)} people to choose by, {len(report)} to report on")
    _print_table("chosen by", *halves(chosen))
    same, other = halves(report)
    table = _print_table("report", same, other)
    cuts = spliced(report, reader)
    crowd = crowds(everybody, reader, given.pairs)
    print(*(errors.line() for errors in crowd), sep="\n")
    books = people(sorted((media / "speech").glob("libri_*/*.flac")), reader)
    _publish(same, other, cuts, books, table, crowd, len(report))


def _pairs(everybody: Sequence[Person]) -> list[tuple[Person, Person]]:
    rng = np.random.default_rng(7)
    pairs = []
    for number in range(_SPLICES):
        one = everybody[number % len(everybody)]
        others = [other for other in everybody if other is not one]
        if number < _SPLICES // 2:
            pairs.append((one, min(others, key=lambda other: apart(one.whole, other.whole))))
        else:
            pairs.append((one, others[int(rng.integers(len(others)))]))
    return pairs


def _print_table(
    title: str, same: NDArray[np.float64], other: NDArray[np.float64]
) -> list[dict[str, float]]:
    table: list[dict[str, float]] = []
    for limit in _THRESHOLDS:
        rejects, accepts = int((same > limit).sum()), int((other <= limit).sum())
        print(
            f"{title}, {limit:.2f}: rejects the right voice {_rate(rejects, len(same))};"
            f" accepts another {_rate(accepts, len(other))}"
        )
        table.append({"threshold": limit, "false_rejects": rejects, "false_accepts": accepts})
    return table


def _rate(errors: int, trials: int) -> str:
    low, high = bounds(errors, trials)
    return f"{errors}/{trials} = {errors / trials:.2%} (95 %: {low:.2%} to {high:.2%})"


def _share(several: Sequence[Errors]) -> float:
    return sum(one.errors for one in several) / sum(one.of for one in several)


def _publish(
    same: NDArray[np.float64],
    other: NDArray[np.float64],
    cuts: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]],
    books: Sequence[Person],
    table: list[dict[str, float]],
    crowd: Sequence[Errors],
    count: int,
) -> None:
    rejects, accepts = int((same > VOICE_THRESHOLD).sum()), int((other <= VOICE_THRESHOLD).sum())
    missed, refused = 0, {}
    for name, (alone, two) in cuts.items():
        missed += int((two <= 1).sum())
        refused[name] = int((alone > 1).sum())
        print(
            f"{name}: one person refused {_rate(refused[name], len(alone))}; two people missed"
            f" {_rate(int((two <= 1).sum()), len(two))}"
        )
    book_same = [apart(a.whole, b.whole) for a, b in combinations(books, 2) if a.name == b.name]
    book_other = [apart(a.whole, b.whole) for a, b in combinations(books, 2) if a.name != b.name]
    names = names_taken(date(2026, 11, 22))
    heard = heard_statements()
    splices = sum(len(spliced) for _, spliced in cuts.values())
    one_person, *several = crowd
    publish(
        "voice_consent",
        [
            Bar("false accept rate", accepts / len(other), 0.002),
            Bar("false accept rate, upper 95 %", bounds(accepts, len(other))[1], 0.003),
            Bar("false reject rate in one session", rejects / len(same), 0.05),
            Bar("statements of two people missed", missed / splices, 0.05),
            Bar(
                "statements of one person refused",
                max(refused.values()) / count,
                0.05,
            ),
            Bar("one person refused, turns listened for", one_person.errors / one_person.of, 0.02),
            Bar("second people missed", _share([o for o in several if "12" not in o.what]), 0.05),
            Bar("wrong names taken, as text", names.wrong_taken / names.wrong, 0.01),
        ],
        {
            "threshold": VOICE_THRESHOLD,
            "people": count,
            **errors_at(VOICE_THRESHOLD, same, other),
            "largest_of_one_in_a_book": round(max(book_same), 4),
            "smallest_of_two_in_books": round(min(book_other), 4),
            "splices": {
                name: {
                    "one_person_refused": refused[name],
                    "two_missed": int((two <= 1).sum()),
                    "of": len(two),
                }
                for name, (_, two) in cuts.items()
            },
            "two_in_a_recording": {one.what: [one.errors, one.of] for one in crowd},
            "names": {"wrong": names.wrong, "wrong_taken": names.wrong_taken},
            "statements": heard,
            "by_threshold": table,
        },
    )


if __name__ == "__main__":
    main()
