"""`masquerade models add`: a card for an ONNX file that a user brings, checked and tried."""

from __future__ import annotations

import argparse
import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from masquerade.cli import add_json
from masquerade.cli.reply import Reply
from masquerade.errors import OutputError, UsageError

if TYPE_CHECKING:
    from masquerade.models.brought.forms import Wishes


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the action's arguments."""
    from masquerade.models.brought.forms import FORMS
    from masquerade.models.templates import TEMPLATES

    forms = "; ".join(f"{name}: {form.says}" for name, form in FORMS.items())
    add = parser.add_argument
    add("file", type=Path, metavar="FILE.onnx", help="a network that you may use")
    add("--like", choices=tuple(FORMS), help=f"its family. {forms}")
    add("--licence", required=True, metavar="TEXT", help="under which terms you may use it")
    add("--embedding", default="", metavar="CARD", help="card of the network its latent is from")
    add("-o", "--out", type=Path, metavar="CARD", help="where the card goes; your networks folder")
    add(
        "--template",
        choices=TEMPLATES,
        help="where eyes, nose and mouth lie in its crop; for one of no known family",
    )
    add("--size", type=int, metavar="N", help="side of its crop in pixels")
    add("--colour", choices=("RGB", "BGR"), help="order of its channels")
    triple = ("R", "G", "B")
    add("--mean", type=float, nargs=3, metavar=triple, help="subtracted from pixels in 0..255")
    add("--std", type=float, nargs=3, metavar=triple, help="then divided by")
    add("--range", type=float, nargs=2, metavar=("LOW", "HIGH"), help="black and white, coming out")
    rules = ("plain", "normalised", "emap", "picture")
    add("--rule", choices=rules, help="what it is told of the source")
    add("--emap", default="", metavar="NAME", help="name of the matrix in it, or a .npy file")
    add("--target-input", default="", metavar="NAME", help="input that takes the crop")
    add("--source-input", default="", metavar="NAME", help="input that takes the latent or picture")
    add("--output", default="", metavar="NAME", help="output that is the new face or the embedding")
    add("--mask-output", default="", metavar="NAME", help="output that is the new face's mask")
    add("--device", default="cpu", help="where it is tried; default cpu")
    add("--overwrite", action="store_true", help="replace the card if it exists")
    add_json(parser)


def run(given: argparse.Namespace) -> Reply:
    """Write a card, after checking and trying the network."""
    from masquerade.hashing import small_bytes
    from masquerade.models.brought.card import brought_from, card_text, networks_dir
    from masquerade.models.brought.forms import propose
    from masquerade.models.brought.found import MAX_BYTES, Brought
    from masquerade.models.brought.trial import try_out
    from masquerade.pipelines.report_file import put

    out = given.out or networks_dir() / f"{given.file.stem}.toml"
    if out.exists() and not given.overwrite:
        raise UsageError(f"{out} exists", "a new card", "choose another -o, or add --overwrite")
    if out.suffix != ".toml":
        raise UsageError(f"the card is to be called {out.name}", "a name that ends in .toml")
    try:
        data = small_bytes(given.file, max_bytes=MAX_BYTES)
    except OSError as error:
        raise UsageError(
            f"{given.file} cannot be read ({error.strerror})", "an ONNX file"
        ) from None
    emap = _emap_sha256(given.emap)
    card = propose(data, given.file.name, given.like, _wishes(given, out), emap_sha256=emap)
    text = card_text(replace(card, file=_from(out, given.file)))
    checked = brought_from(text, name=out.name)
    one = Brought(out, checked, hashlib.sha256(text.encode()).hexdigest())
    said = try_out(one, device=given.device)
    try:
        out.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out} cannot be written ({error.strerror})") from error
    put(out, text.encode("utf-8"))
    lines = [f"{out}: written", *said, f"licence, as you state it: {checked.licence.strip()}"]
    if checked.role == "swap":
        named = out.stem if given.out is None else str(out)
        lines.append(f"use it: masquerade swap ... --method swap_network --network {named}")
    else:
        lines.append("name it as --embedding when you add the swap network that goes with it")
    return Reply(tuple(lines), {"card": str(out), "sha256": checked.sha256, "text": text})


def _wishes(given: argparse.Namespace, out: Path) -> Wishes:
    from masquerade.models.brought.forms import Wishes

    def triple(values: list[float] | None) -> tuple[float, float, float] | None:
        return (values[0], values[1], values[2]) if values else None

    embedding = Path(given.embedding)
    return Wishes(
        licence=given.licence,
        embedding=_from(out, embedding) if embedding.is_file() else given.embedding,
        template=given.template,
        size_px=given.size,
        colour=given.colour,
        mean=triple(given.mean),
        std=triple(given.std),
        range=(given.range[0], given.range[1]) if given.range else None,
        rule=given.rule,
        emap=_from(out, Path(given.emap)) if given.emap.endswith(".npy") else given.emap,
        target=given.target_input,
        source=given.source_input,
        output=given.output,
        mask=given.mask_output,
    )


def _from(card: Path, file: Path) -> str:
    """How a card names a file: relative where it lies beside the card or below, else in full."""
    folder, place = card.absolute().parent.resolve(), file.absolute().resolve()
    return os.path.relpath(place, folder) if place.is_relative_to(folder) else str(place)


def _emap_sha256(emap: str) -> str:
    from masquerade.hashing import file_sha256

    if not emap.endswith(".npy"):
        return ""
    try:
        return file_sha256(Path(emap))
    except OSError as error:
        raise UsageError(f"{emap} cannot be read ({error.strerror})", "a .npy file") from None
