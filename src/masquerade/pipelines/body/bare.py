"""How much of a place that no frame shows is seen beside the new person, who fills less of it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.figure import Figure
from masquerade.bodies.fitness import Concern
from masquerade.bodies.plate import Plate
from masquerade.bodies.puppet import draw
from masquerade.bodies.skeleton import build_of, retarget, shifted, skeleton_of
from masquerade.bodies.track import BodyTrack

_LOOKS: Final = 6  # frames of a shot that are drawn for it
_THERE: Final = 0.5
_SEEN: Final = 0.04  # of the person's area, from which it is said
_TURNED_DEG: Final = 40.0  # from the camera, from which that is told as the reason


def bare_concerns(track: BodyTrack, plate: Plate, figure: Figure) -> list[Concern]:
    """What is said of painted place beside the new person; nothing where there is hardly any.

    Args:
        track: Whoever is replaced.
        plate: The place without them.
        figure: Who is drawn instead.
    """
    times = list(track.bodies)
    build = build_of(list(track.bodies.values()))
    shares = {
        pts: _share(track, pts, plate, figure, build)
        for pts in times[:: max(len(times) // _LOOKS, 1)][:_LOOKS]
    }
    worst = max(shares, key=lambda pts: shares[pts])
    if shares[worst] < _SEEN:
        return []
    yaw = track.bodies[worst].yaw_deg
    when = f", most where they are turned by {yaw:.0f} degrees" if yaw > _TURNED_DEG else ""
    return [
        Concern(
            "beside the new person, place that no frame shows is painted in: up to"
            f" {shares[worst]:.0%} of the person's area{when}"
        )
    ]


def _share(
    track: BodyTrack, pts: int, plate: Plate, figure: Figure, build: NDArray[np.float32]
) -> float:
    """Share of a person's pixels where the new one is not, and the place was never seen."""
    bones, cover = skeleton_of(track.bodies[pts]), track.cover(pts)
    points = cover.corners()
    if not len(points):
        return 0.0
    (x0, y0), (x1, y1) = np.floor(points.min(axis=0)), np.ceil(points.max(axis=0))
    high, wide = plate.pixels.shape[:2] if plate.camera == "still" else (int(y1), int(x1))
    box = max(int(x0), 0), max(int(y0), 0), min(int(x1), wide), min(int(y1), high)
    if box[2] - box[0] < 2 or box[3] - box[1] < 2:
        return 0.0
    place, known = plate.at(pts, box)
    pose = shifted(retarget(bones, build, figure.build), -box[0], -box[1])
    made = draw(figure.puppet(pts, bones.torso_px), pose, place).alpha
    old = cover.in_box(box) > _THERE
    return float((old & (made < _THERE) & ~known).sum()) / max(float(old.sum()), 1.0)
