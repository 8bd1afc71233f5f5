"""The commands that make media: one for each family of methods, flags from their Options."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from masquerade import registry
from masquerade.cli.flags import add_flags, read_flags
from masquerade.cli.progress import Progress
from masquerade.cli.reply import Reply

_DEVICES = ("cpu", "cuda", "coreml", "directml")


def configure(parser: argparse.ArgumentParser, argv: Sequence[str]) -> None:
    """Add the arguments of one family of methods; `argv` says which method is meant."""
    from masquerade.compose.blend import ComposeOptions
    from masquerade.media.encoding import Encoding

    command = argv[0]
    names = [entry.name for entry in registry.commands()[command]]
    asked = _asked(argv)
    method = asked if asked in names else registry.preferred(command)
    module = registry.get(method)
    takes = registry.takes(module)
    parser.description = (module.__doc__ or "").partition("\n\n")[0].replace("\n", " ")
    files = "SOURCE [SOURCE ...] TARGET" if "source" in takes else "TARGET"
    consent = " --consent RECORD" if "source" in takes else ""
    parser.usage = f"masquerade {command} {files} -o OUT{consent} [options]"
    parser.add_argument(
        "inputs",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="photos or videos of the source (or folders of them), then the target: the file to"
        " change"
        if "source" in takes
        else "the file to change",
    )
    parser.add_argument("-o", "--out", type=Path, required=True, help="where the result goes")
    parser.add_argument(
        "--consent",
        type=Path,
        action="append",
        default=[],
        metavar="RECORD",
        help="consent record of the source; give a performer's record too where there is one",
    )
    parser.add_argument(
        "--purpose",
        default="",
        help="what it is for, as the record words it; may be left out where it names just one",
    )
    parser.add_argument(
        "--method", choices=names, default=method, help=f"which method; default {method}"
    )
    _add_choices(parser)
    add_flags(parser, module.Options, f"options of {method}")
    add_flags(parser, ComposeOptions, "blending")
    add_flags(parser, Encoding, "encoding")


def _add_choices(parser: argparse.ArgumentParser) -> None:
    """What every method leaves open: whom, where, how labelled."""
    from masquerade.provenance.label import ENGLISH, PRESETS, languages

    parser.add_argument(
        "--person",
        default="auto",
        metavar="WHO",
        help="whom to replace: auto (the only one), largest, left, centre, right, everyone, a"
        " number from the left, or a photo; default auto",
    )
    parser.add_argument("--people", type=Path, metavar="MAP", help="TOML: who becomes whom")
    parser.add_argument(
        "--device", choices=_DEVICES, default="cpu", help="where it runs; default cpu"
    )
    parser.add_argument(
        "--label",
        choices=sorted(PRESETS),
        default="eu",
        help="visible label: "
        + "; ".join(f"{name}, {style.summary}" for name, style in sorted(PRESETS.items()))
        + "; default eu",
    )
    parser.add_argument(
        "--label-language",
        choices=languages(),
        default=ENGLISH,
        metavar="CODE",
        help=f"language of the label, one of {', '.join(languages())}; default {ENGLISH}",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it exists")


def _asked(argv: Sequence[str]) -> str:
    for place, word in enumerate(argv):
        if word.startswith("--method="):
            return word.partition("=")[2]
        if word == "--method" and place + 1 < len(argv):
            return argv[place + 1]
    return ""


def run(given: argparse.Namespace) -> Reply:
    """Make, seal and save; say what was done, what was not, and why."""
    began = time.monotonic()
    with Progress(quiet=getattr(given, "json", False)) as progress:
        progress("getting ready", 0, None)  # what is imported next takes a moment
        from masquerade.compose.blend import ComposeOptions
        from masquerade.media.encoding import Encoding
        from masquerade.pipelines.make import make
        from masquerade.pipelines.memory import share_pools
        from masquerade.provenance.parts import OLD_DAYS, left_behind

        share_pools()
        module = registry.get(given.method)
        made = make(
            given.method,
            target=given.inputs[-1],
            out=given.out,
            sources=given.inputs[:-1],
            people=given.people,
            person=given.person,
            consents=given.consent,
            purpose=given.purpose,
            options=read_flags(given, module.Options),
            blending=read_flags(given, ComposeOptions),
            encoding=read_flags(given, Encoding),
            label=given.label,
            label_language=given.label_language,
            device=given.device,
            overwrite=given.overwrite,
            progress=progress,
            tell=progress.tell,
        )
    took_s = time.monotonic() - began
    left = [str(path) for path in left_behind(given.out.parent)]
    lines = made.lines(took_s)
    lines += [
        f"note: {path} holds parts of a run stopped more than {OLD_DAYS} days ago; give its command"
        " again to go on, or remove the folder"
        for path in left
    ]
    seconds = round(took_s, 2)
    return Reply(tuple(lines), {**made.as_json(), "seconds": seconds, "left_behind": left})
