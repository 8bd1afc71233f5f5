"""Made-up faces for facesets, and a persona's photos and clip for building them."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from masquerade import personas
from masquerade.faces.mesh import topology
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_image
from masquerade.provenance.consent.records import ConsentRecord, load
from masquerade.train.facesets.faceset import (
    Expression,
    FaceRecord,
    FacesetHeader,
    FacesetWriter,
    Quality,
    SourceFile,
)

SIDE = 64
GOOD = Quality(200, 12, 120, 0, 0.05, 0, 1, 0.2, 0, 0)


def made_face(seed: int, *, yaw: float = 0.0, mouth: float = 0.0, side: int = SIDE) -> FaceRecord:
    """A face of smooth noise; its identity lies near those of all others."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 255, (6, 6, 3), dtype=np.uint8)
    pixels = np.asarray(cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)
    mask = np.zeros((side, side), np.float32)
    mask[side // 4 : -side // 4, side // 4 : -side // 4] = 1
    landmarks = (topology().neutral * 0.2 * side + side / 2).astype(np.float32)
    embedding = np.full(128, 0.1, np.float32) + rng.normal(0, 0.005, 128).astype(np.float32)
    return FaceRecord(
        pixels=pixels,
        mask=mask,
        landmarks=landmarks,
        to_frame=np.array([[2, 0, 10], [0, 2, 20]], np.float32),
        pose_deg=(yaw, 0.0, 0.0),
        expression=Expression(mouth, 0, 0, 0.3, 0.3, 0),
        embedding=embedding,
        quality=GOOD,
        source=SourceFile(f"clip{seed % 2}.mp4", f"{seed % 2}" * 64),
        pts=seed,
        time_base=Fraction(1, 25),
    )


@pytest.fixture(scope="session")
def face_maker() -> Callable[..., FaceRecord]:
    return made_face


@pytest.fixture(scope="session")
def record() -> ConsentRecord:
    """The record of a persona: its purposes are any."""
    return load(personas.load("ada").consent)


@pytest.fixture
def header(record: ConsentRecord) -> FacesetHeader:
    return FacesetHeader(
        person=record.subject,
        consent=record.id,
        record=record.text(),
        purpose="research",
        made_by="a test",
        side_px=SIDE,
    )


@pytest.fixture
def write(header: FacesetHeader, tmp_path: Path) -> Callable[..., Path]:
    """Writes some faces to a new faceset."""

    def made(faces: list[FaceRecord], name: str = "a.faceset", **changed: object) -> Path:
        path = tmp_path / name
        with FacesetWriter(path, header.model_copy(update=changed)) as writer:
            for one in faces:
                writer.add(one)
        return path

    return made


@pytest.fixture(scope="session")
def reader() -> FaceReader:
    return FaceReader.open()


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder: three photos of a persona, one of somebody else, a torn one, one without faces."""
    folder = tmp_path_factory.mktemp("photos")
    picture = read_image(personas.load("ada").picture).pixels
    for number, scale in enumerate((1.0, 0.8, 0.6)):
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        lit = np.clip(small * (1 - 0.2 * number), 0, 255).astype(np.uint8)
        save(folder / f"ada{number}.png", lit)
    save(folder / "bela.png", read_image(personas.load("bela").picture).pixels)
    save(folder / "nobody.png", np.full((200, 200, 3), 128, np.uint8))
    (folder / "torn.png").write_bytes((folder / "ada0.png").read_bytes()[:500])
    return folder


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of a persona who leans from side to side."""
    path = tmp_path_factory.mktemp("clip") / "ada.mp4"
    picture = read_image(personas.load("ada").picture).pixels
    picture = np.asarray(cv2.resize(picture, (256, 256), interpolation=cv2.INTER_AREA))
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"crf": "12"})
        stream.width = stream.height = 256
        stream.pix_fmt = "yuv420p"
        for number in range(20):
            turn = cv2.getRotationMatrix2D((128, 128), 2.0 * (number - 10), 1.0)
            turned = cv2.warpAffine(picture, turn, (256, 256), borderMode=cv2.BORDER_REPLICATE)
            lit = np.clip(turned * (0.6 + 0.02 * number), 0, 255).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(lit, format="rgb24")))
        container.mux(stream.encode())
    return path


def save(path: Path, pixels: np.ndarray) -> None:
    done, data = cv2.imencode(path.suffix, np.ascontiguousarray(pixels[..., ::-1]))
    assert done
    path.write_bytes(data.tobytes())
