"""`masquerade train body`: from a video of a person to a network that mends how they are drawn."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from masquerade.cli.flags import add_flags, read_flags
from masquerade.cli.progress import Progress
from masquerade.cli.reply import Reply
from masquerade.cli.training import add_consent, add_course, add_model, trained_reply

if TYPE_CHECKING:
    from masquerade.train.body.file import BodyProduct
    from masquerade.train.outcome import Trained

_EXAMPLES = """\
examples:
  masquerade train body anna.mp4 -o anna.mbody --consent anna.consent
the same command goes on after a stop; then
  masquerade body clip.mp4 --source-video anna.mp4 --model anna.mbody -o out.mp4 \\
      --consent anna.consent --consent ben.consent
"""


def configure_body(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the action and its arguments."""
    from masquerade.train.body.options import BodyTrainOptions

    parser = actions.add_parser(
        "body",
        help="a network that mends how one whole person is drawn, for `body --model`",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "video", type=Path, metavar="VIDEO", help="the person, from head to foot, moving"
    )
    add_model(parser, ".mbody")
    add_consent(parser, "covers the body, and the method body")
    add_course(parser)
    add_flags(parser, BodyTrainOptions, "training")


def train_renderer(given: argparse.Namespace) -> Reply:
    """Train, write the model, say what came of it."""
    from masquerade.jobs.kinds.train_body import Spec, learned
    from masquerade.train.body.options import BodyTrainOptions

    spec = Spec(
        video=given.video,
        out=given.out,
        overwrite=given.overwrite,
        consents=tuple(given.consent),
        purpose=given.purpose,
        options=read_flags(given, BodyTrainOptions),
    )
    with Progress(quiet=getattr(given, "json", False)) as progress:
        progress("getting ready", 0, None)
        return _reply(learned(spec, anew=given.anew, progress=progress, tell=progress.tell))


def _reply(trained: Trained[BodyProduct]) -> Reply:
    lines, product = [], trained.product
    if product is not None:
        lines += [f"{product.path}: {trained.iterations} iterations", product.words()]
    found: dict[str, object] = {"dssim": list(product.found) if product else None}
    return trained_reply(trained, lines, product.path if product else None, found)
