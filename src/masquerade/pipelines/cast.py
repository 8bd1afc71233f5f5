"""The cast of a job: whose photos or videos stand for whom, and under which consent.

A people map is a TOML file with one ``[[person]]`` table for each person to be replaced::

    [[person]]
    who = "left"                 # or: largest, centre, right, everyone, 1, 2, ..., a photo
    source = ["ada.jpg", "ada_side.jpg"]
    consent = "ada.consent"
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from masquerade.errors import FaceError, InputError, UsageError
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import distance, embed
from masquerade.faces.fitness import advice
from masquerade.faces.readers import FaceReader
from masquerade.hashing import small_bytes
from masquerade.media.as_it_is import as_it_is
from masquerade.media.probe import probe
from masquerade.media.read import read_image
from masquerade.pipelines.source.material import VIDEOS, Seen, calm, fewer, read_video
from masquerade.pipelines.source.trained import read_trained
from masquerade.provenance.model_pictures import is_model
from masquerade.toml_text import read_toml
from masquerade.types import RGB, Embedding, Face, InputUse, SourcePicture

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".avif", ".tif", ".tiff"})
_SAME_PERSON = 0.5  # as for consent; measured in benchmarks/consent_threshold.py
_MAX_PHOTOS = 200
_LOOKED_AT = 100  # pictures of a video of which a few calm ones are chosen
_AROUND = 0.75  # of the face's size, kept of a photo on each side


@dataclass(frozen=True, slots=True)
class CastMember:
    """One person to be replaced and what replaces them.

    Attributes:
        who: largest, left, centre, right, everyone, a number counted from the left, or the path of
            a photo of the person in the target.
        sources: Photos and videos of who will be seen, or folders of them; none where the method
            takes none.
        consent: The consent record that covers the source's face.
    """

    who: str
    sources: tuple[Path, ...]
    consent: Path | None = None


def read_people_map(path: Path) -> tuple[CastMember, ...]:
    """The cast a people map describes; paths in it are relative to the map's own folder.

    Raises:
        UsageError: Not TOML, no person, an unknown or missing key.
    """
    try:
        table = read_toml(small_bytes(path).decode("utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read the people map {path.name}: {error.strerror}") from None
    except ValueError as error:  # not TOML or not UTF-8, or a number of thousands of digits
        raise UsageError(f"{path.name} is not TOML: {error}", "[[person]] tables") from None
    people = table.get("person")
    if not isinstance(people, list) or not people or set(table) != {"person"}:
        raise UsageError(
            f"{path.name} holds {', '.join(sorted(table)) or 'nothing'}",
            "one or more [[person]] tables and nothing else",
        )
    return tuple(_member(entry, path) for entry in people)


def _member(entry: object, path: Path) -> CastMember:
    keys = {"who", "source", "consent"}
    if not isinstance(entry, dict) or not {"who", "source"} <= set(entry) <= keys:
        given = ", ".join(sorted(entry)) if isinstance(entry, dict) else entry
        raise UsageError(
            f"a [[person]] in {path.name} has {given or 'no keys'}",
            "the keys who and source, and consent",
        )
    sources = entry["source"] if isinstance(entry["source"], list) else [entry["source"]]
    if not sources or not all(isinstance(item, str) for item in sources):
        raise UsageError(f"source of a [[person]] in {path.name} is {sources!r}", "file names")
    who = str(entry["who"])
    beside = path.parent / who
    consent = path.parent / str(entry["consent"]) if "consent" in entry else None
    return CastMember(
        who=str(beside) if Path(who).suffix.lower() in PICTURES and beside.exists() else who,
        sources=tuple(path.parent / item for item in sources),
        consent=consent,
    )


def read_sources(
    paths: Sequence[Path],
    reader: FaceReader,
    *,
    videos: bool = False,
    most: int = 0,
    on_skip: Callable[[str], None] | None = None,
    on_fault: Callable[[str], None] | None = None,
) -> tuple[SourcePicture, ...]:
    """The source's pictures with the one face in each, all of one person.

    Args:
        paths: Photos, videos, or folders whose photos and videos are taken in order of name.
        reader: The loaded face networks.
        videos: Whether videos are taken too.
        most: How many pictures of all videos together at most, of every expression; 0 for a few
            calm ones.
        on_skip: Told, in words, which photo of a folder was left out and why.
        on_fault: Told, in words, which photo is a poor source and why.

    Raises:
        FaceError: A photo shows no face or several, or two pictures show different people.
        InputError: There is no picture, or a file is neither photo nor video.
    """
    found: list[SourcePicture] = []
    moving: list[Seen] = []
    left_out: list[str] = []
    for path, given_by_name in source_files(paths, videos=videos):
        try:
            if is_model(path):
                found.append(read_trained(path, reader))
                continue
            if videos and probe(path).kind == "video":
                limit = most or _LOOKED_AT
                moving = fewer([*moving, *_of_video(path, reader, limit, on_skip)], limit)
                continue
            picture = read_photo(path, reader)
        except InputError as error:
            if given_by_name or on_skip is None:
                raise
            left_out.append(error.told_of(path.name))
            on_skip(f"left out: {left_out[-1]}")
            continue
        found.append(picture)
        words = advice(path.name, picture.pixels, picture.face)
        if words and on_fault:
            on_fault(words)
    found += [one.picture for one in (moving if most else calm(moving))]
    if not found:
        raise _no_photo(paths, left_out)
    _check_one_person(found)
    return tuple(found)


def _no_photo(paths: Sequence[Path], left_out: Sequence[str]) -> InputError:
    names = ", ".join(path.name for path in paths)
    why = f": {left_out[0]}" if left_out else ""
    more = f"; {len(left_out) - 1} more were left out too" if len(left_out) > 1 else ""
    return InputError(
        f"no usable photo of the source in {names}{why}{more}",
        "at least one photo with one clear face",
        "take a sharp one of that person alone, from the front; `masquerade source inspect` says"
        " what pictures are good for",
    )


def _of_video(
    path: Path, reader: FaceReader, most: int, on_skip: Callable[[str], None] | None
) -> list[Seen]:
    seen = read_video(probe(path), reader, most=most, on_skip=on_skip)
    if not seen:
        raise FaceError(
            f"no face in {path.name}", "one person, eyes and mouth visible", "use another video"
        )
    return seen


def source_files(paths: Sequence[Path], *, videos: bool) -> list[tuple[Path, bool]]:
    """(photo or video, whether it was named itself), folders opened.

    Raises:
        InputError: There are too many.
    """
    endings = PICTURES | VIDEOS if videos else PICTURES
    files: list[tuple[Path, bool]] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.suffix.lower() in endings)
            files += [(p, False) for p in inside]
        else:
            files.append((path, True))
    if len(files) > _MAX_PHOTOS:
        raise InputError(
            f"{len(files)} source photos", f"at most {_MAX_PHOTOS}", "choose the clearest ones"
        )
    return files


def read_photo(path: Path, reader: FaceReader) -> SourcePicture:
    """The one face in a photo.

    Raises:
        FaceError: It shows no face, or several.
        InputError: It is no photo.
    """
    with as_it_is(path) as known:
        return _photographed(path, known.sha256, reader)


def _photographed(path: Path, sha256: str, reader: FaceReader) -> SourcePicture:
    """The same, of a file that is held."""
    kind = probe(path).kind
    if kind in ("video", "audio"):
        raise InputError(
            f"{path.name} is {'a video' if kind == 'video' else 'sound'}",
            "photos of the source: here it cannot be taken from a video",
            "save a few clear frames of the face as pictures and give those",
        )
    frame = read_image(path)
    faces = find_faces(frame.pixels, reader)
    face = _only_face(faces, path)
    pixels, moved = _cut_out(frame.pixels, face)
    return SourcePicture(
        pixels=pixels,
        face=moved,
        embedding=embed(frame.pixels, face, reader),
        input=InputUse("source", path.name, sha256, path),
    )


def _cut_out(pixels: RGB, face: Face) -> tuple[RGB, Face]:
    """The face with what is around it, so that 200 large photos fit into memory."""
    reach = _AROUND * face.size_px
    x0, y0 = (max(0, int(edge - reach)) for edge in face.box[:2])
    x1, y1 = (int(edge + reach) + 1 for edge in face.box[2:])
    by = np.array([x0, y0, 0], np.float32)
    left, top, right, bottom = face.box
    box = (left - x0, top - y0, right - x0, bottom - y0)
    return pixels[y0:y1, x0:x1].copy(), replace(face, box=box, landmarks=face.landmarks - by)


def _only_face(faces: Sequence[Face], path: Path) -> Face:
    if not faces:
        raise FaceError(
            f"no face in {path.name}", "one face, eyes and mouth visible", "use another photo"
        )
    by_size = sorted(faces, key=lambda face: face.size_px, reverse=True)
    if len(by_size) > 1 and by_size[1].size_px > 0.4 * by_size[0].size_px:
        raise FaceError(
            f"{len(faces)} faces in {path.name}",
            "one person in a source photo",
            "crop the photo to the person meant",
        )
    return by_size[0]


def _check_one_person(pictures: Sequence[SourcePicture]) -> None:
    first = pictures[0]
    for other in pictures[1:]:
        apart = distance(first.embedding, other.embedding)
        if apart > _SAME_PERSON:
            raise FaceError(
                f"{first.input.name} and {other.input.name} show different people "
                f"(distance {apart:.2f})",
                f"photos of one person (below {_SAME_PERSON})",
                "take the stranger's photo out",
            )


def mean_embedding(pictures: Sequence[SourcePicture]) -> Embedding:
    """(128,) float32 mean identity of the source over all photos."""
    mean: Embedding = np.mean([p.embedding for p in pictures], axis=0, dtype=np.float32)
    return mean
