"""The model file that the training of a body's renderer ends in: weights, words, consent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import save_file

import masquerade
from masquerade.models.trained.body import KEY, BodyDescription
from masquerade.provenance.consent.model_consent import mark_model
from masquerade.train.body.job import BodyJob
from masquerade.train.body.network import BodyNetwork
from masquerade.train.body.trainer import Found
from masquerade.train.checkpoint import write_whole
from masquerade.train.swap.file import halved


@dataclass(frozen=True, slots=True)
class BodyProduct:
    """A model that was written.

    Attributes:
        path: The file.
        found: How good it is on moments it was never trained on.
    """

    path: Path
    found: Found

    def words(self) -> str:
        """Whether it draws the person better than the puppet alone."""
        drawn, puppet = self.found
        said = f"moments never trained on: DSSIM {drawn:.4f}, of the puppet without it {puppet:.4f}"
        if drawn < puppet:
            return said
        return f"{said}: it harms, leave it out or train it on with a larger --iterations"


def write_body(
    job: BodyJob,
    network: BodyNetwork,
    found: Found,
    *,
    iterations: int,
    metrics: Mapping[str, float],
) -> BodyProduct:
    """The model file, under the record of whoever is seen.

    Args:
        job: What was asked for.
        network: With the weights to be used.
        found: How good it is.
        iterations: It was trained for.
        metrics: Further figures that describe it.

    Raises:
        ConsentError: The record does not hold any more.
        OutputError: It cannot be written.
    """
    about = BodyDescription(
        shape=network.shape,
        source_sha256=job.source.sha256,
        moments=len(job.moments),
        consent=job.record.id,
        iterations=iterations,
        metrics={**metrics, "dssim_drawn": found.drawn, "dssim_puppet": found.puppet},
        made_by=f"Masquerade {masquerade.__version__}",
    )
    tensors = halved(network)

    def fill(fresh: Path) -> None:
        save_file(tensors, fresh, {KEY: about.model_dump_json()})
        mark_model(fresh, [job.record], name=job.out.name)
        fresh.chmod(0o600)  # it was learned from somebody

    write_whole(job.out, fill)
    return BodyProduct(job.out, found)
