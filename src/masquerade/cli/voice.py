"""`masquerade voice`: what can be done with voices, one action for each."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence
from typing import Final

from masquerade.cli import add_json
from masquerade.cli.reply import Reply

ACTIONS: Final = {
    "build": (
        "masquerade.cli.voice_build",
        "make a voice out of minutes of somebody's speech, under their consent",
    ),
    "convert": (
        "masquerade.cli.voice_convert",
        "say what a recording says in such a voice",
    ),
    "speak": (
        "masquerade.cli.voice_speak",
        "say a text in such a voice",
    ),
    "disguise": (
        "masquerade.cli.voice_disguise",
        "make whoever speaks in a recording hard to recognise",
    ),
}
"""Module and summary of each; a module has ``configure`` and ``run``, as a command's has."""


def configure(parser: argparse.ArgumentParser, argv: Sequence[str]) -> None:
    """Add the actions; the arguments of those that are named, or of all where none is."""
    parser.description = "Voices: each action says with --help what it needs."
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    named = [name for name in ACTIONS if name in argv] or list(ACTIONS)
    for name, (module, summary) in ACTIONS.items():
        child = actions.add_parser(name, help=summary, allow_abbrev=False)
        if name in named:
            importlib.import_module(module).configure(child, argv)
        add_json(child)


def run(given: argparse.Namespace) -> Reply:
    """Do what was asked."""
    module, _ = ACTIONS[given.action]
    reply: Reply = importlib.import_module(module).run(given)
    return reply
