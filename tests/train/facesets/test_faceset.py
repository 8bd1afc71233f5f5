"""Facesets: what goes in comes out, at random; what is damaged is refused in words."""

import copy
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from masquerade.errors import InputError, OutputError, UsageError
from masquerade.train.facesets.faceset import FaceRecord, Faceset, FacesetHeader, FacesetWriter
from masquerade.train.facesets.pack import checksum, encoded
from masquerade.train.facesets.schema import Picture

Write = Callable[..., Path]
Maker = Callable[..., FaceRecord]


@pytest.mark.parametrize(("kind", "off"), [("png", 0), ("jpeg", 6), ("webp", 6)])
def test_a_face_comes_out_as_it_went_in(
    write: Write, face_maker: Maker, kind: str, off: float
) -> None:
    given = face_maker(3, yaw=12.0)

    with Faceset.open(write([face_maker(1), given], picture=kind)) as faceset:
        found = faceset[1]

    assert np.abs(found.pixels.astype(int) - given.pixels).mean() <= off
    np.testing.assert_array_equal(found.mask, given.mask)
    np.testing.assert_array_equal(found.landmarks, given.landmarks)
    np.testing.assert_array_equal(found.to_frame, given.to_frame)
    np.testing.assert_array_equal(found.embedding, given.embedding)
    assert (found.expression, found.quality) == (given.expression, given.quality)
    assert (found.pose_deg, found.source, found.time_s) == (
        given.pose_deg,
        given.source,
        given.time_s,
    )


def test_the_same_faces_give_the_same_bytes(write: Write, face_maker: Maker) -> None:
    faces = [face_maker(seed) for seed in range(5)]

    assert write(faces, "a.faceset").read_bytes() == write(faces, "b.faceset").read_bytes()


def test_a_batch_is_its_faces_stacked(write: Write, face_maker: Maker) -> None:
    with Faceset.open(write([face_maker(seed) for seed in range(4)])) as faceset:
        batch = faceset.batch([2, 0, 2])

        for place, index in enumerate((2, 0, 2)):
            np.testing.assert_array_equal(batch.pixels[place], faceset[index].pixels)
            np.testing.assert_array_equal(batch.masks[place], faceset[index].mask)
            np.testing.assert_array_equal(batch.landmarks[place], faceset[index].landmarks)
    assert batch.index.tolist() == [2, 0, 2]


def test_a_smaller_batch_keeps_landmarks_on_their_pixels(write: Write, face_maker: Maker) -> None:
    with Faceset.open(write([face_maker(0)])) as faceset:
        whole, half = faceset.batch([0]), faceset.batch([0], side=32)

    assert half.pixels.shape == (1, 32, 32, 3)
    np.testing.assert_allclose(
        half.landmarks[..., :2] + 0.5, (whole.landmarks[..., :2] + 0.5) / 2, rtol=1e-5
    )


def test_figures_of_all_faces_are_those_of_each(write: Write, face_maker: Maker) -> None:
    with Faceset.open(write([face_maker(seed, yaw=seed) for seed in range(6)])) as faceset:
        columns = faceset.columns

        assert columns.pose_deg[:, 0].tolist() == [0, 1, 2, 3, 4, 5]
        np.testing.assert_array_equal(columns.embedding[4], faceset[4].embedding)
        assert columns.time_s[5] == pytest.approx(float(faceset[5].time_s))
        assert faceset.sources[columns.source[3]] == faceset[3].source


def test_indices_count_from_the_end_too_and_end_somewhere(write: Write, face_maker: Maker) -> None:
    with Faceset.open(write([face_maker(0), face_maker(1)])) as faceset:
        assert faceset[-1].pts == 1
        assert [one.pts for one in faceset] == [0, 1]
        with pytest.raises(IndexError):
            faceset[2]


def test_an_empty_faceset_can_be_read(write: Write) -> None:
    with Faceset.open(write([])) as faceset:
        assert len(faceset) == 0
        assert faceset.columns.pose_deg.shape == (0, 3)


def test_threads_and_forks_read_the_same_file(write: Write, face_maker: Maker) -> None:
    with Faceset.open(write([face_maker(seed) for seed in range(8)])) as faceset:
        expected = [faceset[k].pixels.sum() for k in range(8)]
        found: dict[int, int] = {}
        threads = [
            threading.Thread(target=lambda k=k: found.update({k: faceset[k].pixels.sum()}))
            for k in range(8)
        ]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

    assert [found[k] for k in range(8)] == expected


def test_a_file_that_is_exchanged_after_it_was_opened_is_not_read(
    write: Write, face_maker: Maker, tmp_path: Path
) -> None:
    path = write([face_maker(seed) for seed in range(3)])
    kept = tmp_path / "kept"
    with Faceset.open(path) as faceset:
        faceset.batch([0, 1])
        path.rename(kept)
        path.write_bytes(kept.read_bytes())  # the same bytes even: who can say for how long
        for read in (
            lambda: faceset[0],
            lambda: faceset.batch([2]),
            lambda: faceset.packed(1),
            lambda: faceset.columns,
            lambda: copy.copy(faceset),
        ):
            with pytest.raises(InputError, match="changed or exchanged while it was read"):
                read()
        kept.replace(path)  # and put back
        with pytest.raises(InputError, match="changed or exchanged"):
            faceset.batch([2])


def test_reading_a_faceset_loads_no_torch() -> None:
    text = "import sys, masquerade.train.facesets.faceset; sys.exit('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", text], check=False).returncode == 0


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5000])


def _grown(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"more")


def _garbage(path: Path) -> None:
    path.write_bytes(os.urandom(9000))


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _scrambled(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096:] = bytes(len(data) - 4096)
    path.write_bytes(bytes(data))


def _sql(text: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        database = sqlite3.connect(path)
        database.execute(text)
        database.commit()
        database.close()

    return change


DAMAGES = {
    "cut off": (_cut, "was cut off"),
    "grown": (_grown, "more than it says"),
    "garbage": (_garbage, "is no faceset"),
    "empty": (_empty, "is no faceset"),
    "pages of zeros": (_scrambled, "damaged"),
    "another database": (_sql("PRAGMA application_id = 5"), "is no faceset"),
    "of another version": (_sql("PRAGMA user_version = 9"), "version 9"),
    "with a trigger": (
        _sql("CREATE TRIGGER t AFTER INSERT ON face BEGIN DELETE FROM face; END"),
        "tables",
    ),
    "with a view": (_sql("CREATE VIEW v AS SELECT 1"), "tables"),
    "header of no JSON": (_sql("UPDATE header SET value = '{'"), "says of itself"),
    "without header": (_sql("DELETE FROM header"), "says of itself"),
    "fewer faces than it says": (_sql("DELETE FROM face WHERE id = 2"), "faces it says"),
}


@pytest.mark.parametrize("damage", list(DAMAGES))
def test_a_damaged_faceset_is_refused_in_words(
    write: Write, face_maker: Maker, damage: str
) -> None:
    path = write([face_maker(seed) for seed in range(3)])
    change, words = DAMAGES[damage]
    change(path)

    with pytest.raises(InputError, match=words):
        Faceset.open(path)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE picture SET pixels = x'00' || substr(pixels, 2) WHERE id = 1",
        "UPDATE picture SET pixels = 'text', crc = 0 WHERE id = 1",
        "DELETE FROM picture WHERE id = 1",
        "UPDATE face SET source = 99 WHERE id = 1",
        "UPDATE face SET embedding = x'0000' WHERE id = 1",
        "UPDATE face SET base_den = 0 WHERE id = 1",
        "UPDATE face SET yaw_deg = 'left' WHERE id = 1",
        "UPDATE face SET yaw_deg = 9e999 WHERE id = 1",
    ],
)
def test_a_face_that_was_changed_is_refused_and_the_others_are_not(
    write: Write, face_maker: Maker, change: str
) -> None:
    path = write([face_maker(seed) for seed in range(3)])
    _sql(change)(path)

    with Faceset.open(path) as faceset:
        assert faceset[0].pts == 0
        with pytest.raises(InputError, match=r"a\.faceset"):
            faceset[1], faceset.columns


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
@pytest.mark.parametrize("side", [32, 2048])
def test_a_picture_of_another_size_is_refused_before_it_is_decoded(
    write: Write,
    face_maker: Maker,
    monkeypatch: pytest.MonkeyPatch,
    kind: Picture,
    side: int,
) -> None:
    path = write([face_maker(1)], picture=kind)
    other = encoded(np.zeros((side, side, 3), np.uint8), kind)
    with Faceset.open(path) as faceset:
        _, mask, landmarks, _ = faceset.packed(0)[1]
    database = sqlite3.connect(path)
    database.execute(
        "UPDATE picture SET pixels = ?, crc = ?", (other, checksum(other, mask, landmarks))
    )
    database.commit()
    database.close()
    monkeypatch.setattr(cv2, "imdecode", None)

    with Faceset.open(path) as faceset, pytest.raises(InputError, match="of another size"):
        faceset[0]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no file"):
        Faceset.open(tmp_path / "none.faceset")


def test_an_error_on_the_way_leaves_nothing_behind(
    tmp_path: Path, header: FacesetHeader, face_maker: Maker
) -> None:
    def stopped() -> None:
        with FacesetWriter(tmp_path / "a.faceset", header) as writer:
            writer.add(face_maker(1))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()

    assert list(tmp_path.iterdir()) == []


def test_a_face_of_another_size_is_refused(
    tmp_path: Path, header: FacesetHeader, face_maker: Maker
) -> None:
    with (
        pytest.raises(UsageError, match="64 px"),
        FacesetWriter(tmp_path / "a.faceset", header) as writer,
    ):
        writer.add(face_maker(1, side=32))


def test_only_the_owner_can_read_it(write: Write, face_maker: Maker) -> None:
    assert write([face_maker(1)]).stat().st_mode & 0o077 == 0


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX")
def test_a_full_disk_is_told_and_leaves_the_old_file(write: Write, face_maker: Maker) -> None:
    import resource

    path = write([face_maker(1)])
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, limits[1]))
    try:
        with pytest.raises(OutputError, match="no space left"):
            write([face_maker(seed % 9) for seed in range(2000)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["a.faceset"]
