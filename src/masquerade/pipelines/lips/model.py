"""A trained mouth, opened: its consent holds, and it draws the person who is seen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from masquerade.errors import ConsentError
from masquerade.faces.embed import distance
from masquerade.faces.mouth.shape import MouthSpace
from masquerade.hashing import input_sha256
from masquerade.models.trained.lips import TrainedLips, read_lips
from masquerade.provenance.consent.check import FACE_THRESHOLD
from masquerade.provenance.consent.model_consent import check_model
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.types import Embedding


@dataclass(frozen=True, slots=True)
class LipsModel:
    """A trained mouth.

    Attributes:
        name: Of its file.
        sha256: Of its file.
        network: Ready to be called.
        space: The shapes that it is told.
        identity: (128,) whose mouth it draws.
        records: It was trained under.
    """

    name: str
    sha256: str
    network: TrainedLips
    space: MouthSpace
    identity: Embedding
    records: tuple[ConsentRecord, ...]

    def check_person(self, seen: Embedding) -> None:
        """Passes when it draws the person who is seen.

        Raises:
            ConsentError: It is another person's mouth.
        """
        away = distance(self.identity, seen)
        if not away <= FACE_THRESHOLD:
            raise ConsentError(
                f"{self.name} draws the mouth of somebody else: their face lies {away:.2f} from"
                " the one in the video",
                f"the speaker's own, at most {FACE_THRESHOLD:.2f} away",
                "train one for them with `masquerade train lips`, or leave --model out",
            )


def open_lips(path: Path) -> LipsModel:
    """The trained mouth in a file, when everybody it was trained on still consents.

    Raises:
        InputError: It is damaged, or no trained mouth; a ModelError where it is the network.
        ConsentError: A record it was trained under does not hold, or it was changed.
    """
    digest = input_sha256(path, "a mouth as `masquerade train lips` wrote it")
    records = check_model(path, sha256=digest)
    file = read_lips(path, sha256=digest)
    known = file.space
    space = MouthSpace(
        known.mean, known.parts, known.least, known.most, float(known.closed[0]), known.rest
    )
    return LipsModel(path.name, digest, TrainedLips(file), space, file.identity, records)
