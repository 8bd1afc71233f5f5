"""A voice built from recordings of a person, under their consent, as a file."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import masquerade
from masquerade.errors import InputError, MediaError, UsageError
from masquerade.hashing import BlockHashes, block_hashes
from masquerade.media.audio import read_audio
from masquerade.media.endings import check_folder
from masquerade.pipelines.report_file import fill
from masquerade.pipelines.voice.sound_input import find_speech, open_sound
from masquerade.provenance.consent.measured_voice import voices_in
from masquerade.provenance.consent.model_voice import mark_voice_model
from masquerade.provenance.consent.record import ANY, ConsentRecord
from masquerade.provenance.consent.records import load_lender
from masquerade.provenance.consent.voice_reader import LEAST_SPEECH_S, VoiceReader
from masquerade.provenance.gates import consent_guardian, consent_voices, inputs_unchanged
from masquerade.provenance.gates.gate import Request
from masquerade.speech.mono import SR
from masquerade.speech.readers import SpeechReader
from masquerade.speech.voice import Voice, said_by
from masquerade.speech.voice_build import WARN_S, build_voice
from masquerade.speech.voice_file import ENDING, About, VoiceFile, read_voice, write_voice
from masquerade.telling import Progress, no_progress
from masquerade.types import Draft, DraftSound, IdentityUse, InputUse, Recipe

METHOD: Final = "voice_convert"
_MOST_CLIPPED: Final = 0.02
_GATES: Final = (inputs_unchanged.GATE, consent_voices.GATE, consent_guardian.GATE)


@dataclass(frozen=True, slots=True)
class BuiltVoice:
    """What was built.

    Attributes:
        out: The file.
        file: What it holds.
        made_of: What its speech was, in words.
        distance: Of the voice that it speaks with to that of the consent record.
        notes: What the user should know, in sentences.
        took_s: Seconds it took, reading included.
    """

    out: Path
    file: VoiceFile
    made_of: str
    distance: float
    notes: tuple[str, ...]
    took_s: float

    def lines(self) -> list[str]:
        """The account in plain words."""
        about = self.file.about
        return [
            f"{self.out}: built in {self.took_s:.1f} s from {self.file.voice.speech_s:.0f} s of"
            f" speech in {self.made_of}; {self.file.size_bytes / 1e6:.1f} MB",
            f"built under consent {about.consent} by {about.made_by}",
            f"the voice it speaks with is {max(0.0, self.distance):.2f} from that of the record",
            *(f"note: {words}" for words in self.notes),
        ]

    def as_json(self) -> dict[str, object]:
        """The account for programs."""
        about = self.file.about
        return {
            "out": str(self.out),
            "speech_s": round(self.file.voice.speech_s, 1),
            "bytes": self.file.size_bytes,
            "consent": about.consent,
            "made_by": about.made_by,
            "inputs": list(about.inputs),
            "distance": round(self.distance, 4),
            "notes": list(self.notes),
            "seconds": round(self.took_s, 2),
        }


def make_voice(
    paths: Sequence[Path],
    out: Path,
    consents: Sequence[Path],
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> BuiltVoice:
    """A voice of one person, as a file that carries their consent.

    Everybody who speaks in the recordings is measured and has to be the person of the record; so
    has the voice that comes of them.

    Args:
        paths: Recordings, or videos with sound.
        out: Where it goes; ends in ``.mvoice``.
        consents: The one record that covers the voice.
        overwrite: Replace it if it exists.
        progress: Told (what, done, in all).

    Raises:
        UsageError: The request makes no sense.
        RefusedError: Consent or a policy gate says no.
        InputError: A recording is of no use, or there is too little speech.
        OutputError: It cannot be written.
    """
    began, say = time.monotonic(), progress or no_progress
    check_new_voice(out, overwrite=overwrite)
    if not paths:
        raise UsageError("no recording is given", "minutes of one person's speech")
    record = load_lender(consents, lent="voice")
    known = [_hashed(path) for path in paths]
    inputs = tuple(
        InputUse("driving", path.name, one.sha256, path)
        for path, one in zip(paths, known, strict=True)
    )
    say("checking consent and policy", 0, None)
    reader = SpeechReader.open(progress=progress)
    notes = [note for path in paths for note in _looked_at(path, reader, say)]
    _pass_gates(inputs, record, say)
    sounds = [
        read_audio(path, sr=SR, mono=True, on_damage=notes.append, known=one)
        for path, one in zip(paths, known, strict=True)
    ]
    voice = build_voice(sounds, reader, progress=progress)
    if voice.speech_s < WARN_S:
        notes.append(
            f"{voice.speech_s:.0f} s of speech are few: words will be lost; {WARN_S:.0f} s are"
            " usable, 300 s good"
        )
    about = About(
        made_by=f"Masquerade {masquerade.__version__}",
        consent=record.id,
        inputs=tuple(dict.fromkeys(one.sha256 for one in inputs)),
    )
    file, distance = save_voice(out, voice, about, record, reader)
    made_of = f"{len(about.inputs)} recordings"
    return BuiltVoice(out, file, made_of, distance, tuple(notes), time.monotonic() - began)


def _looked_at(path: Path, reader: SpeechReader, say: Progress) -> list[str]:
    """What is wrong with a recording, in sentences, where somebody speaks in it.

    Raises:
        MediaError: It is no sound, nobody speaks in it, or it is overdriven.
    """
    sound = open_sound(path)
    speech = find_speech(sound, reader.activity, least_s=LEAST_SPEECH_S, progress=say)
    if speech.clipped > _MOST_CLIPPED:
        raise MediaError(
            f"{path.name} is overdriven: {speech.clipped:.0%} of its samples are cut off",
            f"at most {_MOST_CLIPPED:.0%}",
            "record it again with less gain, or leave it out",
        )
    return [f"{path.name}: {note}" for note in (*sound.notes, *speech.notes)]


def save_voice(
    out: Path, voice: Voice, about: About, record: ConsentRecord, reader: SpeechReader
) -> tuple[VoiceFile, float]:
    """The file as written, and how far the voice it speaks with is from that of the record.

    Raises:
        ConsentError: It is another voice, or the record is not in force.
        OutputError: It cannot be written.
    """
    apart: list[float] = []

    def write(fresh: Path) -> None:
        write_voice(fresh, voice, about)
        says = said_by(voice).samples[0]
        measured = VoiceReader(reader.speaker, reader.activity)
        apart.append(mark_voice_model(fresh, record, says, measured, name=out.name))
        fresh.chmod(0o600)  # it is somebody's voice

    fill(out, write)
    return read_voice(out), apart[0]


def _hashed(path: Path) -> BlockHashes:
    try:
        return block_hashes(path)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}", "a recording", "check the name"
        ) from error


def check_new_voice(out: Path, *, overwrite: bool) -> None:
    """Passes when a voice can be written there.

    Raises:
        UsageError: It is no name of a voice, there is no such folder, or a file is there.
    """
    check_folder(out)
    if out.suffix.lower() != ENDING:
        raise UsageError(f"{out} is to hold a voice", f"a name that ends in {ENDING}")
    if out.exists() and not overwrite:
        raise UsageError(f"{out} exists", "a new file", "choose another name, or add --overwrite")


def _pass_gates(
    inputs: tuple[InputUse, ...],
    record: ConsentRecord,
    progress: Progress,
) -> None:
    """Passes when everybody who speaks in the recordings is the person of the record.

    Raises:
        RefusedError: Somebody is not, or a gate closed.
    """
    uses = []
    for item in inputs:
        assert item.path is not None  # `make_voice` has just named it
        for heard in voices_in(item.path, item.sha256, progress)[:1]:
            embedding = heard.embedding
            uses.append(IdentityUse("driving", "voice", embedding, item.sha256, record.id))
    draft = Draft(
        recipe=Recipe(METHOD, masquerade.__version__, "{}", (), inputs),
        uses=tuple(uses),
        target=inputs[0].path or Path(inputs[0].name),
        kind="sound",
        segments=iter(()),
        sound=DraftSound(SR, 1, iter(())),
    )
    purpose = "" if record.purposes[0] == ANY else record.purposes[0]
    request = Request(draft, (record,), purpose)
    for gate in _GATES:
        if gate.check is not None:
            gate.check(request)
