"""Learns what years do to a face from portraits of people whose year of birth is known.

``python -m train.age_layers PORTRAITS BIRTHS [--out FILE] [--ship]``

PORTRAITS is a folder of JPEGs named by person, ``ID.jpg``; its folders are searched too. BIRTHS is
the list of members of the US Congress in YAML (unitedstates/congress-legislators, public domain),
of which the id, the birthday and the gender are read. Every face is unrolled onto the map. At each
place of the map, tone, colour and the strength of fine detail are regressed on the year of birth,
with gender, size of the picture and complexion taken out; the slopes are the layers. Lines run
as fine detail runs in the faces of the older third: noise smeared along that direction. Nobody's
picture is in the file, and each layer is a mean over all. It takes five minutes on one core.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from masquerade.effects.age_layers import BANDS, NAME, AgeLayers, fine_detail, inside_map, tones
from masquerade.faces.detect import find_faces
from masquerade.faces.readers import FaceReader
from masquerade.faces.unrolled import SIDE, unroll
from masquerade.hashing import file_sha256
from masquerade.media.read import read_image
from masquerade.models.own_weights import OwnCard

Floats = NDArray[np.float64]
OWN = Path("src/masquerade/models/own")
_LARGE_PX = 300
_OLDER = 3  # the older third shows which way lines run
_GLASSES = 0.2  # share of the pictures with most edges below the brows, which are left out
_SMEAR = 9  # steps along a line, each way
_SMOOTH = 3.0  # places of the map, about, over which slopes of tone are averaged, features too
_SURE = 1.5  # errors that a slope has to exceed to stay
_SEED = 5


@dataclass(frozen=True, slots=True)
class Sitter:
    """A face on the map, and who it is.

    Attributes:
        pixels: (256, 256, 3) uint8.
        born: Year.
        woman: As the list says.
        large: Whether the portrait is of the larger kind.
    """

    pixels: NDArray[np.uint8]
    born: int
    woman: bool
    large: bool


def main(arguments: Sequence[str] | None = None) -> None:
    """Learn, say how sure, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("portraits", type=Path)
    parser.add_argument("births", type=Path)
    parser.add_argument("--out", type=Path, default=Path(f"{NAME}.safetensors"))
    parser.add_argument("--ship", action="store_true", help="put it, with its card, into the house")
    given = parser.parse_args(arguments)
    sitters = without_glasses(list(gathered(given.portraits, births(given.births))))
    layers, sure = learnt(sitters)
    path = OWN / f"{NAME}.safetensors" if given.ship else given.out
    save_file(layers.tensors(), path)
    print(f"{len(sitters)} people, {sure:.0%} of the skin changes beyond chance -> {path}")
    if given.ship:
        card = described(path, len(sitters), sure)
        (OWN / f"{NAME}.toml").write_text(card.as_toml(), encoding="utf-8")


def births(path: Path) -> dict[str, tuple[int, bool]]:
    """Year of birth and whether a woman, by id; the list's YAML is as regular as a table."""
    known, who, born = {}, "", 0
    for line in path.read_text(encoding="utf-8").splitlines():
        if found := re.match(r"\s+bioguide: (\w+)", line):
            who = found[1]
        elif found := re.match(r"\s+birthday: '?(\d{4})", line):
            born = int(found[1])
        elif found := re.match(r"\s+gender: (\w)", line):
            known[who] = (born, found[1] == "F")
    return known


def gathered(portraits: Path, known: dict[str, tuple[int, bool]]) -> Iterator[Sitter]:
    """Everybody whose year of birth is known and whose face is found."""
    reader = FaceReader.open()
    for path in sorted(portraits.rglob("*.jpg")):
        if path.stem not in known:
            continue
        picture = read_image(path).pixels
        faces = find_faces(picture, reader)
        if len(faces) == 1:
            born, woman = known[path.stem]
            pixels, _ = unroll(picture, faces[0].landmarks)
            yield Sitter(pixels, born, woman, picture.shape[1] > _LARGE_PX)


def without_glasses(sitters: list[Sitter]) -> list[Sitter]:
    """Those with the fewest edges across the bridge of the nose, where frames of glasses run."""
    edges = []
    for one in sitters:
        grey = cv2.cvtColor(one.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
        down = np.abs(cv2.Sobel(cv2.GaussianBlur(grey, (0, 0), 1.0), cv2.CV_32F, 0, 1))
        edges.append(float(down[80:112, 120:136].max(axis=0).mean() / grey.mean()))
    most = np.quantile(edges, 1 - _GLASSES)
    return [one for one, edge in zip(sitters, edges, strict=True) if edge <= most]


def learnt(sitters: Sequence[Sitter]) -> tuple[AgeLayers, float]:
    """The layers, and the share of the skin whose tone changes with more than two errors."""
    inside = inside_map() > 0.5
    tone = np.stack([tones(one.pixels) for one in sitters]).astype(np.float64)
    light = tone[:, inside].mean(axis=1)
    table = covariates(sitters, light)
    _, slopes, errors = regressed(table, mirrored(tone - light[:, None, None]))
    sure = np.abs(slopes[inside, 0] / errors[inside, 0]) > 2
    strengths = [np.stack([fine_detail(one, band) for one in tone[..., 0]]) for band in BANDS]
    energies = [[cv2.GaussianBlur(one**2, (0, 0), 4) for one in band] for band in strengths]
    fits = [regressed(table, mirrored(np.log(np.array(band) + 1e-7)[..., None]) / 2)
            for band in energies]  # fmt: skip
    usual = np.stack([np.exp(fit[0][..., 0]) for fit in fits], axis=-1)
    gains = np.stack([fit[1][..., 0] for fit in fits], axis=-1)
    return AgeLayers(
        tone=softened(shrunken(slopes, errors)).astype(np.float32),
        usual=usual.astype(np.float32),
        gain=gains.astype(np.float32),
        lines=lines(directions(sitters, strengths[1])),
    ), float(sure.mean())


def covariates(sitters: Sequence[Sitter], light: Floats) -> Floats:
    """(n, 6): one, age in decades around the middle, gender, size, lightness and redness."""
    born = np.array([one.born for one in sitters], np.float64)
    columns = [
        np.ones(len(sitters)),
        (born.mean() - born) / 10,
        [one.woman - 0.5 for one in sitters],
        [one.large - 0.5 for one in sitters],
        light[:, 0] - light[:, 0].mean(),
        light[:, 1] - light[:, 1].mean(),
    ]
    return np.stack([np.asarray(one, np.float64) for one in columns], axis=1)


def regressed(table: Floats, values: Floats) -> tuple[Floats, Floats, Floats]:
    """What values are at the middle age, their slopes a decade, and the slopes' errors."""
    flat = values.reshape(len(values), -1)
    found, *_ = np.linalg.lstsq(table, flat, rcond=None)
    left = flat - table @ found
    spread = (left**2).sum(axis=0) / (len(flat) - table.shape[1])
    error = np.sqrt(spread * np.linalg.inv(table.T @ table)[1, 1])
    shape = values.shape[1:]
    return found[0].reshape(shape), found[1].reshape(shape), error.reshape(shape)


def mirrored(values: Floats) -> Floats:
    """(n, H, W, K) averaged with the other half of the face: years do not take sides."""
    return np.asarray((values + values[:, :, ::-1]) / 2)


def shrunken(slopes: Floats, errors: Floats) -> Floats:
    """Slopes with what chance explains taken off (the positive part of James and Stein, 1961)."""
    return np.asarray(slopes * np.maximum(1 - (_SURE * errors / slopes) ** 2, 0))


def softened(slopes: Floats) -> Floats:
    """Slopes of tone averaged a little, so that chance does not look like skin."""
    return np.asarray(cv2.GaussianBlur(slopes, (0, 0), _SMOOTH / 2))


def directions(sitters: Sequence[Sitter], detail: NDArray[np.float64]) -> Floats:
    """(256, 256) radians: which way fine lines run in the older third, by the structure tensor."""
    old = np.quantile([one.born for one in sitters], 1 / _OLDER)
    sums = np.zeros((SIDE, SIDE, 3))
    for one, fine in zip(sitters, detail, strict=True):
        if one.born > old:
            continue
        for picture in (fine, fine[:, ::-1]):
            x, y = cv2.Sobel(picture, cv2.CV_64F, 1, 0), cv2.Sobel(picture, cv2.CV_64F, 0, 1)
            tensor = np.stack([x * x, y * y, x * y], axis=-1)
            sums += tensor / (tensor[..., :2].sum() + 1e-9)
    smooth = np.asarray(cv2.GaussianBlur(sums, (0, 0), 5), np.float64)
    across = 0.5 * np.arctan2(2 * smooth[..., 2], smooth[..., 0] - smooth[..., 1])
    return np.asarray(across + np.pi / 2)


def lines(angle: Floats) -> NDArray[np.float32]:
    """(256, 256) noise smeared along lines (line integral convolution, Cabral and Leedom, 1993)."""
    noise = np.random.default_rng(_SEED).normal(size=(SIDE, SIDE)).astype(np.float32)
    rows, columns = np.indices((SIDE, SIDE), np.float32)
    total = noise.copy()
    for way in (1.0, -1.0):
        x, y = columns.copy(), rows.copy()
        dx, dy = np.full_like(x, np.nan), np.zeros_like(x)
        for _ in range(_SMEAR):
            here = cv2.remap(angle.astype(np.float32), x, y, cv2.INTER_NEAREST, borderMode=1)
            step_x, step_y = np.cos(here), np.sin(here)
            along = step_x * dx + step_y * dy
            turn = np.where(np.isnan(along), way, np.sign(along + 1e-9)).astype(np.float32)
            dx, dy = step_x * turn, step_y * turn
            x, y = (x + dx).astype(np.float32), (y + dy).astype(np.float32)
            total += cv2.remap(noise, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    fine = fine_detail(total, BANDS[0])
    return np.asarray(fine / fine.std(), np.float32)


def described(path: Path, people: int, sure: float) -> OwnCard:
    """The card that goes beside the file."""
    return OwnCard(
        task="Says what years do to the tone, colour and lines of a face, by place on the map.",
        sha256=file_sha256(path),
        size_bytes=path.stat().st_size,
        licence="Apache-2.0",
        data=f"Official portraits of {people} members of the US Congress (public domain) with their"
        " years of birth (unitedstates/congress-legislators, public domain). Nobody's picture is"
        " in the file.",
        command=f"python -m train.age_layers PORTRAITS BIRTHS --out {NAME}.safetensors --ship",
        made=f"{datetime.now(UTC):%Y-%m-%d}",
        quality=f"Tone changes with age beyond two standard errors in {sure:.0%} of the skin.",
        limits="Adults of 30 to 85 in studio light, who smile and wear make-up: years show less"
        " than in daily life. The day of each portrait is not known, its year of birth is.",
        paper="Burt and Perrett, 1995, doi:10.1098/rspb.1995.0021",
        input="none: four layers by name",
        output="tone (256, 256, 3), usual (256, 256, 3), gain (256, 256, 3), lines (256, 256)",
    )


if __name__ == "__main__":
    main()
