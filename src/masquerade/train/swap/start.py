"""What a training begins with: the base that ships, a model that was trained before, or chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import torch
from numpy.typing import NDArray
from torch import Tensor

from masquerade.errors import ConsentError, UsageError
from masquerade.hashing import file_sha256
from masquerade.models.trained.swap import read_swap
from masquerade.models.trained.swap_base import is_base, read_base, shipped_base
from masquerade.models.trained.swap_shape import SwapShape
from masquerade.provenance.consent.check import check_unseen
from masquerade.provenance.consent.model_consent import check_model
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.train.collect.limits import METHOD
from masquerade.train.swap.base_mark import check_base

StartFrom: TypeAlias = Path | Literal["base", "none"]
CHANCE: Final = "weights begin with chance"


@dataclass(frozen=True, slots=True)
class Start:
    """Weights to begin with.

    Attributes:
        sha256: Of the file they are from; empty: the weights of chance are kept.
        weights: By name.
        name: Of that file.
        records: Of everybody whom it was trained on; none for a base.
    """

    sha256: str = ""
    weights: dict[str, Tensor] = field(default_factory=dict)
    name: str = ""
    records: tuple[ConsentRecord, ...] = ()

    def check_purpose(self, purpose: str) -> None:
        """Passes when everybody whom it was trained on consents to what is trained for now.

        Raises:
            ConsentError: Somebody's record does not cover it.
        """
        for record in self.records:
            try:
                check_unseen(record, modality="face", purpose=purpose, method=METHOD)
            except ConsentError as error:
                raise ConsentError(
                    f"{self.name} cannot be begun with: {error.found}",
                    error.expected,
                    "leave --start out, or begin with a model whose records cover it",
                ) from error


def start_of(
    wanted: StartFrom, shape: SwapShape, preset: str, *, tell: Callable[[str], None]
) -> Start:
    """Weights to begin with, as asked for.

    Args:
        wanted: A model or a base; ``base``: the one that ships, where its layout fits; ``none``.
        shape: Of the network that is to be trained.
        preset: Whose base is looked for.
        tell: Told, in a sentence, what the training begins with.

    Raises:
        UsageError: The file's network is of another layout.
        ModelError: The file is neither, or is damaged.
        ConsentError: Somebody whom the model was trained on does not consent any more; or it is a
            base that neither ships nor was learned here.
    """
    if wanted == "none":
        tell(f"{CHANCE}, as asked for")
        return Start()
    if isinstance(wanted, Path):
        known, held, digest, records = _read(wanted)
        if known != shape:
            raise UsageError(
                f"{wanted.name} is a network of {_words(known)}",
                f"one of {_words(shape)}, as --preset and --side say",
                "choose the preset it was trained with, or leave --start out",
            )
        tell(f"begins with {wanted.name}")
        return _begun(wanted, held, digest, records)
    path = shipped_base(preset)
    if path is None:
        tell(f"{CHANCE}: no base ships for {preset}")
        return Start()
    known, held = read_base(path)
    if known != shape:
        tell(f"{CHANCE}: the base that ships for {preset} is of {_words(known)}")
        return Start()
    tell(f"begins with the base that ships for {preset}; --start none begins with chance")
    return _begun(path, held, file_sha256(path))


def _words(shape: SwapShape) -> str:
    """Such as "64 px with 128 numbers a face that draws 128 px"."""
    return f"{shape.side} px with {shape.latent} numbers a face that draws {shape.drawn} px"


def _read(
    path: Path,
) -> tuple[SwapShape, dict[str, NDArray[Any]], str, tuple[ConsentRecord, ...]]:
    """Sizes and weights of a file that may be begun with, its SHA-256, and whom it has learned."""
    if is_base(path):
        digest = check_base(path)
        return *read_base(path), digest, ()
    digest = file_sha256(path)
    records = check_model(path, sha256=digest)
    file = read_swap(path, sha256=digest)
    return file.about.shape, file.weights, digest, records


def _begun(
    path: Path,
    held: dict[str, NDArray[Any]],
    digest: str,
    records: tuple[ConsentRecord, ...] = (),
) -> Start:
    """The start.

    Raises:
        ConsentError: The file is not the one that was checked.
    """
    if file_sha256(path) != digest:
        raise ConsentError(
            f"{path.name} was changed while it was read",
            "the same file all through",
            "leave it alone while a training begins, and begin again",
        )
    weights = {name: torch.tensor(one).float() for name, one in held.items()}
    return Start(digest, weights, path.name, records)
