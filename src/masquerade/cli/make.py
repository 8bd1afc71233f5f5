"""The commands that make media: one for each family of methods, flags from their Options."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from masquerade import registry
from masquerade.cli.flags import add_flags, read_flags
from masquerade.cli.progress import Progress
from masquerade.cli.reply import Reply

if TYPE_CHECKING:
    from masquerade.pipelines.make import Made

_DEVICES = ("cpu", "cuda", "coreml", "directml")


def configure(parser: argparse.ArgumentParser, argv: Sequence[str]) -> None:
    """Add the arguments of one family of methods; `argv` says which method is meant."""
    from masquerade.media.encoding import Encoding

    method = method_of(argv[0], argv)
    takes_source = "source" in registry.takes(registry.get(method))
    parser.description = (registry.get(method).__doc__ or "").partition("\n\n")[0]
    parser.description = parser.description.replace("\n", " ")
    files = "SOURCE [SOURCE ...] TARGET" if takes_source else "TARGET"
    consents = takes_source or registry.portrays_target(registry.get(method))
    consent = " --consent RECORD" if consents else ""
    parser.usage = f"masquerade {argv[0]} {files} -o OUT{consent} [options]"
    add_inputs(parser, takes_source=takes_source)
    parser.add_argument("-o", "--out", type=Path, required=True, help="where the result goes")
    add_request(parser, argv[0], method)
    add_label(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it exists")
    add_cluster(parser)
    if hasattr(registry.get(method), "overview"):
        _add_overview(parser, registry.get(method).overview())
    if argv[0] in _SHEETS:
        _add_sheet(parser, *_SHEETS[argv[0]])
    add_method_flags(parser, method)
    add_flags(parser, Encoding, "encoding")


_SHEETS: Final = {
    "edit": (
        "--grid",
        "effects",
        "write one picture of a photo with every effect instead, or with every strength of those"
        " that are named",
    ),
    "style": ("--gallery", "styles", "write one picture of a photo in every style instead"),
}
"""By command: a flag, what one picture of it shows, and the flag's help."""


class _Sheet(argparse.Action):
    """Another module does what is asked."""

    def __call__(self, _parser: object, given: argparse.Namespace, *_said: object) -> None:
        given.module, given.sheet = "masquerade.cli.grid", self.const


def _add_sheet(parser: argparse.ArgumentParser, flag: str, shows: str, words: str) -> None:
    """The flag with which one picture shows all that there is to choose from."""
    parser.add_argument(
        flag, action=_Sheet, nargs=0, const=shows, default=argparse.SUPPRESS, help=words
    )


def _add_overview(parser: argparse.ArgumentParser, words: str) -> None:
    """Say in the help what there is."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = words  # what a terminal shows last is what is seen first


def method_of(command: str, argv: Sequence[str]) -> str:
    """The method that a command line means: the one it names, else the one that suits its files."""
    names = [entry.name for entry in registry.commands()[command]]
    asked = full_name(asked_method(argv), command, names)
    return asked if asked in names else registry.suited(command, argv[1:])


def full_name(word: str, command: str, names: Sequence[str]) -> str:
    """The method that is meant by a name, which may leave out the command's own word.

    Example:
        >>> full_name("mesh", "swap", ["swap_mesh"])
        'swap_mesh'
    """
    whole = f"{command}_{word}"
    return whole if word not in names and whole in names else word


def add_inputs(parser: argparse.ArgumentParser, *, takes_source: bool) -> None:
    """The files that go in."""
    parser.add_argument(
        "inputs",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="photos or videos of the source (or folders of them, or a model that `masquerade"
        " source build` made), then the target: the file to change"
        if takes_source
        else "the file to change",
    )


def add_request(parser: argparse.ArgumentParser, command: str, method: str) -> None:
    """What every method leaves open: under whose consent, by which method, whom, where."""
    parser.add_argument(
        "--consent",
        type=Path,
        action="append",
        default=[],
        metavar="RECORD",
        help="consent record of whoever lends a face, or is shown as they never were; give a"
        " performer's record too where there is one",
    )
    parser.add_argument(
        "--purpose",
        default="",
        help="what it is for, as the record words it; may be left out where it names just one",
    )
    names = [entry.name for entry in registry.commands()[command]]
    parser.add_argument(
        "--method",
        choices=names,
        default=method,
        type=lambda word: full_name(word, command, names),
        help=f"which method, also without {command}_; default {method}",
    )
    parser.add_argument(
        "--person",
        default="auto",
        metavar="WHO",
        help="whom to replace: auto (the only one), largest, left, centre, right, everyone, a"
        " number from the left, or a photo; default auto",
    )
    parser.add_argument("--people", type=Path, metavar="MAP", help="TOML: who becomes whom")
    parser.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        help="TOML: shots that are made otherwise, or left as they are; `masquerade preview` can"
        " write one",
    )
    parser.add_argument(
        "--device", choices=_DEVICES, default="cpu", help="where it runs; default cpu"
    )


def add_cluster(parser: argparse.ArgumentParser) -> None:
    """Where pieces of the work are done."""
    from masquerade.distributed.place import HELP

    parser.add_argument("--cluster", default="", metavar="PLACE", help=HELP)


def add_method_flags(parser: argparse.ArgumentParser, method: str) -> None:
    """Flags of a method's own Options, and of blending."""
    from masquerade.compose.blend import ComposeOptions

    add_flags(parser, registry.get(method).Options, f"options of {method}")
    add_flags(parser, ComposeOptions, "blending")


def add_label(parser: argparse.ArgumentParser) -> None:
    """How the visible label looks."""
    from masquerade.provenance.label import ENGLISH, PRESETS, languages

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


def asked_method(argv: Sequence[str]) -> str:
    """The method that a command line names; empty where it names none."""
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
        made = _make(given, progress)
    took_s = time.monotonic() - began
    left, notes = _left_behind(given.out.parent)
    data = {**made.as_json(), "seconds": round(took_s, 2), "left_behind": left}
    return Reply((*progress.untold(made.lines(took_s)), *notes), data)


def _make(given: argparse.Namespace, progress: Progress) -> Made:
    from masquerade.compose.blend import ComposeOptions
    from masquerade.distributed.place import opened_executor
    from masquerade.media.encoding import Encoding
    from masquerade.pipelines.make import make
    from masquerade.pipelines.memory import share_pools

    share_pools()
    with opened_executor(given.cluster) as executor:
        return make(
            given.method,
            target=given.inputs[-1],
            out=given.out,
            sources=given.inputs[:-1],
            people=given.people,
            person=given.person,
            consents=given.consent,
            purpose=given.purpose,
            options=read_flags(given, registry.get(given.method).Options),
            blending=read_flags(given, ComposeOptions),
            encoding=read_flags(given, Encoding),
            label=given.label,
            label_language=given.label_language,
            device=given.device,
            settings=given.settings,
            overwrite=given.overwrite,
            progress=progress,
            tell=progress.tell,
            executor=executor,
        )


def _left_behind(folder: Path) -> tuple[list[str], list[str]]:
    """Folders of runs stopped long ago beside the output, and what to say of them."""
    from masquerade.provenance.kept_parts import OLD_DAYS, left_behind

    left = left_behind(folder)
    return [str(one.folder) for one in left], [
        f"note: {one.folder} holds {one.words} of a run stopped more than {OLD_DAYS} days ago; give"
        " its command again to go on, or `masquerade doctor --remove-parts` and the folder"
        for one in left
    ]
