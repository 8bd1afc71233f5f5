"""The networks of the face stage, loaded once and used together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from masquerade.models.face_detector import FaceDetector
from masquerade.models.face_identity import FaceIdentity
from masquerade.models.face_mesh import FaceMesh
from masquerade.models.iris import Iris
from masquerade.models.store import Progress


@dataclass(frozen=True, slots=True)
class FaceReader:
    """Loaded weights: two detectors, mesh, iris and identity.

    Attributes:
        near: Detector for faces that fill much of the picture.
        far: Detector for smaller faces.
        mesh: 468 points of a face.
        iris: Eyelids and iris of an eye.
        identity: 128 numbers that tell people apart.

    Example:
        >>> reader = FaceReader.open()  # doctest: +SKIP
    """

    cards: ClassVar[tuple[str, ...]] = (
        "face_detector_short",
        "face_detector_full",
        "face_mesh",
        "iris",
        "face_identity",
    )
    """Names of the weight cards behind them, for manifests and ledgers."""

    near: FaceDetector
    far: FaceDetector
    mesh: FaceMesh
    iris: Iris
    identity: FaceIdentity

    @classmethod
    def open(
        cls, *, device: str = "cpu", threads: int = 1, progress: Progress | None = None
    ) -> Self:
        """All five networks, their weights fetched on first use.

        Args:
            device: Where the identity network runs; the others take a millisecond on the CPU and
                always run there.
            threads: CPU threads each network may use.
            progress: Called with what is fetched, megabytes so far and in all, when weights are
                not here yet.

        Raises:
            UsageError: There is no such device.
            ModelError: Weights cannot be had, or a runtime or the device is not there.
        """
        return cls(
            near=FaceDetector.open("short", threads=threads, progress=progress),
            far=FaceDetector.open("full", threads=threads, progress=progress),
            mesh=FaceMesh.open(threads=threads, progress=progress),
            iris=Iris.open(threads=threads, progress=progress),
            identity=FaceIdentity.open(device=device, threads=threads, progress=progress),
        )
