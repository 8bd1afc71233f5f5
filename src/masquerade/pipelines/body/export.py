"""A trained renderer of a body as an ONNX file for other programs, with the consent behind it."""

from __future__ import annotations

from pathlib import Path

from masquerade.models.trained.body import KEY, read_body
from masquerade.models.trained.body_graph import onnx_from_body
from masquerade.pipelines.source.export import Exported, check_export, digest_of, put_network
from masquerade.provenance.consent.model_consent import check_model, held


def export_body(
    model: Path, out: Path, *, overwrite: bool = False, home: Path | None = None
) -> Exported:
    """Writes the network of a trained renderer as ONNX, while the person's consent holds.

    One input, ``given`` (N, 10, S, S) float32 in [0, 1] of `masquerade.bodies.canvas`; one output
    (N, 7, S, S), what is to be moved and painted, of `masquerade.bodies.refine`.

    Args:
        model: As `masquerade train body` wrote it.
        out: Ends in ``.onnx``.
        overwrite: Replace `out` if it exists.
        home: The installation's folder.

    Raises:
        UsageError: `out` has another ending, or exists.
        ModelError: The file holds no trained renderer, or is damaged.
        ConsentError: Whoever it was trained on does not consent any more, or the file names another
            than the one whose record it holds.
        OutputError: It cannot be written.
    """
    check_export(out, overwrite=overwrite)
    digest = digest_of(model)
    file = read_body(model, sha256=digest)
    records = check_model(model, sha256=digest, home=home)
    held(model, file.about.consent, records)
    network = onnx_from_body(file.about.shape, file.weights)
    said = {KEY: file.about.model_dump_json()}
    return put_network(out, network, said, records, side=file.about.shape.side, home=home)
