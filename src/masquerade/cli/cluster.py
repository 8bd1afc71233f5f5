"""`masquerade cluster`: this machine takes part in a cluster, or says what one is made of."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from masquerade.cli import add_json
from masquerade.cli.flags import add_flags, read_flags
from masquerade.cli.reply import Reply

PORT: Final = 6380
_EXAMPLES: Final = """\
examples:
  masquerade cluster head --host 10.0.0.1          the first machine, which holds keys and seals
  masquerade cluster token                         where its token lies, to be copied to the others
  masquerade cluster join 10.0.0.1:6380 --host 10.0.0.2 --token cluster.token
  masquerade cluster show
  masquerade swap ada.jpg clip.mp4 -o out.mp4 --consent ada.consent --cluster auto
docs/scale.md says what the machines must share, and how to keep others out
"""


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    from masquerade.distributed.machine import Machine

    parser.epilog = _EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    head = actions.add_parser("head", help="begin a cluster; it lasts as long as this command")
    head.add_argument("--port", type=int, default=PORT, metavar="N", help=f"default {PORT}")
    join = actions.add_parser("join", help="give this machine to a cluster until Ctrl-C")
    join.add_argument("address", metavar="HOST:PORT", help="of the first machine")
    join.add_argument("--token", type=Path, metavar="FILE", help="the cluster's, copied from there")
    for child in (head, join):
        add_flags(child, Machine, "machine")
    show = actions.add_parser("show", help="the machines of a cluster, and which are like this one")
    show.add_argument("address", nargs="?", default="auto", metavar="HOST:PORT")
    token = actions.add_parser("token", help="where this installation's token lies")
    for child in (head, join, show, token):
        add_json(child)


def run(given: argparse.Namespace) -> Reply:
    """Do one of the actions."""
    return {"head": _stay, "join": _stay, "show": _show, "token": _token}[given.action](given)


def _stay(given: argparse.Namespace) -> Reply:
    from masquerade.distributed.likeness import check_ray
    from masquerade.distributed.machine import (
        Machine,
        head_words,
        join_words,
        private_place,
        stay,
    )
    from masquerade.distributed.token import take_token

    check_ray()
    machine = read_flags(given, Machine)
    if given.action == "join" and given.token is not None:
        take_token(given.token)
    folder = private_place()
    if given.action == "head":
        if machine.host != "127.0.0.1":
            print(
                "warning: whoever reaches this cluster's ports and knows its token can run"
                " anything on its machines; nothing is encrypted. See docs/scale.md",
                file=sys.stderr,
            )
        words = head_words(machine, given.port, folder)
    else:
        words = join_words(machine, given.address, folder)
    stay(words, folder, host=machine.host)
    return Reply(("ended",))


def _show(given: argparse.Namespace) -> Reply:
    from masquerade.distributed.likeness import likeness, traits
    from masquerade.distributed.ray import RayExecutor

    executor = RayExecutor(given.address)
    try:
        machines = executor.machines()
    finally:
        executor.close()
    lines, told = [f"this machine is {likeness()}"], []
    for one in machines:
        lines.append(
            f"{one.host}: {'here' if one.alive else 'lost'}, {one.cpus:g} CPU, {one.gpus:g} GPU,"
            f" {one.alike or 'takes no pieces'}"
        )
        told.append(
            {
                "host": one.host,
                "alive": one.alive,
                "cpus": one.cpus,
                "gpus": one.gpus,
                "like": one.alike,
            }
        )
    return Reply(tuple(lines), {"like": likeness(), "traits": traits(), "machines": told})


def _token(_given: argparse.Namespace) -> Reply:
    from masquerade.distributed.token import token_file

    place = str(token_file())
    return Reply((place,), {"token": place})
