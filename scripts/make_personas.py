"""Makes the people who do not exist that ship in ``src/masquerade/personas``.

Run it with a folder of portraits of real adults before plain backdrops (the official portraits of
the US Congress are in the public domain) and, for the distances, more folders of real faces::

    python scripts/make_personas.py --portraits DIR --compare DIR... [--only NAME...]

Each persona of ``scripts/personas.toml`` is a mean of at least eight people: meshes aligned to the
group's mean shape, colours averaged, fine detail of every part of the face from another donor. Its
face must be farther than `FARTHEST_SAME` from every real face it is compared with and from every
other persona, or nothing is written. The consent records are signed with a key that is made for
this run and thrown away; its public part goes into ``provenance/consent/persona_keys.txt``, where
the keys of all records that ship are kept: of personas left out by ``--only``, and of the voices.

``--search NAME`` goes on from the recipe's shape to one that is more unlike anyone, and prints it.
``--look FILE`` makes the pictures only and puts them side by side into one PNG.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from masquerade import personas
from masquerade.errors import MasqueradeError
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import embed
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_image
from masquerade.types import RGB, Points
from scripts.persona_maker.donors import Donor, read_donor
from scripts.persona_maker.picture import Made, make
from scripts.persona_maker.proof import FARTHEST_SAME, Measured, measure, too_near, write_all
from scripts.persona_maker.recipes import PersonaRecipe, read_recipes
from scripts.persona_maker.search import unlike_anyone
from scripts.persona_maker.shape import Population, learn

ROOT = Path(__file__).resolve().parents[1]
SHEET = ROOT / "docs" / "img" / "personas.jpg"
RECIPES = ROOT / "scripts" / "personas.toml"
ENDINGS = {".jpg", ".jpeg", ".png"}


@dataclass(frozen=True, slots=True)
class RealFaces:
    """Real faces to learn from and to keep away from.

    Attributes:
        landmarks: (n, 478, 3) float32, pixels of each picture.
        embeddings: (n, 128) float32.
        frontal: (n,) whether the face looks into the camera.
    """

    landmarks: Points
    embeddings: NDArray[np.float32]
    frontal: NDArray[np.bool_]


def read_real(folders: Sequence[Path], reader: FaceReader) -> RealFaces:
    """Mesh and identity of every face in the pictures below the folders."""
    landmarks, embeddings, frontal = [], [], []
    for path in sorted(p for folder in folders for p in folder.rglob("*") if p.suffix in ENDINGS):
        image = read_image(path).pixels
        for face in find_faces(image, reader, smallest_px=48, tilts=(0.0,))[:1]:
            landmarks.append(face.landmarks)
            embeddings.append(embed(image, face, reader))
            frontal.append(abs(face.pose_deg[0]) < 9 and face.score > 0.95)
    return RealFaces(np.stack(landmarks), np.stack(embeddings), np.array(frontal))


def cached_real(folders: Sequence[Path], cache: Path | None, reader: FaceReader) -> RealFaces:
    """What `read_real` gives, kept in a file between runs where one is named."""
    if cache and cache.exists():
        with np.load(cache, allow_pickle=False) as stored:
            return RealFaces(stored["landmarks"], stored["embeddings"], stored["frontal"])
    real = read_real(folders, reader)
    if cache:
        np.savez(cache, landmarks=real.landmarks, embeddings=real.embeddings, frontal=real.frontal)
    return real


def donors_of(
    recipe: PersonaRecipe, portraits: Path, population: Population, reader: FaceReader
) -> dict[str, Donor]:
    """The recipe's donors by the names it gives them."""
    found = {}
    for name in recipe.donors:
        path = portraits / f"{name.lstrip('-')}.jpg"
        mirror = name.startswith("-")
        found[name] = read_donor(path, population.mean, reader, mirror=mirror)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Makes the personas; 1 when one of them is too near to a real face."""
    given = _parser().parse_args(arguments)
    reader = FaceReader.open()
    recipes = [r for r in read_recipes(RECIPES) if not given.only or r.name in given.only]
    real = cached_real([given.portraits, *given.compare], given.cache, reader)
    population = learn(list(real.landmarks[real.frontal]))
    made: list[tuple[PersonaRecipe, Made, dict[str, Donor]]] = []
    for recipe in recipes:
        donors = donors_of(recipe, given.portraits, population, reader)
        made.append((recipe, make(recipe, donors, population), donors))
        print(f"{recipe.name}: {recipe.looks}, from {len(recipe.donors)} donors", flush=True)
    measured = [measure(recipe, one, reader) for recipe, one, _ in made]
    faults = _say(measured, real)
    if given.look:
        _side_by_side([one.pixels for _, one, _ in made], given.look)
    if given.search:
        _search(given.search, made, measured, real, population, reader)
    if faults or given.look or given.search:
        return int(faults)
    write_all(ROOT, made, measured, real.embeddings)
    write_sheet(SHEET)
    return 0


def _search(
    wanted: Sequence[str],
    made: Sequence[tuple[PersonaRecipe, Made, dict[str, Donor]]],
    measured: Sequence[Measured],
    real: RealFaces,
    population: Population,
    reader: FaceReader,
) -> None:
    for k, (recipe, one, _) in enumerate(made):
        if recipe.name not in wanted:
            continue
        others = [m.embedding for j, m in enumerate(measured) if j != k]
        away = np.concatenate([real.embeddings, np.array(others).reshape(-1, 128)])
        rng = np.random.default_rng(len(recipe.name) + 7 * k)
        shape, far = unlike_anyone(
            one.pixels, one.shape, population, recipe.shape, away, reader, rng
        )
        print(f"{recipe.name}: about {far:.3f}\nshape = {shape}", flush=True)


def _say(measured: Sequence[Measured], real: RealFaces) -> bool:
    """Prints every persona's distances; True when one is too small."""
    faults = False
    for one in measured:
        nearest = float(np.linalg.norm(real.embeddings - one.embedding, axis=1).min())
        between = [
            float(np.linalg.norm(other.embedding - one.embedding))
            for other in measured
            if other is not one
        ]
        least = min(between, default=float("inf"))
        faults |= too_near(nearest, least)
        print(
            f"{one.name}: nearest of {len(real.embeddings)} real faces {nearest:.3f}, nearest"
            f" persona {least:.3f} (more than {FARTHEST_SAME}), {len(one.jpeg) // 1000} kB"
        )
    return faults


def write_sheet(path: Path) -> None:
    """Writes the picture for the docs: every persona of the package with its name below."""
    tiles = []
    for name in personas.names():
        picture = read_image(personas.load(name).picture).pixels
        small = cv2.resize(picture, (176, 220), interpolation=cv2.INTER_AREA)
        tile = cv2.copyMakeBorder(small, 4, 26, 4, 4, cv2.BORDER_CONSTANT, value=(255,) * 3)
        cv2.putText(tile, name, (6, 244), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (40,) * 3, 1, cv2.LINE_AA)
        tiles.append(np.asarray(tile, np.uint8))
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet = np.hstack(tiles)[..., ::-1]
    jpeg = cv2.imencode(".jpg", sheet, [cv2.IMWRITE_JPEG_QUALITY, 85])[1]
    path.write_bytes(jpeg.tobytes())


def _side_by_side(pictures: Sequence[RGB], path: Path) -> None:
    across = min(4, len(pictures))
    blank = np.zeros_like(pictures[0])
    padded = [*pictures, *[blank] * (-len(pictures) % across)]
    rows = [np.hstack(padded[i : i + across]) for i in range(0, len(padded), across)]
    path.write_bytes(cv2.imencode(".png", np.vstack(rows)[..., ::-1])[1].tobytes())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--portraits", type=Path, required=True, help="folder of donors")
    parser.add_argument("--compare", type=Path, nargs="*", default=[], help="more real faces")
    parser.add_argument("--cache", type=Path, help="keep what was read of the real faces here")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="these personas")
    parser.add_argument("--search", nargs="*", default=[], metavar="NAME", help="find shapes")
    parser.add_argument("--look", type=Path, help="only put the pictures side by side, as PNG")
    return parser


if __name__ == "__main__":
    try:
        sys.exit(main())
    except MasqueradeError as error:
        sys.exit(str(error))
