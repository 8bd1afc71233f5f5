"""A trained swap as an ONNX file for other programs: the network, and whose consent it rests on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from masquerade.errors import GivenModelError, UsageError
from masquerade.hashing import file_sha256
from masquerade.models.onnx_file import with_words
from masquerade.models.trained.swap import KEY, read_swap
from masquerade.models.trained.swap_graph import onnx_from_swap
from masquerade.pipelines.report_file import check_no_link, put
from masquerade.provenance.consent.model_consent import check_model, held, remember
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.consent.revocation import EXPORTED


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    Attributes:
        path: The ONNX file.
        side: Width and height of its pictures in pixels.
        size_bytes: Of the file.
        consents: Ids of the records that it was trained under.
    """

    path: Path
    side: int
    size_bytes: int
    consents: tuple[str, ...]


def export_swap(
    model: Path, out: Path, *, overwrite: bool = False, home: Path | None = None
) -> Exported:
    """Writes the network of a trained swap as ONNX, while the consent of both people holds.

    One input, ``pictures`` (N, 3, S, S) float32 RGB in [0, 1] on the map of a face; one output
    (N, 4, D, D) in [0, 1], the source's face with each one's expression, and where it shows; D is
    S or twice as much. The file's metadata hold the model's description and the signed statement of
    consent; the ledger gets a row, so that revoking a record names this file too.

    Args:
        model: As `masquerade train swap` wrote it.
        out: Ends in ``.onnx``.
        overwrite: Replace `out` if it exists.
        home: The installation's folder.

    Raises:
        UsageError: `out` has another ending, exists, or its folder does not.
        GivenModelError: The file holds no trained swap, or is damaged.
        ConsentError: Somebody whom it was trained on does not consent any more, or the file names
            others than those whose records it holds.
        OutputError: It cannot be written.
    """
    check_export(out, overwrite=overwrite)
    digest = digest_of(model)
    file = read_swap(model, sha256=digest)
    records = check_model(model, sha256=digest, home=home)
    for side in (file.about.source, file.about.target):
        held(model, side.consent, records)
    network = onnx_from_swap(file.about.shape, file.weights)
    said = {KEY: file.about.model_dump_json()}
    return put_network(out, network, said, records, side=file.about.shape.side, home=home)


def digest_of(model: Path) -> str:
    """SHA-256 of a model's file.

    Raises:
        GivenModelError: It cannot be read.
    """
    try:
        return file_sha256(model)
    except OSError as error:
        raise GivenModelError(
            f"the model cannot be read: {model} ({error.strerror})",
            "a model as `masquerade train` wrote it",
            "check the name",
        ) from error


def put_network(
    out: Path,
    network: bytes,
    said: Mapping[str, str],
    records: Sequence[ConsentRecord],
    *,
    side: int,
    home: Path | None = None,
) -> Exported:
    """Writes a network as ONNX with the signed statement of consent; the ledger gets a row.

    Args:
        out: Where to.
        network: The ONNX file's bytes.
        said: Words on what it is.
        records: It was trained under, each of which holds.
        side: Width and height of its pictures in pixels.
        home: The installation's folder.

    Raises:
        ConsentError: A record does not hold any more.
        OutputError: It cannot be written.
    """
    statement = remember(
        records,
        name=out.name,
        weights_sha256=hashlib.sha256(network).hexdigest(),
        words=said,
        home=home,
    )
    data = with_words(network, {**said, **statement})
    put(out, data)
    return Exported(out, side, len(data), tuple(record.id for record in records))


def check_export(out: Path, *, overwrite: bool) -> None:
    """Passes when a network may be written to a file.

    Raises:
        UsageError: It has another ending, exists, or is a link.
    """
    if out.suffix.lower() != EXPORTED:
        raise UsageError(f"{out} is to hold a network", f"a name that ends in {EXPORTED}")
    check_no_link(out)
    if out.exists() and not overwrite:
        raise UsageError(f"{out} exists", "a new file", "choose another name, or add --overwrite")
