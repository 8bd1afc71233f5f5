"""How well speech in another voice keeps its words and sounds like that voice.

Voices of speakers 19 (a woman) and 27 (a man) of LibriSpeech are built from the first recordings of
the training set; spoken with them are recordings that are in neither. What the recogniser hears in
the original stands for what was said, so that its own errors do not count. The likeness to the
target and to the source is measured on recordings that went into nothing.

    python -m benchmarks.voice --utterances 2
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from benchmarks.voice_listened import Listened, listened, mean_of
from masquerade.media.audio import read_audio
from masquerade.models.word_recogniser import WordRecogniser
from masquerade.speech.convert import convert
from masquerade.speech.mono import SR
from masquerade.speech.readers import SpeechReader
from masquerade.speech.speaker import likeness, speaker_embedding
from masquerade.speech.voice import Voice
from masquerade.speech.voice_build import build_voice
from masquerade.speech.words import plain_words, words
from masquerade.types import Audio, Embedding

_BUILT_FROM: Final = 22  # recordings of a target
_SEX: Final = {"19": "f", "26": "m", "27": "m"}
_CLIPPED: Final = 0.999
_MEASURED: Final = 4


@dataclass(frozen=True, slots=True)
class Conversion:
    """What came of one recording in one voice.

    Attributes:
        pair: Source and target.
        words: How many the original has.
        errors: How many of them are heard otherwise.
        phone_errors: The same by PocketSphinx, and what it errs on the original; -1: not asked.
        to_target: Likeness to the target.
        to_source: Likeness to the source.
        seconds: Of sound.
        took_s: Processor time.
        clipped: Samples at full scale.
        heard: Melody, timing, level and faults.
    """

    pair: tuple[str, str]
    words: int
    errors: int
    phone_errors: tuple[int, int]
    to_target: float
    to_source: float
    seconds: float
    took_s: float
    clipped: int
    heard: Listened


def recordings(speaker: str, media: Path) -> list[Path]:
    """All recordings of a volunteer, in order."""
    train = media.parent / "train" / "speech_real" / "libri_long" / speaker
    return [
        *sorted((media / "speech" / f"libri_{speaker}").glob("*.flac")),
        *sorted(train.glob("*")),
    ]


def word_errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Words that were put in, left out or changed (Levenshtein).

    Example:
        >>> word_errors(["a", "b", "c"], ["a", "c", "d"])
        2
    """
    row = list(range(len(heard) + 1))
    for i, wanted in enumerate(said, 1):
        before, row[0] = row[0], i
        for j, found in enumerate(heard, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (wanted != found))
    return row[-1]


class Listeners:
    """What judges: two recognisers and what tells voices apart."""

    def __init__(self, *, sphinx: bool) -> None:
        self.reader = SpeechReader.open(threads=2)
        self._words = WordRecogniser.open(threads=2)
        self._sphinx = sphinx

    def words(self, sound: Audio) -> list[str]:
        """What Whisper hears."""
        found = words(sound, self._words, self.reader.activity)
        return plain_words(" ".join(one.text for one in found))

    def sphinx(self, sound: Audio) -> list[str] | None:
        """What PocketSphinx hears; None where it is not asked."""
        if not self._sphinx:
            return None
        from pocketsphinx import Decoder

        decoder = Decoder(loglevel="FATAL")
        loud = sound.samples[0] / max(1e-3, float(np.abs(sound.samples).max()))
        decoder.start_utt()
        decoder.process_raw((loud * 20_000).astype(np.int16).tobytes(), full_utt=True)
        decoder.end_utt()
        return plain_words(decoder.hyp().hypstr if decoder.hyp() else "")

    def embedding(self, sounds: Sequence[Audio]) -> Embedding:
        """Whose voice is heard in recordings together."""
        whole = Audio(np.concatenate([one.samples for one in sounds], axis=1), SR)
        found = speaker_embedding(whole, self.reader.speaker, self.reader.activity)
        assert found is not None
        return found


def read(path: Path) -> Audio:
    """Mono at 16 kHz."""
    return read_audio(path, sr=SR, mono=True)


def measured(
    source: str,
    target: str,
    path: Path,
    voice: Voice,
    known: dict[str, Embedding],
    listeners: Listeners,
) -> Conversion:
    """One recording, converted and judged."""
    sound = read(path)
    began = time.process_time()
    made = convert(sound, voice, listeners.reader)
    took_s = time.process_time() - began
    said = listeners.words(sound)
    spelt = [listeners.sphinx(one) for one in (sound, made)]
    by_sphinx = tuple(-1 if one is None else word_errors(said, one) for one in spelt)
    now = listeners.embedding([made])
    return Conversion(
        (source, target),
        len(said),
        word_errors(said, listeners.words(made)),
        (by_sphinx[0], by_sphinx[1]),
        likeness(now, known[target]),
        likeness(now, known[source]),
        sound.samples.shape[1] / SR,
        took_s,
        int((np.abs(made.samples) >= _CLIPPED).sum()),
        listened(made, sound, listeners.reader.pitch),
    )


def run(media: Path, count: int, *, sphinx: bool) -> list[Conversion]:
    """Every pair, with so many recordings each."""
    listeners = Listeners(sphinx=sphinx)
    files = {speaker: recordings(speaker, media) for speaker in _SEX}
    known = {
        speaker: listeners.embedding([read(path) for path in paths[-_MEASURED:]])
        for speaker, paths in files.items()
    }
    found = []
    for target in ("19", "27"):
        began = time.process_time()
        own = [path for path in files[target] if "train" in path.parts]
        voice = build_voice([read(path) for path in own[:_BUILT_FROM]], listeners.reader)
        spent_s = time.process_time() - began
        print(
            f"voice {target}: {voice.speech_s:.0f} s of speech, {spent_s:.0f} s of processor time"
        )
        for source in (one for one in _SEX if one != target):
            for path in _spoken(files[source], count):
                found.append(measured(source, target, path, voice, known, listeners))
                print(found[-1], flush=True)
    return found


def _spoken(paths: list[Path], count: int) -> list[Path]:
    """Recordings that went into no voice and no measure of a speaker, where there are enough."""
    later = paths[5 + _BUILT_FROM : -_MEASURED]
    return (later or paths)[:count]


def summary(found: list[Conversion]) -> tuple[list[Bar], dict[str, object]]:
    """The bars, and a row for each pair."""
    rows = _rows(found)
    named = {"-".join(pair): row for pair, row in rows.items()}
    return [*_bars_of_pairs(rows), *_bars_of_all(found)], {"pairs": named}


def _rows(found: Sequence[Conversion]) -> dict[tuple[str, str], dict[str, Any]]:
    """A row for each pair of speakers."""
    rows = {}
    for pair in sorted({one.pair for one in found}):
        some = [one for one in found if one.pair == pair]
        total = sum(one.words for one in some)
        rows[pair] = {
            "utterances": len(some),
            "words": total,
            "wer": 100 * sum(one.errors for one in some) / total,
            "sphinx_more": 100
            * sum(one.phone_errors[1] - one.phone_errors[0] for one in some)
            / total,
            "to_target": float(np.mean([one.to_target for one in some])),
            "to_source": float(np.mean([one.to_source for one in some])),
            "heard": mean_of([one.heard for one in some]),
        }
    return rows


def _bars_of_pairs(rows: Mapping[tuple[str, str], Mapping[str, Any]]) -> list[Bar]:
    """Words that change, and whose voice it is."""
    wer, more, likeness = (
        [float(row[name]) for row in rows.values()] for name in ("wer", "sphinx_more", "to_target")
    )
    gaps = {
        name: [
            row["to_target"] - row["to_source"]
            for pair, row in rows.items()
            if (_SEX[pair[0]] == _SEX[pair[1]]) == (name == "same")
        ]
        for name in ("same", "other")
    }
    return [
        Bar("words changed, mean of pairs (%)", float(np.mean(wer)), 4),
        Bar("words changed, worst pair (%)", max(wer), 8),
        Bar("PocketSphinx: more errors (%)", float(np.mean(more)), 12),
        Bar("likeness to target, mean", float(np.mean(likeness)), 0.87, ">="),
        Bar("likeness to target, worst pair", min(likeness), 0.84, ">="),
        Bar("target minus source, one sex", min(gaps["same"], default=np.nan), 0.15, ">="),
        Bar("target minus source, two sexes", min(gaps["other"], default=np.nan), 0.30, ">="),
    ]


def _bars_of_all(found: Sequence[Conversion]) -> list[Bar]:
    """Time, and what is heard beside the words."""
    return [
        Bar(
            "processor time per second",
            sum(o.took_s for o in found) / sum(o.seconds for o in found),
            0.3,
        ),
        Bar("clipped samples", sum(one.clipped for one in found), 0, "=="),
        Bar("clicks, more than in the recordings", _more_clicks(found), 0),
        Bar("louder or softer (dB), worst", max(abs(one.heard.level_db) for one in found), 1),
        Bar(
            "melody, correlation, mean", float(np.mean([o.heard.melody for o in found])), 0.9, ">="
        ),
        Bar("later or earlier (ms), worst", max(abs(one.heard.moved_ms) for one in found), 10),
        Bar("samples longer or shorter", max(abs(one.heard.longer) for one in found), 0, "=="),
    ]


def _more_clicks(found: Sequence[Conversion]) -> int:
    made, source = (sum(one.heard.clicks[k] for one in found) for k in (0, 1))
    return max(0, made - source)


def main() -> int:
    """Exit code 0 where every bar is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path, default=None)
    parser.add_argument("--utterances", type=int, default=10, help="of each pair, at most")
    parser.add_argument("--no-sphinx", dest="sphinx", action="store_false")
    given = parser.parse_args()
    found = run(given.media or media_dir(), given.utterances, sphinx=given.sphinx)
    return 0 if publish("voice", *summary(found)) else 1


if __name__ == "__main__":
    raise SystemExit(main())
