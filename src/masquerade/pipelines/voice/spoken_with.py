"""A voice that is spoken with: opened when its consent holds, named in the draft that uses it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from masquerade.errors import InputError, UsageError
from masquerade.hashing import file_sha256
from masquerade.provenance.consent.model_consent import check_model
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.consent.records import load
from masquerade.speech.voice_file import ENDING, VoiceFile, is_voice_file, read_voice
from masquerade.types import IdentityUse, InputUse


@dataclass(frozen=True, slots=True)
class SpokenWith:
    """A voice that may be used.

    Attributes:
        path: Its file.
        file: What it holds.
        sha256: Of the file.
        record: The first that was given, else the one it was built under.
        records: All that were given or are carried.
    """

    path: Path
    file: VoiceFile
    sha256: str
    record: ConsentRecord
    records: tuple[ConsentRecord, ...]

    def use(self) -> IdentityUse:
        """The voice as what a draft lends."""
        embedding = self.file.voice.embedding
        return IdentityUse("source", "voice", embedding, self.sha256, self.record.id)

    def input(self) -> InputUse:
        """The file as an input of a draft."""
        return InputUse("source", self.path.name, self.sha256, self.path)


def open_voice(voice: Path, consents: Sequence[Path]) -> SpokenWith:
    """A voice, when its consent still holds.

    Args:
        voice: An ``.mvoice`` file.
        consents: Records that are given besides those it carries.

    Raises:
        UsageError: It is another file.
        ConsentError: It carries no consent that holds.
        InputError: It is damaged.
    """
    if not is_voice_file(voice):
        raise UsageError(f"{voice.name} is no voice", f"a file that ends in {ENDING}")
    try:
        digest = file_sha256(voice)
    except OSError as error:
        raise InputError(
            f"{voice} cannot be read: {error.strerror}",
            f"a voice, as a file that ends in {ENDING}",
            "check the name, or make one: `masquerade voice build --help`, or without anybody's"
            " voice `masquerade personas voice --help`",
        ) from error
    given = tuple(map(load, consents))
    carried = check_model(voice, sha256=digest)
    file = read_voice(voice, sha256=digest)
    own = next((one for one in carried if one.id == file.about.consent), carried[0])
    records = {one.id: one for one in (*given, *carried)}
    return SpokenWith(voice, file, digest, given[0] if given else own, tuple(records.values()))
