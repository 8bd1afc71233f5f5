"""Makes the voices that nobody has, of the personas in ``src/masquerade/personas``.

Each voice of ``scripts/persona_voices.toml`` is the made-up narrator's with another pitch, throat
and breath. What ships is the recipe, the proof and a signed record; the voice itself is made from
them where it is used (`masquerade personas voice`). Run it with folders of recordings of real
people, whose files are named ``SPEAKER-...`` or lie in a folder for each speaker::

    python scripts/make_persona_voices.py --compare DIR... [--alone DIR...] [--cache DIR]

A voice must be farther than `FARTHEST_SAME` from every real voice and from every other one, or
nothing is written. The records are signed with a key that is made for this run and thrown away;
its public part goes into ``provenance/consent/persona_keys.txt``, beside that of the faces'.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from masquerade import __version__
from masquerade.errors import MasqueradeError
from masquerade.media.audio import read_audio
from masquerade.models.card import card
from masquerade.models.text_to_speech import CARD as NARRATOR
from masquerade.personas import VoiceRecipe, reading
from masquerade.pipelines.voice.persona import speak_recipe
from masquerade.provenance.canonical import canonical_bytes, sha256_hex
from masquerade.provenance.consent.check import VOICE_THRESHOLD
from masquerade.provenance.consent.heard_voice import HeardVoice
from masquerade.provenance.consent.measured_voice import voices_of
from masquerade.provenance.consent.records import MadeVoiceProof, new_record
from masquerade.provenance.consent.voice_reader import VoiceReader, apart, voice_network
from masquerade.provenance.consent.voices_apart import MeasuredVoice
from masquerade.provenance.keys import new_key
from masquerade.speech.mono import SR
from masquerade.speech.readers import SpeechReader
from masquerade.speech.voice import said_by
from masquerade.types import Embedding
from scripts.persona_maker.keys import write_keys

ROOT: Final = Path(__file__).resolve().parents[1]
RECIPES: Final = ROOT / "scripts" / "persona_voices.toml"
FARTHEST_SAME: Final = VOICE_THRESHOLD
YEARS: Final = 9.9  # a record may last ten
_LEAST_S: Final = 1.6  # of speech, the shortest that is measured: one look of the network
_MOST_S: Final = 60.0
_FILES: Final = 6  # of a speaker
_SOUND: Final = {".flac", ".wav", ".mpg", ".mp4"}


@dataclass(frozen=True, slots=True)
class Made:
    """A voice as it came of its recipe: what is said of it, and whose voice it is."""

    name: str
    sounds: str
    steps: dict[str, Any]
    voice: MeasuredVoice


def real_voices(
    folders: Sequence[Path], alone: Sequence[Path], reader: VoiceReader
) -> dict[str, Embedding]:
    """Everybody in the folders; in those of `alone` each file is somebody else."""
    files: dict[str, list[Path]] = {}
    for folder in (*folders, *alone):
        for path in sorted(one for one in folder.rglob("*") if one.suffix.lower() in _SOUND):
            own = path.stem if folder in alone else _speaker(path, folder)
            files.setdefault(own, []).append(path)
    found = {}
    for speaker, paths in files.items():
        parts = [reader.speech(read_audio(one, sr=SR, mono=True)) for one in paths[:_FILES]]
        speech = np.concatenate(parts)[: round(_MOST_S * SR)]
        if len(speech) >= _LEAST_S * SR:
            found[speaker] = reader.embedding(speech)
    return found


def _speaker(path: Path, folder: Path) -> str:
    within = path.relative_to(folder).parts
    return within[0].rpartition("_")[2] if len(within) > 1 else path.stem.partition("-")[0]


def make(name: str, listed: Mapping[str, Any], reader: SpeechReader, cache: Path | None) -> Made:
    """The voice of one entry of the recipes, kept in a folder between runs where one is named."""
    text = reading()
    steps: dict[str, Any] = {
        "maker": "scripts/make_persona_voices.py 1",
        "narrator": {"name": NARRATOR, "sha256": card(NARRATOR).sha256},
        "text_sha256": sha256_hex(text.encode()),
        "design": listed["design"],
    }
    recipe = VoiceRecipe(
        persona=name,
        sounds=listed["sounds"],
        text=text,
        text_sha256=steps["text_sha256"],
        narrator_sha256=steps["narrator"]["sha256"],
        design=listed["design"],
        nearest_real_voice=0.0,
        compared_real_voices=0,
        nearest_persona_voice=0.0,
    )
    digest = sha256_hex(canonical_bytes(steps))
    kept = cache / f"{digest}.npz" if cache else None
    if kept and kept.exists():
        with np.load(kept, allow_pickle=False) as stored:
            voice = MeasuredVoice(stored["embedding"], float(stored["speech_s"]), 1.0)
        return Made(name, listed["sounds"], steps, voice)
    says = said_by(speak_recipe(recipe, reader))
    measure = VoiceReader(reader.speaker, reader.activity)
    found = voices_of(measure.speech(says), measure)
    if len(found) != 1:
        raise MasqueradeError(f"{len(found)} voices are heard in that of {name}", "one")
    if kept:
        np.savez(kept, embedding=found[0].embedding, speech_s=found[0].speech_s)
    return Made(name, listed["sounds"], steps, found[0])


def proof_of(one: Made, all_made: Sequence[Made], real: Mapping[str, Embedding]) -> dict[str, Any]:
    """The proof as it is stored."""
    mine = one.voice.embedding
    nearest = min(real, key=lambda name: apart(mine, real[name]))
    others = {
        two.name: round(apart(mine, two.voice.embedding), 4) for two in all_made if two is not one
    }
    return {
        "name": one.name,
        "sounds": one.sounds,
        "made": f"{datetime.now(UTC):%Y-%m-%d}",
        "version": __version__,
        "recipe_sha256": sha256_hex(canonical_bytes(one.steps)),
        "nearest_real_voice": round(apart(mine, real[nearest]), 4),
        "compared_real_voices": len(real),
        "nearest_must_exceed": FARTHEST_SAME,
        "speaker_network": {"name": "speaker", "sha256": voice_network()},
        "other_personas": others,
        "recipe": one.steps,
    }


def write_all(all_made: Sequence[Made], real: Mapping[str, Embedding]) -> None:
    """Writes proofs and records into the package, and adds the key's public part."""
    key, package = new_key(), ROOT / "src" / "masquerade"
    for one in all_made:
        proof, folder = proof_of(one, all_made, real), package / "personas" / one.name
        heard = HeardVoice(
            np.round(one.voice.embedding, 6),
            voice_network(),
            proof["recipe_sha256"],
            one.voice.speech_s,
        )
        record = new_record(
            kind="persona",
            subject=f"{one.name} (a person who does not exist)",
            grantee="anyone",
            purposes=("any",),
            voices=(heard,),
            valid_until=datetime.now(UTC) + timedelta(days=365.25 * YEARS),
            adult_attested=True,
            media=("video", "still", "animation", "audio"),
            voice_proof=MadeVoiceProof(
                recipe_sha256=proof["recipe_sha256"],
                nearest_distance=proof["nearest_real_voice"],
                compared_voices=len(real),
            ),
            key=key,
        )
        text = json.dumps(proof, indent=1, ensure_ascii=False)
        (folder / "voice.json").write_text(text + "\n", encoding="utf-8")
        (folder / "voice.consent").write_text(record.text(), encoding="utf-8")
    write_keys(package)


def main(arguments: Sequence[str] | None = None) -> int:
    """Makes the voices; 1 when one of them is too near to a real one, or to another."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--compare", type=Path, nargs="+", default=[], help="real people")
    parser.add_argument("--alone", type=Path, nargs="*", default=[], help="somebody else a file")
    parser.add_argument("--cache", type=Path, help="a folder that keeps voices between runs")
    given = parser.parse_args(arguments)
    reader = SpeechReader.open()
    real = real_voices(given.compare, given.alone, VoiceReader(reader.speaker, reader.activity))
    made = []
    for name, listed in tomllib.loads(RECIPES.read_text(encoding="utf-8")).items():
        made.append(make(name, listed, reader, given.cache))
        proof = proof_of(made[-1], made, real)
        print(f"{name}: nearest real voice {proof['nearest_real_voice']}", flush=True)
    between = {
        (a.name, b.name): apart(a.voice.embedding, b.voice.embedding)
        for a, b in combinations(made, 2)
    }
    print("between them:", {pair: round(far, 3) for pair, far in between.items()}, flush=True)
    least = min(min(proof_of(one, made, real)["nearest_real_voice"] for one in made),
                min(between.values(), default=2.0))  # fmt: skip
    if least <= FARTHEST_SAME:
        print(f"nothing is written: {least:.3f} is not more than {FARTHEST_SAME}")
        return 1
    write_all(made, real)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except MasqueradeError as error:
        sys.exit(str(error))
