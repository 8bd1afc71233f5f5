"""The command line: thin, its flags come from Options, its commands from the registry."""

from __future__ import annotations

import argparse
import difflib
import importlib
import re
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

from masquerade import __version__, registry
from masquerade.cli.reply import Reply, failed, show, stopped
from masquerade.errors import UsageError

FIXED: Final = {
    "anonymize": ("masquerade.cli.anonymize", "everybody becomes somebody who does not exist"),
    "body": ("masquerade.cli.body", "a whole person becomes another, who moves as they did"),
    "lipsync": ("masquerade.cli.lipsync", "somebody in a video says what a recording says"),
    "dub": ("masquerade.cli.dub", "the same in a voice, or a text in one: lips and sound in one"),
    "portrait": ("masquerade.cli.portrait", "a photo of somebody says what a recording says"),
    "voice": ("masquerade.cli.voice", "voices: speak with a consented one, or hide one"),
    "preview": ("masquerade.cli.preview", "a few moments, several ways, to choose by eye"),
    "morph": ("masquerade.cli.morph", "one face between two, or the mean of many"),
    "gallery": ("masquerade.cli.gallery", "a photo in every style, to choose by eye"),
    "evaluate": ("masquerade.cli.evaluate", "measure a result against what it was made from"),
    "examine": ("masquerade.cli.examine", "evidence about any picture, video or sound"),
    "person": ("masquerade.cli.person", "enrol a consenting person, to compare videos with"),
    "verify": ("masquerade.cli.verify", "say what marks a file carries and what they are worth"),
    "consent": ("masquerade.cli.consent", "make, show and check consent records"),
    "ledger": ("masquerade.cli.ledger", "show and check the record of everything made here"),
    "takedown": ("masquerade.cli.takedown", "notices of what must not be made, and their clock"),
    "policy": ("masquerade.cli.policy", "every gate: what it checks, how often it errs"),
    "certificate": ("masquerade.cli.certificate", "choose what signs, and who attests the time"),
    "personas": ("masquerade.cli.personas", "people who do not exist, ready to be used"),
    "methods": ("masquerade.cli.methods", "list the methods, with their options"),
    "signals": ("masquerade.cli.signals", "list what examine looks at, and how often each errs"),
    "train": ("masquerade.cli.train", "train networks on faces, under their consent"),
    "source": ("masquerade.cli.source", "what pictures of a person show, and what is missing"),
    "faceset": ("masquerade.cli.faceset", "faces of one person in one file, to train on"),
    "jobs": ("masquerade.cli.jobs", "work that is done later, in turn, by workers"),
    "cluster": ("masquerade.cli.cluster", "machines that share the work of one"),
    "serve": ("masquerade.cli.serve", "the same jobs over the network, and in a browser"),
    "backup": ("masquerade.cli.backup", "keys, ledger, records and jobs in one file"),
    "restore": ("masquerade.cli.backup", "an installation as a backup kept it"),
    "models": ("masquerade.cli.models", "list, fetch and verify the weights"),
    "doctor": ("masquerade.cli.doctor", "say what is installed, what is missing, how fast it is"),
}
_METHOD_MODULE = "masquerade.cli.make"
# What the command of several methods does; that of one does what the method says.
_FAMILIES: Final = {"swap": "put one person's face in place of another's"}
_RESUMES = frozenset({"anonymize", "body", "dub", "faceset", "lipsync", "portrait"})  # and families

_FIRST_STEPS = """\
to begin, with somebody who does not exist and a video of yours:
  masquerade personas export ada -o ada.jpg
  masquerade swap ada.jpg clip.mp4 -o out.mp4 --consent ada.consent
  masquerade verify out.mp4

`masquerade COMMAND --help` explains each command.
Exit codes: 0 done, 1 our fault, 2 usage, 3 refused by consent or policy, 4 input unusable,
5 provenance broken.
"""


_ALONE: Final = re.compile(r"the following arguments are required: (ACTION|COMMAND|WHAT)")
_MISSPELT: Final = re.compile(r"unrecognized arguments: (\S+)|invalid choice: '([^']*)'")


class _AloneError(UsageError):
    """A command was given without saying what of it."""

    def __init__(self, message: str, shown: str) -> None:
        super().__init__(message, "one of its actions", "see --help")
        self.help = shown


class _Parser(argparse.ArgumentParser):
    """Raises what is wrong with a command line, so that it is told like every other error."""

    def error(self, message: str) -> NoReturn:
        if _ALONE.fullmatch(message):
            raise _AloneError(message, self.format_help())
        usage = " ".join(self.format_usage().split()).removeprefix("usage: ")
        near = self._near(message)
        hint = f"{near}, perhaps" if near else usage
        raise UsageError(message, hint, f"see `{self.prog} --help`")

    def _near(self, message: str) -> str:
        """The flag or command of this one that a misspelt one is most like; empty: none is."""
        found = _MISSPELT.search(message)
        if found is None:
            return ""
        word = (found[1] or found[2]).partition("=")[0].lstrip("-")
        known = {one.lstrip("-"): one for one in (*self._option_string_actions, *_commands(self))}
        near = difflib.get_close_matches(word, known, 1, 0.7)
        return known[near[0]] if near else ""


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parsers of a parser's commands, by name."""
    choices = [
        one.choices for one in parser._actions if isinstance(one, argparse._SubParsersAction)
    ]
    return dict(choices[0]) if choices else {}


def parse(words: Sequence[str]) -> argparse.Namespace:
    """What a command line says.

    Raises:
        UsageError: Something in it is unknown to the command that was typed.
    """
    parser = build_parser(words)
    given, unknown = parser.parse_known_args(words)
    if unknown:
        for word in words:  # argparse leaves it to the outermost parser, whose flags are others
            parser = _commands(parser).get(word, parser)
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    return given


def build_parser(argv: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The parser for a command line; only the command that is asked for is filled in.

    Args:
        argv: Arguments without the program's name. The method named by ``--method`` decides which
            options there are.

    Example:
        >>> build_parser(["swap"]).parse_args(["methods"]).command
        'methods'
    """
    parser = _Parser(
        prog="masquerade",
        description="Make, mark and unmask synthetic media.",
        epilog=_FIRST_STEPS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"masquerade {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    wanted = next((word for word in argv if not word.startswith("-")), "")
    for command, entries in registry.commands().items():
        if command in FIXED:  # another package's method cannot take the place of a command
            continue
        sentence = _FAMILIES.get(command, entries[0].summary)
        child = commands.add_parser(command, help=sentence.replace("%", "%%"), allow_abbrev=False)
        child.set_defaults(module=_METHOD_MODULE)
        _fill(child, _METHOD_MODULE, [command, *argv[1:]], command == wanted)
    for command, (module, summary) in FIXED.items():
        child = commands.add_parser(command, help=summary, allow_abbrev=False)
        child.set_defaults(module=module)
        _fill(child, module, argv, command == wanted)
    return parser


def _fill(child: argparse.ArgumentParser, module: str, argv: Sequence[str], wanted: bool) -> None:
    if wanted:
        importlib.import_module(module).configure(child, argv)
    add_json(child)


def add_json(parser: argparse.ArgumentParser) -> None:
    """Give a command the flag every command has."""
    parser.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="print JSON, nothing else"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and give its exit code; never raises, never shows a traceback."""
    words = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in words
    given: argparse.Namespace | None = None
    try:
        _stop_cleanly_when_told()
        given = parse(words)
        reply: Reply = importlib.import_module(given.module).run(given)
    except SystemExit as end:  # argparse's way to end when help or the version was shown
        return int(end.code or 0)
    except _AloneError as alone:
        reply = failed(alone)
        if not as_json:
            reply = Reply(tuple(alone.help.splitlines()), exit_code=alone.exit_code)
    except KeyboardInterrupt:
        reply = stopped(kept=_kept(words, given))
    except Exception as error:  # the edge: every error becomes an exit code here
        reply = failed(error)
    return show(reply, as_json=as_json)


def _kept(words: Sequence[str], given: argparse.Namespace | None) -> str | None:
    """What a stopped command has finished and kept, in words; None where it keeps nothing."""
    out = getattr(given, "out", None)
    if not words or (words[0] in FIXED and words[0] not in _RESUMES) or not isinstance(out, Path):
        return None
    from masquerade.provenance.kept_parts import kept_of

    return ", ".join(f"{one.words} kept" for one in kept_of(out))


def _stop_cleanly_when_told() -> None:
    """A request to end, from the system or a closed terminal, is taken like Ctrl-C."""
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), signal.default_int_handler)
