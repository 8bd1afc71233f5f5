"""`masquerade train`: from facesets or footage to a model, on one device or many; as ONNX."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from masquerade.cli.flags import add_flags, read_flags
from masquerade.cli.progress import Progress
from masquerade.cli.reply import Reply
from masquerade.cli.train_body import configure_body, train_renderer
from masquerade.cli.train_lips import configure_lips, train_mouth
from masquerade.cli.training import add_course, add_model, trained_reply
from masquerade.train.installed import check_installed

if TYPE_CHECKING:
    from masquerade.train.outcome import Trained
    from masquerade.train.swap.file import Product
    from masquerade.train.swap.start import StartFrom

_EXAMPLES = """\
examples:
  masquerade train swap --source a.faceset --target b.faceset -o ab.safetensors
  masquerade train swap --source a.faceset --target b.faceset -o ab.safetensors --preset medium \\
      --processes 4
several machines, on each of them (see docs/training.md):
  torchrun --nnodes 2 --nproc-per-node 4 --rdzv-backend c10d --rdzv-endpoint HOST:29400 \\
      -m masquerade train swap --source a.faceset --target b.faceset -o ab.safetensors
the same command goes on after a stop; then
  masquerade swap --method swap_neural --model ab.safetensors clip.mp4 -o out.mp4
"""


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    from masquerade.train.swap.options import TrainOptions

    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    swap = actions.add_parser(
        "swap",
        help="a model that puts one person's face in place of another's",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    swap.add_argument("--source", type=Path, required=True, metavar="FACESET", help="whose face")
    swap.add_argument(
        "--target", type=Path, required=True, metavar="FACESET", help="in whose place"
    )
    add_model(swap, ".safetensors")
    swap.add_argument(
        "--start",
        default="base",
        metavar="base|none|MODEL",
        help="what to begin with: the base that ships where it fits, chance, or a trained model",
    )
    add_course(swap)
    add_flags(swap, TrainOptions, "training")
    configure_lips(actions)
    configure_body(actions)
    export = actions.add_parser(
        "export", help="a trained model as an ONNX file, for other programs", allow_abbrev=False
    )
    export.add_argument(
        "model", type=Path, metavar="MODEL", help="as `train swap` or `body` wrote it"
    )
    export.add_argument(
        "-o", "--out", type=Path, required=True, metavar="FILE", help="ends in .onnx"
    )
    export.add_argument("--overwrite", action="store_true", help="replace FILE if it exists")
    export.add_argument("--json", action="store_true", default=argparse.SUPPRESS)


def run(given: argparse.Namespace) -> Reply:
    """Do what was asked: train, or export."""
    does = {"body": train_renderer, "export": _export, "lips": train_mouth, "swap": _train}
    return does[given.action](given)


def _export(given: argparse.Namespace) -> Reply:
    from masquerade.models.trained.body import SUFFIX
    from masquerade.pipelines.body.export import export_body
    from masquerade.pipelines.source.export import export_swap

    if given.model.suffix == SUFFIX:
        made, what = export_body(given.model, given.out, overwrite=given.overwrite), "bodies"
    else:
        made, what = export_swap(given.model, given.out, overwrite=given.overwrite), "faces"
    lines = (
        f"{made.path}: a network for {what} of {made.side} px on the map,"
        f" {made.size_bytes / 1e6:.1f} MB",
        f"trained under consent {', '.join(made.consents)}, as its metadata say",
        "other programs ask for no consent and mark nothing: that is yours to see to",
    )
    data = {
        "out": str(made.path),
        "side": made.side,
        "bytes": made.size_bytes,
        "consents": list(made.consents),
    }
    return Reply(lines, data)


def _train(given: argparse.Namespace) -> Reply:
    """Train, write the model, say what came of it."""
    from masquerade.train.swap.options import TrainOptions

    options = read_flags(given, TrainOptions)
    check_installed()
    from masquerade.train.launch import launched, processes_for

    processes = processes_for(options.processes, options.device)
    if processes > 1 and "WORLD_SIZE" not in os.environ:
        launched(processes, sys.argv[1:])
        return Reply()
    leads = os.environ.get("RANK", "0") == "0"
    with Progress(quiet=getattr(given, "json", False) or not leads) as progress:
        progress("getting ready", 0, None)
        from masquerade.train.swap.job import Job
        from masquerade.train.swap.training import train

        job = Job(
            source=given.source,
            target=given.target,
            out=given.out,
            start=_start(given.start),
            options=options,
            anew=given.anew,
            overwrite=given.overwrite,
        )
        trained = train(job, progress=progress, tell=progress.tell)
    return _reply(trained) if leads else Reply()


def _start(given: str) -> StartFrom:
    return "base" if given == "base" else "none" if given == "none" else Path(given)


def _reply(trained: Trained[Product]) -> Reply:
    lines = []
    if trained.product is not None:
        lines.append(f"{trained.product.path}: {trained.iterations} iterations")
        lines.append(trained.product.words())
    last = trained.last
    if last is not None and last.dssim_source == last.dssim_source:
        lines.append(
            f"faces never trained on: DSSIM {last.dssim_source:.4f} of the source,"
            f" {last.dssim_target:.4f} of the target"
        )
    if last is not None:
        lines.append(f"the device waited for pictures {100 * trained.stalled:.1f} % of the time")
    found: dict[str, object] = {
        "distance": trained.product.distance if trained.product else None,
        "dssim": [last.dssim_source, last.dssim_target] if last else None,
        "stalled": trained.stalled,
    }
    return trained_reply(trained, lines, trained.product.path if trained.product else None, found)
