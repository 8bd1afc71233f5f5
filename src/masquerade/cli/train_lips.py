"""`masquerade train lips`: from footage of somebody who talks to a network that draws mouths."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from masquerade.cli.flags import add_flags, read_flags
from masquerade.cli.progress import Progress
from masquerade.cli.reply import Reply
from masquerade.cli.training import add_consent, add_course, add_model, trained_reply

if TYPE_CHECKING:
    from masquerade.train.lips.file import LipsProduct
    from masquerade.train.outcome import Trained

_EXAMPLES = """\
examples:
  masquerade train lips clip.mp4 interview.mp4 -o anna.safetensors --consent anna.consent
the same command goes on after a stop; then
  masquerade lipsync clip.mp4 --speech new.wav --model anna.safetensors -o out.mp4 \\
      --consent voice.consent
"""


def configure_lips(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the action and its arguments."""
    from masquerade.train.lips.options import LipsOptions

    parser = actions.add_parser(
        "lips",
        help="a network that draws one person's mouth, for `lipsync --model`",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "footage", type=Path, nargs="+", metavar="VIDEO", help="the person, talking; two minutes"
    )
    add_model(parser, ".safetensors")
    add_consent(parser, "covers their face, and the method lipsync")
    parser.add_argument(
        "--person",
        default="auto",
        metavar="WHO",
        help="whose mouth: auto (the only one), largest, left, centre, right, a number from the"
        " left, or a photo; default auto",
    )
    add_course(parser)
    add_flags(parser, LipsOptions, "training")


def train_mouth(given: argparse.Namespace) -> Reply:
    """Train, write the model, say what came of it."""
    from masquerade.jobs.kinds.train_lips import Spec, learned
    from masquerade.train.lips.options import LipsOptions

    spec = Spec(
        footage=tuple(given.footage),
        out=given.out,
        overwrite=given.overwrite,
        consents=tuple(given.consent),
        purpose=given.purpose,
        person=given.person,
        options=read_flags(given, LipsOptions),
    )
    with Progress(quiet=getattr(given, "json", False)) as progress:
        progress("getting ready", 0, None)
        return _reply(learned(spec, anew=given.anew, progress=progress, tell=progress.tell))


def _reply(trained: Trained[LipsProduct]) -> Reply:
    lines, product = [], trained.product
    if product is not None:
        size = f"{product.size_bytes / 1e6:.1f} MB"
        lines.append(f"{product.path}: {trained.iterations} iterations, {size}")
        lines.append(
            f"frames never trained on: DSSIM {product.drawn:.4f}, without it {product.given:.4f}"
        )
    found: dict[str, object] = {"dssim": [product.drawn, product.given] if product else None}
    return trained_reply(trained, lines, product.path if product else None, found)
