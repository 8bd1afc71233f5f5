"""`masquerade certificate`: what signs manifests, and who attests the time."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from masquerade.cli import add_json
from masquerade.cli.reply import Reply
from masquerade.errors import OutputError, UsageError

if TYPE_CHECKING:
    from masquerade.provenance.c2pa.signing import Signing

_Actions: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
_SOURCES: Final = {
    "own": "this installation's own authority",
    "key": "a certificate of yours",
    "command": "a signing command",
    "plugin": "a signer of another package",
}


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    show = actions.add_parser("show", help="what signs now, until when, and who attests the time")
    show.add_argument(
        "--save-root",
        type=Path,
        metavar="PEM",
        help="write the topmost certificate, for others to give to `verify --trust-root`",
    )
    new = actions.add_parser("new", help="make a new root and key of this installation's own")
    use, time = _use_arguments(actions), _timestamp_arguments(actions)
    reset = actions.add_parser("reset", help="back to this installation's own, without timestamps")
    for child in (show, new, use, time, reset):
        add_json(child)


def _use_arguments(actions: _Actions) -> argparse.ArgumentParser:
    use = actions.add_parser("use", help="sign with a certificate of yours from now on")
    use.add_argument(
        "--chain", type=Path, metavar="PEM", help="your certificate, then those above it"
    )
    how = use.add_mutually_exclusive_group(required=True)
    how.add_argument(
        "--key", type=Path, metavar="PEM", help="its private key; a passphrase is asked for"
    )
    how.add_argument(
        "--command",
        dest="program",
        metavar="WORDS",
        help="a program that gets bytes on stdin and gives their signature on stdout",
    )
    how.add_argument("--signer", metavar="NAME", help="a signer that an installed package offers")
    use.add_argument(
        "--in-place", action="store_true", help="with --key: make no copy, read it where it lies"
    )
    return use


def _timestamp_arguments(actions: _Actions) -> argparse.ArgumentParser:
    time = actions.add_parser("timestamp", help="have a timestamp authority (RFC 3161) attest when")
    what = time.add_mutually_exclusive_group(required=True)
    what.add_argument("--url", help="address of the authority")
    what.add_argument("--off", action="store_true", help="ask none any more")
    time.add_argument(
        "--policy",
        choices=["required", "if-reachable"],
        default="required",
        help="required: nothing goes out without; if-reachable: it does, and its manifest says so",
    )
    time.add_argument(
        "--root", type=Path, metavar="PEM", help="the authority's certificates, to count as known"
    )
    return time


def run(given: argparse.Namespace) -> Reply:
    """Do one of the actions, and say what signs now."""
    actions: dict[str, Callable[[argparse.Namespace], Signing]] = {
        "show": _show,
        "new": _new,
        "use": _use,
        "timestamp": _timestamp,
        "reset": _reset,
    }
    return _reply(actions[given.action](given))


def _show(given: argparse.Namespace) -> Signing:
    from masquerade.provenance.c2pa.signing import open_signing, top_certificate

    ready = open_signing()
    if given.save_root:
        try:
            given.save_root.write_bytes(top_certificate(ready))
        except OSError as error:
            raise OutputError(f"{given.save_root} cannot be written ({error.strerror})") from error
    return ready


def _new(_given: argparse.Namespace) -> Signing:
    from masquerade.provenance.c2pa.signing import use_fresh_own

    return use_fresh_own()


def _use(given: argparse.Namespace) -> Signing:
    from masquerade.provenance.c2pa.signing import use_command, use_key, use_plugin

    if given.signer:
        return use_plugin(given.signer)
    if not given.chain:
        raise UsageError("--chain is missing", "your certificate and those above it, in PEM")
    if given.key:
        return use_key(given.chain, given.key, copy=not given.in_place)
    return use_command(given.chain, _words(given.program))


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise UsageError(f"--command {text}: {error}", "words as a shell reads them") from error


def _timestamp(given: argparse.Namespace) -> Signing:
    from masquerade.provenance.c2pa.signing import use_timestamps

    return use_timestamps(given.url or "", policy=given.policy, roots=given.root)


def _reset(_given: argparse.Namespace) -> Signing:
    from masquerade.provenance.c2pa.signing import reset

    return reset()


def _reply(ready: Signing) -> Reply:
    decision, chain = ready.decision, ready.chain
    time = f"{decision.ta_url} ({decision.ta_policy})" if decision.ta_url else "none"
    lines = [
        f"signed by   {chain.name} ({chain.algorithm}), {_SOURCES[decision.source]}",
        f"issued by   {chain.issuer}",
        f"valid until {chain.ends:%Y-%m-%d}",
        f"timestamps  {time}",
    ]
    if decision.source == "command":
        lines.append(f"command     {shlex.join(decision.command)}")
    warnings = ready.warnings()
    lines += [f"warning: {words}" for words in warnings]
    data = {
        "source": decision.source,
        "signed_by": chain.name,
        "issued_by": chain.issuer,
        "algorithm": chain.algorithm,
        "serial": chain.serial,
        "valid_until": chain.ends.isoformat(),
        "timestamps": decision.ta_url,
        "timestamp_policy": decision.ta_policy,
        "warnings": list(warnings),
    }
    return Reply(tuple(lines), data)
