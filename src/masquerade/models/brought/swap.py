"""A network that a user brings, and that puts a source's face into a crop of the target."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import GivenModelError
from masquerade.models.brought.card import Latent, SwapCard, beside
from masquerade.models.brought.check import check_swap
from masquerade.models.brought.found import Brought, read_verified
from masquerade.models.brought.session import BroughtSession
from masquerade.models.onnx_reader import OnnxFile, read_onnx
from masquerade.types import RGB, Mask

Floats: TypeAlias = NDArray[np.float32]
_MAX_MATRIX_BYTES: Final = 64_000_000


class SwapNetwork:
    """The network that puts a source's face into a crop of the target.

    Args:
        session: The opened network.
        card: Its card.
        batched: Whether it takes several faces in one call.
        matrix: (d, d) the emap; None where the rule wants none.
        latent_shape: Of one face's latent; None where the file does not say.
    """

    def __init__(
        self,
        session: BroughtSession,
        card: SwapCard,
        *,
        batched: bool,
        matrix: Floats | None,
        latent_shape: tuple[int, ...] | None,
    ) -> None:
        self.card, self.batched, self._session = card, batched, session
        self._matrix, self._latent_shape = matrix, latent_shape

    @classmethod
    def open(cls, one: Brought, *, device: str = "cpu", threads: int = 1) -> Self:
        """The network of a card of role ``swap``.

        Raises:
            GivenModelError: The file is not the card's or the contract's, or cannot be opened.
        """
        assert isinstance(one.card, SwapCard)
        data = one.content()
        file = read_onnx(data, name=one.file.name)
        contract = check_swap(one.card, file, one.file.name)
        matrix = _matrix(one, one.card.latent, file)
        session = BroughtSession(one.file.name, data, device=device, threads=threads)
        return cls(
            session,
            one.card,
            batched=contract.batched,
            matrix=matrix,
            latent_shape=contract.latent_shape,
        )

    def latent(self, embeddings: Floats) -> Floats:
        """What the network is told of a source, by the card's rule.

        Args:
            embeddings: (n, d) of the pictures of one person, as their network gives them.

        Raises:
            GivenModelError: They are not as long as the network or its matrix wants.
        """
        rule = self.card.latent.rule
        if rule == "plain":
            latent = embeddings.mean(axis=0)
        else:
            latent = _unit(np.mean([_unit(one) for one in embeddings], axis=0))
        if self._matrix is not None:
            if len(latent) != self._matrix.shape[0]:
                raise GivenModelError(
                    f"the embedding network gives {len(latent)} numbers",
                    f"{self._matrix.shape[0]}, which the matrix {self.card.latent.emap!r} takes",
                    "name the embedding network that this swap network was trained with",
                )
            latent = _unit(latent @ self._matrix)
        if self._latent_shape is not None and len(latent) != np.prod(self._latent_shape):
            raise GivenModelError(
                f"the latent has {len(latent)} numbers",
                f"{np.prod(self._latent_shape)}, which {self._session.name} takes",
                "name the embedding network that this swap network was trained with",
            )
        return np.asarray(latent, np.float32).reshape(self._latent_shape or (-1,))

    def __call__(self, targets: Sequence[RGB], latents: Sequence[Floats]) -> list[Swapped]:
        """The new faces, one for each crop of the target.

        Args:
            targets: (size_px, size_px, 3) uint8 RGB each.
            latents: What stands for each one's source, as `latent` or the picture's tensor.

        Raises:
            GivenModelError: The network fails, takes too long, or gives something else.
        """
        together = len(targets) if self.batched else 1
        made: list[Swapped] = []
        for at in range(0, len(targets), together):
            part = slice(at, at + together)
            made += self._swapped(np.stack(targets[part]), np.stack(latents[part]))
        return made

    def rehearse(self, target: RGB, latent: Floats) -> None:
        """Passes when the network does with one crop what its card says.

        Args:
            target: (size_px, size_px, 3) uint8 RGB, a face.
            latent: What stands for a source.

        Raises:
            GivenModelError: Its values are not in the range that the card states, or it gives the
                same picture whatever the source is: then nobody could say whose face it shows.
        """
        raw, changed = (self._run(target[None], one[None])[0] for one in (latent, -latent))
        low, high = self.card.result.low, self.card.result.high
        span = high - low
        beyond = float(np.mean((raw < low - 0.1 * span) | (raw > high + 0.1 * span)))
        flat = float(np.percentile(raw, 99) - np.percentile(raw, 1)) < 0.02 * span
        if beyond > 0.05 or flat:
            raise GivenModelError(
                f"{self._session.name} gives values from {raw.min():.3g} to {raw.max():.3g}",
                f"a picture in the range from {low:g} to {high:g}, as its card says",
                "correct low and high under [result] in the card, or mean and std under [target]",
            )
        if float(np.abs(raw - changed).mean()) < 0.5 / 255 * span:
            raise GivenModelError(
                f"{self._session.name} gives the same face whatever the source is",
                "a network that takes its face from the source, whose consent can be checked",
                "check the latent's input and rule in the card",
            )

    def _swapped(self, targets: NDArray[np.uint8], latents: Floats) -> list[Swapped]:
        outputs = self._run(targets, latents)
        result = self.card.result
        pictures = outputs[0] if result.layout == "NHWC" else outputs[0].transpose(0, 2, 3, 1)
        if result.colour == "BGR":
            pictures = pictures[..., ::-1]
        scale = np.float32(255 / (result.high - result.low))
        pixels = np.clip(np.rint((pictures - np.float32(result.low)) * scale), 0, 255)
        masks: list[Mask | None] = [None] * len(targets)
        if result.mask:
            side = pixels.shape[1]
            masks = [np.clip(one.reshape(side, side), 0, 1) for one in outputs[1]]
        faces = np.ascontiguousarray(pixels.astype(np.uint8))
        return [Swapped(face, mask) for face, mask in zip(faces, masks, strict=True)]

    def _run(self, targets: NDArray[np.uint8], latents: Floats) -> list[Floats]:
        card, count = self.card, len(targets)
        inputs = {card.target.input: card.target.tensor(targets), card.latent.input: latents}
        wanted = [card.result.output, *([card.result.mask] if card.result.mask else [])]
        outputs = self._session(inputs, wanted)
        made = outputs[0].shape
        side = made[-1] if card.result.layout == "NCHW" else made[1] if len(made) == 4 else 0
        due = (count, 3, side, side) if card.result.layout == "NCHW" else (count, side, side, 3)
        if made != due or side < 32:
            raise self._misshapen(card.result.output, made, f"({count}, 3, n, n) or the other way")
        if len(outputs) > 1 and outputs[1].size != count * side * side:
            raise self._misshapen(
                card.result.mask, outputs[1].shape, f"({count}, 1, {side}, {side})"
            )
        return outputs

    def _misshapen(self, output: str, shape: tuple[int, ...], due: str) -> GivenModelError:
        return GivenModelError(
            f"{self._session.name} gives {output!r} of shape {shape}",
            f"{due}, in the layout {self.card.result.layout}, as its card says",
            "correct output, mask or layout under [result] in the card",
        )


@dataclass(frozen=True, slots=True)
class Swapped:
    """A new face as the network gave it.

    Attributes:
        pixels: (n, n, 3) uint8 RGB.
        mask: (n, n) float32 in [0, 1], where the network says it is; None where it says nothing.
    """

    pixels: RGB
    mask: Mask | None


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), np.float32)


def _matrix(one: Brought, latent: Latent, file: OnnxFile) -> Floats | None:
    """The emap: a constant of the network, or a file beside the card."""
    if latent.rule != "emap":
        return None
    if latent.emap.endswith(".npy"):
        path = beside(one.path, latent.emap)
        data = read_verified(path, latent.emap_sha256, f"the card {one.name!r}", _MAX_MATRIX_BYTES)
        try:
            matrix = np.load(io.BytesIO(data), allow_pickle=False)
        except (ValueError, EOFError) as error:
            raise GivenModelError(
                f"{path} is no NumPy array ({error})", "a (d, d) array"
            ) from error
    elif latent.emap in file.constants:
        matrix = file.constants[latent.emap].array()
    else:
        raise GivenModelError(
            f"{one.file.name} has no constant {latent.emap!r}, which the card names as emap",
            "a (d, d) matrix; it has " + (_matrices(file) or "none"),
            "correct latent.emap, or give the matrix as a .npy file",
        )
    if matrix.ndim != 2 or not np.isfinite(matrix).all():
        raise GivenModelError(f"the emap {latent.emap!r} has the shape {matrix.shape}", "(d, d)")
    return np.asarray(matrix, np.float32)


def _matrices(file: OnnxFile) -> str:
    square = [
        f"{one.name!r} {one.shape}"
        for one in file.constants.values()
        if len(one.shape) == 2 and one.shape[0] == one.shape[1]
    ]
    return ", ".join(square[-5:])
