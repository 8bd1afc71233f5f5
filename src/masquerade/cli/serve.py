"""`masquerade serve`: the same jobs over the network, with keys; and pages in a browser."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from masquerade.cli import add_json
from masquerade.cli.flags import add_flags, read_flags
from masquerade.cli.reply import Reply


def configure(parser: argparse.ArgumentParser, argv: Sequence[str]) -> None:
    """Add the command's arguments; `serve key ...` is about keys."""
    if list(argv[1:2]) != ["key"]:
        from masquerade.jobs.sweep import Keep
        from masquerade.server.settings import Settings

        parser.description = (
            "Answers on this machine alone unless --host names another address. `masquerade serve"
            " key new --role creator|examiner|admin` makes a key, `serve key list` shows all,"
            " `serve key end KEY` withdraws one."
        )
        add_flags(parser, Settings, "server")
        add_flags(parser, Keep, "keeping")
        return
    parser.add_argument("what", choices=("key",), help=argparse.SUPPRESS)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    new = actions.add_parser("new", help="make a key; its secret is shown once")
    new.add_argument("--role", required=True, choices=("creator", "examiner", "admin"))
    new.add_argument("--name", default="unnamed", help="whose it is, or what for")
    listing = actions.add_parser("list", help="all keys")
    end = actions.add_parser("end", help="withdraw a key")
    end.add_argument("key", metavar="KEY", help="key-...")
    for child in (new, listing, end):
        child.add_argument("--queue", default="", metavar="URL", help="as for the server")
        add_json(child)


def run(given: argparse.Namespace) -> Reply:
    """Serve until Ctrl-C, or do something with keys."""
    if getattr(given, "what", "") == "key":
        return _key(given)
    from masquerade.jobs.sweep import Keep
    from masquerade.server.serving import check_installed, serve, warnings
    from masquerade.server.settings import Settings

    check_installed()
    settings = read_flags(given, Settings)
    for words in warnings(settings):
        _say(f"warning: {words}")
    serve(settings, read_flags(given, Keep), _say)
    return Reply(("ended",))


def _key(given: argparse.Namespace) -> Reply:
    from masquerade.jobs.place import open_queue
    from masquerade.server import audit
    from masquerade.server.caller import LOCAL, Role
    from masquerade.server.keys import Keys

    queue = open_queue(given.queue)
    try:
        keys = Keys(queue.database)
        if given.action == "list":
            found = keys.list_keys()
            lines = [
                f"{one.id}  {one.role:9} {'withdrawn' if one.ended_s else 'good':9} {one.name}"
                for one in found
            ]
            return Reply(tuple(lines or ["no keys"]), {"keys": [one.as_json() for one in found]})
        if given.action == "end":
            key = keys.end(given.key)
            audit.note("key withdrawn", key.id, LOCAL)
            return Reply((f"{key.id} ({key.name}) can not be used any more",), key.as_json())
        key, secret = keys.new(given.name, Role(given.role))
        audit.note("key made", key.id, LOCAL, for_role=key.role.value)
    finally:
        queue.close()
    lines = [
        f"{secret}",
        f"{key.id} ({key.name}) {key.role.says}",
        "this is the only time the secret is shown; it goes into Authorization: Bearer ...",
    ]
    return Reply(tuple(lines), key.as_json() | {"secret": secret})


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
