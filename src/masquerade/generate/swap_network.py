"""Another person's face by a one-shot network that you bring: an ONNX file with a card.

The target's face is cut out by five points, as the network's card says; the network gives the same
face with the source's identity, which is put back where it was, within the face's outline. What
stands for the source is made once for each job. docs/one-shot-networks.md tells how to bring one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from masquerade import options as base
from masquerade.errors import FaceError, ModelError, UsageError
from masquerade.faces.align import Affine, crop, inverse, moved
from masquerade.faces.five_points import crop_by_five
from masquerade.faces.paste_back import paste_back, resized, scale_of
from masquerade.faces.staging import (
    height_px,
    neutral_height,
    patch_box,
    ramp,
    steadied,
    strength,
)
from masquerade.faces.warp import dense_map, sheet, widen
from masquerade.models.brought.card import Crop, SwapCard
from masquerade.models.brought.embedding import EmbeddingNetwork
from masquerade.models.brought.found import swap_and_embedding
from masquerade.models.brought.swap import SwapNetwork, Swapped
from masquerade.types import (
    RGB,
    Face,
    Frame,
    Generator,
    Mask,
    Miss,
    Need,
    NetworkUse,
    Patch,
    PixelBox,
    Resources,
    SourcePicture,
    Window,
)

_PAINT_PX: Final = 130.0  # the outline of a face is painted at no more than this
_EMBEDDED: Final = 20  # pictures of a source that are embedded at most

_Ahead: TypeAlias = dict[int, dict[int, Swapped]]  # by pts and track, what is done before its turn


class Options(base.Options):
    """Knobs of the swap by a network that is brought."""

    network: Path | None = None
    """Card of the network: a file, or the name of one that `masquerade models list` shows."""
    mask: Literal["outline", "box", "network"] = "outline"
    """Where the new face is put: within the face's outline, in the whole crop, or where the network
    itself says."""
    face_scale: float = Field(1.0, ge=0.8, le=1.25)
    """Size of the new face against the target's."""
    feather: float = Field(0.07, gt=0, le=0.5)
    """Width of the soft edge inside the face's outline, as a share of the face's height."""
    network_threads: int = Field(4, ge=1, le=64)
    """Threads of the processor that the network may use."""
    min_face_px: float = Field(28.0, ge=8, le=512)
    """Faces smaller than this stay as they are and are reported."""
    max_turn_deg: float = Field(65.0, ge=20, le=85)
    """Faces turned further from the camera than this stay as they are and are reported."""


needs = frozenset({Need.FACES, Need.MESH})
radius = 4  # one for steady landmarks, and three frames ahead that are worked in one call
resources = Resources(memory_mb=2500, cpus=4.0)
pictures = _EMBEDDED  # of a source video, that are of use


def networks(options: Options) -> tuple[NetworkUse, ...]:
    """The networks that these options bring, for manifest and ledger.

    Raises:
        UsageError: None is named, or there is no such card.
        ModelError: A card is not valid, or a file is not the card's.
    """
    found = [one for one in swap_and_embedding(_named(options)) if one is not None]
    for one in found:
        one.verify()
    return tuple(one.use for one in found)


def prepare(
    cast: Mapping[str, Sequence[SourcePicture]],
    options: Options,
    *,
    device: str = "cpu",
    networks: Sequence[NetworkUse] | None = None,
) -> Generator:
    """The generator of one job; the networks are verified, opened and tried here.

    Args:
        cast: For each person of the cast, one or several pictures of the source.
        options: Knobs of the method.
        device: Where the networks run.
        networks: Those that the recipe names; None where there is no recipe.

    Raises:
        UsageError: No network is named, or it gives no mask where one is asked for.
        ModelError: A network is not what its card says, or not one of the recipe's.
        FaceError: Someone of the cast has no picture.
    """
    swap, embedding = swap_and_embedding(_named(options))
    for one in (swap, embedding):  # a card may have been exchanged since the recipe was written
        if one is not None and networks is not None and one.use not in networks:
            raise ModelError(
                f"{one.path.name} is not the card that it was when the job began",
                f"the network {one.name!r} as the recipe names it",
                "leave cards and networks alone while a job runs, and run it again",
            )
    for name, photos in cast.items():
        if not photos:
            raise FaceError(f"the cast's {name!r} has no picture", "at least one with a face")
    network = SwapNetwork.open(swap, device=device, threads=options.network_threads)
    if options.mask == "network" and not network.card.result.mask:
        raise UsageError(
            f"the network {swap.name!r} gives no mask", "--mask outline or box", "see its card"
        )
    embed = None
    if embedding:
        embed = EmbeddingNetwork(embedding, device=device, threads=options.network_threads)
    sources = {name: _source(photos, network, embed) for name, photos in cast.items()}
    for name, photos in cast.items():
        network.rehearse(_cut(photos[0], network.card.target), sources[name])

    def generate(windows: Iterator[Window]) -> Iterator[list[Patch | Miss]]:
        ahead: _Ahead = {}
        for window in windows:
            if window.frame.pts not in ahead:
                _work_ahead(window, network, sources, options, ahead)
            made = ahead.pop(window.frame.pts)
            yield [_finish(window, face, network.card, options, made) for face in window.faces]

    return generate


def _named(options: Options) -> Path:
    if options.network is None:
        raise UsageError(
            "no network is named",
            "--network CARD, of an ONNX file that you may use",
            "`masquerade models add FILE.onnx` writes a card; see docs/one-shot-networks.md",
        )
    return options.network


def _source(
    photos: Sequence[SourcePicture], network: SwapNetwork, embed: EmbeddingNetwork | None
) -> NDArray[np.float32]:
    """What stands for a source all through the job."""
    if embed is None:
        assert network.card.picture is not None
        straight = min(photos, key=lambda one: float(np.hypot(*one.face.pose_deg[:2])))
        picture = network.card.picture
        return np.asarray(picture.tensor(_cut(straight, picture))[0])
    some = photos[:: -(-len(photos) // _EMBEDDED)]
    return network.latent(embed([_cut(photo, embed.card.picture) for photo in some]))


def _cut(photo: SourcePicture, wanted: Crop) -> RGB:
    transform = crop_by_five(photo.face.landmarks, wanted.points)
    return crop(photo.pixels, transform, wanted.size_px)


def _work_ahead(
    window: Window,
    network: SwapNetwork,
    sources: Mapping[str, NDArray[np.float32]],
    options: Options,
    ahead: _Ahead,
) -> None:
    """Works this frame, and in the same call those after it whose neighbours are known."""
    places: list[tuple[int, int]] = []
    targets: list[RGB] = []
    latents: list[NDArray[np.float32]] = []
    target = network.card.target
    for place in range(window.centre, max(window.centre + 1, len(window.frames) - 1)):
        seen = replace(window, centre=place)
        if seen.frame.pts in ahead:
            continue
        ahead[seen.frame.pts] = {}
        for face in (steadied(face, seen) for face in seen.faces):
            if isinstance(_staged(face, seen.frame, target, options), _Staged):
                places.append((seen.frame.pts, face.track_id))
                transform = crop_by_five(face.landmarks, target.points)
                targets.append(crop(seen.frame.pixels, transform, target.size_px))
                latents.append(sources[face.person])
    if targets:
        for (pts, track_id), made in zip(places, network(targets, latents), strict=True):
            ahead[pts][track_id] = made


@dataclass(frozen=True, slots=True)
class _Staged:
    """Where a new face is put, and how strongly it is shown, in [0, 1]."""

    box: PixelBox
    amount: float


def _staged(face: Face, frame: Frame, target: Crop, options: Options) -> _Staged | str:
    """Where a face is put; or, in words, why it is not."""
    amount, reason = strength(face, least_px=options.min_face_px, most_deg=options.max_turn_deg)
    if amount <= 0:
        return reason
    box = patch_box(face.landmarks, height_px(face.landmarks), frame.size_wh)
    if options.mask != "outline":
        box = _crop_box(face, target, frame.size_wh)
    if box[2] - box[0] < 8 or box[3] - box[1] < 8:
        return "the face lies outside the picture"
    return _Staged(box, amount)


def _crop_box(face: Face, target: Crop, size_wh: tuple[int, int]) -> PixelBox:
    """The part of the frame that a crop shows."""
    frame_from_crop = inverse(crop_by_five(face.landmarks, target.points))
    last = target.size_px - 1.0
    corners = np.array([[0, 0], [last, 0], [last, last], [0, last]])
    around = moved(corners, frame_from_crop)
    x0, y0 = np.clip(np.floor(around.min(axis=0)), 0, size_wh).astype(int).tolist()
    x1, y1 = np.clip(np.ceil(around.max(axis=0)) + 1, 0, size_wh).astype(int).tolist()
    return x0, y0, x1, y1


def _finish(
    window: Window, face: Face, card: SwapCard, options: Options, made: Mapping[int, Swapped]
) -> Patch | Miss:
    frame, face = window.frame, steadied(face, window)
    stage = _staged(face, frame, card.target, options)
    if isinstance(stage, str):
        return Miss(frame.pts, face.track_id, stage)
    new = made[face.track_id]
    new_from_frame = _new_from_frame(face, card.target, len(new.pixels), options.face_scale)
    pasted = paste_back(new.pixels, new.mask, new_from_frame, stage.box)
    face_px = height_px(face.landmarks)
    outline, skin = _outline(face, stage.box, face_px, options.feather)
    mask = pasted.inside * np.float32(stage.amount)
    if options.mask == "outline":
        mask *= outline
    elif pasted.mask is not None and options.mask == "network":
        mask *= pasted.mask
    return Patch(
        pixels=pasted.pixels,
        mask=mask,
        box=stage.box,
        track_id=face.track_id,
        face_px=face_px,
        source_px=face_px * scale_of(new_from_frame),
        skin=skin * pasted.inside,
    )


def _new_from_frame(face: Face, target: Crop, side: int, face_scale: float) -> Affine:
    """The crop's transform, the face larger or smaller about the middle of its points.

    The new face may be of another size than the crop that was handed in.
    """
    middle = target.points.mean(axis=0).astype(np.float64)
    transform = crop_by_five(face.landmarks, target.points) / face_scale
    transform[:, 2] += middle * (1 - 1 / face_scale)
    return resized(transform, side / target.size_px)


def _outline(face: Face, box: PixelBox, face_px: float, feather: float) -> tuple[Mask, Mask]:
    """(h, w) 1 inside the face's outline, soft towards it, and (h, w) 1 on plain skin."""
    carried = np.stack([sheet().inward, sheet().skin], axis=1)
    step = max(1.0, face_px / _PAINT_PX)
    drawn = dense_map(widen(face.landmarks), carried, box, step=step)
    outline = ramp(drawn[..., 0] / np.float32(feather * neutral_height()))
    return outline, np.clip(drawn[..., 1], 0, 1)
