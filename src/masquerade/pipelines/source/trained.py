"""A model as the source of a swap: what it shows is measured, its consent is its own."""

from __future__ import annotations

from pathlib import Path

from masquerade.errors import ConsentError
from masquerade.faces.appearance.file import is_appearance, read_appearance
from masquerade.faces.embed import distance
from masquerade.faces.portrait import identity
from masquerade.faces.readers import FaceReader
from masquerade.hashing import file_sha256
from masquerade.models.trained.swap import read_swap
from masquerade.provenance.consent.bound_face import open_face
from masquerade.provenance.consent.check import FACE_THRESHOLD
from masquerade.provenance.consent.model_consent import check_model, held
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.model_pictures import drawn_by
from masquerade.types import Embedding, InputUse, SourcePicture


def read_trained(path: Path, reader: FaceReader) -> SourcePicture:
    """The source as a model draws them: one picture, with the mean identity of several.

    Args:
        path: A model that `masquerade train swap` or `masquerade source build` wrote.
        reader: The loaded face networks.

    Raises:
        ConsentError: A record it was made under does not hold, or it does not draw that person yet.
        InputError: It is damaged, or of another layout.
    """
    use = InputUse("source", path.name, file_sha256(path), path)
    check_model(path, sha256=use.sha256)
    drawn = drawn_by(path, sha256=use.sha256)
    shown = identity(drawn, reader)
    if not is_appearance(path):
        _check_drawn(path, shown)
    return SourcePicture(drawn[0].pixels, drawn[0].face, shown, use)


def _check_drawn(path: Path, shown: Embedding) -> None:
    """Passes when a network draws its source, as the gates will ask again of whoever uses it.

    Raises:
        ConsentError: It does not.
    """
    record = record_of_source(path)
    nearest = min(distance(shown, open_face(face, record.id)) for face in record.faces)
    if not nearest <= FACE_THRESHOLD:
        done = read_swap(path).about.iterations
        raise ConsentError(
            f"{path.name} does not draw {record.subject} yet: after {done:,}"
            f" iteration{'s' * (done != 1)} the face it shows lies {nearest:.2f} from that of"
            f" consent {record.id}",
            f"at most {FACE_THRESHOLD:.2f}",
            "train it on: the same `masquerade train swap` goes on, with a larger --iterations"
            " where it was through; more and sharper faces of the source help too",
        )


def record_of_source(path: Path) -> ConsentRecord:
    """The record of the person whom a model shows.

    Raises:
        ConsentError: It has none, or one of its records does not hold.
        InputError: It is damaged, or of another layout; a ModelError where it is a network.
    """
    records = check_model(path)
    if is_appearance(path):
        wanted = read_appearance(path).about.consent
    else:
        wanted = read_swap(path).about.source.consent
    return held(path, wanted, records)
