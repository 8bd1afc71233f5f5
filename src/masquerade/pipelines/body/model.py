"""A trained renderer of a body, opened: its consent holds, and it is of the person who is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from masquerade.errors import ConsentError
from masquerade.models.trained.body import TrainedBody, read_body
from masquerade.pipelines.source.export import digest_of
from masquerade.provenance.consent.check import check_face
from masquerade.provenance.consent.model_consent import check_model, held
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.types import Embedding


@dataclass(frozen=True, slots=True)
class BodyModel:
    """A trained renderer.

    Attributes:
        name: Of its file.
        sha256: Of its file.
        network: Ready to be called.
        record: Of the person it was trained on.
        helps: Whether it came nearer to moments it was never trained on than their puppets.
    """

    name: str
    sha256: str
    network: TrainedBody
    record: ConsentRecord
    helps: bool

    def notes(self) -> Iterator[str]:
        """What the user should know of it, in sentences."""
        yield f"{self.name}: mends what is drawn, but for face and hair"
        if not self.helps:
            yield (
                f"{self.name} came no nearer to moments it was never trained on than their pictures"
                " alone: leave it out, or train it on"
            )

    def check_person(self, lent: Sequence[Embedding]) -> None:
        """Passes when it was trained on the person whose pictures are shown, under this consent.

        Args:
            lent: (128,) the faces above the bodies that are shown, as measured now.

        Raises:
            ConsentError: It is another person's, or its record does not cover the body.
        """
        if "body" not in self.record.modality:
            raise ConsentError(
                f"consent {self.record.id}, which {self.name} carries, does not cover the body",
                "a model trained under a record that does",
            )
        for face in lent:
            try:
                check_face(self.record, face)
            except ConsentError as error:
                raise ConsentError(
                    f"{self.name} was trained on somebody else ({self.record.subject}):"
                    f" {error.found}",
                    error.expected,
                    "train one of this person with `masquerade train body`, or leave --model out",
                ) from error


def open_body(path: Path) -> BodyModel:
    """The trained renderer in a file, when the person it was trained on still consents.

    Raises:
        InputError: It is damaged, or no trained renderer; a ModelError where it is the network, or
            where there is no such file.
        ConsentError: A record it was trained under does not hold, or the file was changed.
    """
    digest = digest_of(path)
    records = check_model(path, sha256=digest)
    file = read_body(path, sha256=digest)
    record = held(path, file.about.consent, records)
    metrics = file.about.metrics
    helps = metrics.get("dssim_drawn", 1.0) < metrics.get("dssim_puppet", 0.0)
    return BodyModel(path.name, digest, TrainedBody(file), record, helps)
