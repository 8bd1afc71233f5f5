"""An appearance model as a file: built once from pictures, used as a source from then on.

The file is safetensors and ends in ``.mface``. It holds the model, what its pictures showed, the
identity measured when it was built, and a description: the version that built it, the consent
record it was built under, and the SHA-256 of each file it was built from. The description is a
tensor too, so that the digest that is signed with the consent
(`masquerade.provenance.consent.model_consent`) covers all of it. Nothing in a file is trusted:
every tensor must be there with the kind and shape it has to have, and no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.appearance.skin import (
    MOST_EXAMPLES,
    MOST_PARTS,
    PARTS_SIDE,
    Appearance,
    Example,
)
from masquerade.faces.coverage import Measures
from masquerade.faces.expression import MOST_MOVEMENTS, ExpressionBasis
from masquerade.faces.living.eye_look import SCALES, EyeLook, layers_at, shapes_at
from masquerade.faces.mesh import COUNT, OVAL, SURFACE, topology
from masquerade.faces.proportion import Proportion
from masquerade.faces.unrolled import SIDE, layout
from masquerade.models.of_person import (
    ABOUT,
    MOST_INPUTS,
    Described,
    Kind,
    Tensors,
    UnfitError,
    check_names,
)
from masquerade.models.tensor_file import read_tensors, write_private_tensors
from masquerade.types import Embedding

ENDING: Final = ".mface"
MOST_BYTES: Final = 64_000_000
MOST_PICTURES: Final = MOST_INPUTS
_KIND: Final = Kind(
    none="is no appearance model that can be used",
    command="masquerade source build",
    again="build it anew",
)
_RIM: Final = 4  # pixels of the map kept of an example beyond the outline
_LARGEST: Final = 1e5  # no number of a model is larger
_ODD: Final = 1.2  # interocular distances from the average face in which no face is
_UNLIKE: Final = (1.5, 8.0)
"""How far an example may be from what its parts say: times as far as from the mean, and values of
a pixel more. Honest ones come to 0.4 times."""
_EYES: Final = ("right", "left")

Dimension: TypeAlias = int | str


class About(Described):
    """What a file says of itself."""

    format: Literal["masquerade appearance 1"] = "masquerade appearance 1"


@dataclass(frozen=True, slots=True)
class AppearanceFile:
    """What a file holds.

    Attributes:
        about: What it says of itself.
        model: The person's looks.
        measures: What each picture showed that it was built from.
        identity: (128,) as measured when it was built; measured anew wherever it counts.
        size_bytes: Of the file.
    """

    about: About
    model: Appearance
    measures: tuple[Measures, ...]
    identity: Embedding
    size_bytes: int


def is_appearance(path: Path) -> bool:
    """Whether a file is an appearance model, by its name: what reads it holds it to that."""
    return path.suffix.lower() == ENDING


def write_appearance(
    path: Path, model: Appearance, about: About, measures: Sequence[Measures], identity: Embedding
) -> None:
    """Writes a model; whose consent it stands under is added by whoever has seen the records.

    Args:
        path: Where to.
        model: The person's looks.
        about: What it says of itself.
        measures: What each picture showed.
        identity: (128,) mean identity of the pictures.

    Raises:
        OSError: It cannot be written.
    """
    tensors = _model_tensors(model)
    tensors["measures"] = np.array([_flat(one) for one in measures], np.float32)
    tensors["identity"] = np.asarray(identity, np.float32)
    tensors[ABOUT] = about.tensor()
    write_private_tensors(path, tensors)


def read_appearance(path: Path, *, sha256: str | None = None) -> AppearanceFile:
    """The model in a file.

    Args:
        path: The file.
        sha256: Of the file as it was checked; None where nothing was.

    Raises:
        InputError: It holds none, is damaged, another one or was tampered with; LimitError where it
            is larger than any model can be.
    """
    with _KIND.reading(path, MOST_BYTES) as size:
        tensors = read_tensors(path, sha256=sha256)[0]
        checked = _checked(tensors)
        about = About.model_validate_json(bytes(checked[ABOUT]))
        return AppearanceFile(
            about,
            _model_of(checked),
            tuple(_measures(row) for row in checked["measures"]),
            np.array(checked["identity"]),
            size,
        )


# Kind and shape of every tensor; a letter stands for the same number wherever it is found.
_TABLE: Final[dict[str, tuple[str, tuple[Dimension, ...]]]] = {
    "mean": ("F16", (SIDE, SIDE, 3)),
    "parts": ("F16", ("k", "half h", "half w", 3)),
    "follows": ("F32", ("m+3", "k")),
    "turns": ("F32", (2, 2)),
    "examples.pixels": ("U8", ("e", "h", "w", 3)),
    "examples.said": ("F32", ("e", "m")),
    "examples.parts": ("F32", ("e", "k")),
    "expression.mean": ("F32", (3 * SURFACE,)),
    "expression.parts": ("F32", ("m", 3 * SURFACE)),
    "expression.spread": ("F32", ("m",)),
    "expression.low": ("F32", ("m",)),
    "expression.high": ("F32", ("m",)),
    "proportion": ("F32", (COUNT, 3)),
    **{f"eyes.{eye}.eyeball": ("U8", (f"{eye} h", f"{eye} w", 3)) for eye in _EYES},
    **{f"eyes.{eye}.edges": ("U8", (f"{eye} e", f"{eye} w", 3)) for eye in _EYES},
    **{f"eyes.{eye}.numbers": ("F32", (4,)) for eye in _EYES},
    "numbers": ("F32", (4,)),
    "measures": ("F32", ("n", 10)),
    "identity": ("F32", (128,)),
    ABOUT: ("U8", ("b",)),
}
_KINDS: Final = {"F16": np.float16, "F32": np.float32, "U8": np.uint8}


def _most() -> dict[str, tuple[int, int]]:
    """Least and greatest number that a letter may stand for."""
    rows, columns = _inner()
    high, wide = rows.stop - rows.start, columns.stop - columns.start
    eye = max(shapes_at(SCALES[1])[0][:2])
    return {
        "k": (0, MOST_PARTS),
        "m": (1, MOST_MOVEMENTS),
        "m+3": (4, MOST_MOVEMENTS + 3),
        "e": (1, MOST_EXAMPLES),
        "h": (high, high),
        "w": (wide, wide),
        "half h": (high // 2, high // 2),
        "half w": (wide // 2, wide // 2),
        "n": (1, MOST_PICTURES),
        "b": (2, 70 * MOST_PICTURES),
        **{f"{name} {side}": (1, eye) for name in _EYES for side in "hwe"},
    }


def _checked(tensors: Tensors) -> Tensors:
    """The tensors, when all are there that have to be, of their kinds and shapes, and no other."""
    check_names(tensors, set(_TABLE))
    known: dict[str, int] = {}
    for name, (kind, shape) in _TABLE.items():
        values = tensors[name]
        fits = values.dtype == _KINDS[kind] and values.ndim == len(shape)
        fits = fits and all(
            _stands_for(wanted, found, known)
            for wanted, found in zip(shape, values.shape, strict=True)
        )
        if not fits:
            raise UnfitError(f"the tensor {name!r} is {values.dtype} {values.shape}")
        if kind != "U8" and not np.abs(values.astype(np.float32)).max(initial=0) < _LARGEST:
            raise UnfitError(f"the tensor {name!r} holds what is no number, or one too large")
    if known["m+3"] != known["m"] + 3:
        raise UnfitError("its expressions and what follows them do not fit together")
    return tensors


def _stands_for(wanted: Dimension, found: int, known: dict[str, int]) -> bool:
    if isinstance(wanted, int):
        return found == wanted
    least, most = _most()[wanted]
    return least <= found <= most and known.setdefault(wanted, found) == found


def _inner() -> tuple[slice, slice]:
    """The part of the map that lies within the outline, and a few pixels more; even numbers."""
    rim = layout().points[list(OVAL), :2]
    low = np.maximum(np.floor(rim.min(axis=0)) - _RIM, 0).astype(int) // 2 * 2
    high = np.minimum(np.ceil(rim.max(axis=0)) + _RIM, SIDE).astype(int) // 2 * 2
    return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))


def _inner_of_parts() -> tuple[slice, slice]:
    """The same on the map of the parts, which is half as large."""
    rows, columns = _inner()
    return slice(rows.start // 2, rows.stop // 2), slice(columns.start // 2, columns.stop // 2)


def _model_tensors(model: Appearance) -> dict[str, NDArray[Any]]:
    (rows, columns), half = _inner(), _inner_of_parts()
    basis = model.expression
    made: dict[str, NDArray[Any]] = {
        "mean": model.mean,
        "parts": model.parts.reshape(-1, PARTS_SIDE, PARTS_SIDE, 3)[:, half[0], half[1]],
        "follows": model.follows,
        "turns": model.turns,
        "examples.pixels": np.stack([one.pixels[rows, columns] for one in model.examples]),
        "examples.said": np.stack([one.said for one in model.examples]),
        "examples.parts": np.stack([one.parts for one in model.examples]),
        "expression.mean": basis.mean,
        "expression.parts": basis.parts,
        "expression.spread": basis.spread,
        "expression.low": basis.low,
        "expression.high": basis.high,
        "proportion": model.proportion.points,
        "numbers": np.array([model.widest, model.face_px, model.count, model.explained]),
    }
    for name, eye in zip(_EYES, model.eyes, strict=True):
        largest = eye.sizes[0]
        made[f"eyes.{name}.eyeball"] = largest.eyeball
        made[f"eyes.{name}.edges"] = largest.edges
        made[f"eyes.{name}.numbers"] = np.array([largest.scale, *eye.iris, eye.height])
    return {name: values.astype(_KINDS[_TABLE[name][0]]) for name, values in made.items()}


def _model_of(tensors: Tensors) -> Appearance:
    rows, columns = _inner()
    mean = tensors["mean"].astype(np.float32)
    around = np.clip(np.rint(mean), 0, 255).astype(np.uint8)
    examples = []
    for pixels, said, parts in zip(
        *(tensors[f"examples.{name}"] for name in ("pixels", "said", "parts")), strict=True
    ):
        whole = around.copy()
        whole[rows, columns] = pixels
        examples.append(Example(whole, said, parts))
    words = ("mean", "parts", "spread", "low", "high")
    widest, face_px, count, explained = (float(one) for one in tensors["numbers"])
    if not (0 < face_px <= 100_000 and 1 <= count <= MOST_PICTURES and 0 <= widest <= 2):
        raise UnfitError("its figures are those of no face")
    half = _inner_of_parts()
    parts = np.zeros((len(tensors["parts"]), PARTS_SIDE, PARTS_SIDE, 3), np.float32)
    parts[:, half[0], half[1]] = tensors["parts"]
    basis = ExpressionBasis(*(tensors[f"expression.{word}"] for word in words))
    _check_face(tensors["proportion"], basis)
    model = Appearance(
        mean=mean,
        parts=parts.reshape(len(parts), -1),
        follows=tensors["follows"],
        turns=tensors["turns"],
        eyes=(_eye(tensors, _EYES[0]), _eye(tensors, _EYES[1])),
        examples=tuple(examples),
        expression=basis,
        proportion=Proportion(tensors["proportion"]),
        widest=widest,
        face_px=face_px,
        count=int(count),
        explained=explained,
    )
    _check_examples(model)
    return model


def _check_face(points: NDArray[np.float32], basis: ExpressionBasis) -> None:
    """Passes when proportions and expressions are those of a face.

    Raises:
        UnfitError: They are not.
    """
    neutral = topology().neutral
    rest = basis.shape(np.zeros(len(basis.parts), np.float32))
    away = max(np.abs(points - neutral).max(), np.abs(rest - neutral[:SURFACE]).max())
    lengths = np.linalg.norm(basis.parts, axis=1)
    if not (away < _ODD and lengths.max() < 1.1 and (basis.low <= basis.high).all()):
        raise UnfitError("its mesh is that of no face")


def _check_examples(model: Appearance) -> None:
    """Passes when the parts that examples are said to be made of are those that they show.

    A swap takes them off and puts others in their place: parts that nobody sees in an example's
    own picture would be seen there.

    Raises:
        UnfitError: They are not.
    """
    size = (PARTS_SIDE, PARTS_SIDE)
    times, more = _UNLIKE
    for one in model.examples:
        apart = cv2.resize(one.pixels - model.mean, size, interpolation=cv2.INTER_AREA).ravel()
        left, whole = (
            float(np.sqrt(np.mean(d * d))) for d in (apart - one.parts @ model.parts, apart)
        )
        if left > times * whole + more:
            raise UnfitError("the parts of its pictures are not those that they show")


def _eye(tensors: Tensors, name: str) -> EyeLook:
    eyeball, edges, numbers = (
        tensors[f"eyes.{name}.{word}"] for word in ("eyeball", "edges", "numbers")
    )
    scale, x, y, height = (float(one) for one in numbers)
    fits = SCALES[0] <= scale <= SCALES[1] and 0.01 <= height <= 2
    if not fits or (eyeball.shape, edges.shape) != shapes_at(scale):
        raise UnfitError(f"its {name} eye is none")
    return EyeLook(layers_at(scale, eyeball, edges), np.array([x, y], np.float32), height)


def _flat(one: Measures) -> list[float]:
    *others, light, brightness = astuple(one)
    return [*others, *light, brightness]


def _measures(row: NDArray[np.float32]) -> Measures:
    yaw, pitch, size, sharpness, mouth, eyes, smile, across, down, brightness = map(float, row)
    return Measures(yaw, pitch, size, sharpness, mouth, eyes, smile, (across, down), brightness)
