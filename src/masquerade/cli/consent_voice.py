"""The voice in consent records: the statement that is printed, and the recording of it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from masquerade.cli.asking import Asker
from masquerade.cli.progress import Progress
from masquerade.cli.reply import Reply
from masquerade.errors import ConsentError, InputError, UsageError

if TYPE_CHECKING:
    from masquerade.provenance.consent.challenge import Challenge
    from masquerade.provenance.consent.heard_voice import HeardVoice
    from masquerade.provenance.consent.records import Kind
    from masquerade.provenance.consent.statement import Statement

_LIVING: Final = ("subject", "performer")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the flags of `masquerade consent statement`."""
    parser.add_argument("--name", help="name or pseudonym of the person, as they say it")
    parser.add_argument("--grantee", help="who may use the voice")
    parser.add_argument("--purpose", action="append", default=[], help="what for; repeatable")
    parser.add_argument("--language", default="en", help="of the statement; en is heard so far")


def print_statement(given: argparse.Namespace) -> Reply:
    """The statement that a person has to read aloud, with words drawn for it."""
    from masquerade.provenance.consent.statement import statement

    asked = Asker(given)
    name = asked.text("name", "Name or pseudonym of the person, as they say it?")
    grantee = asked.text("grantee", "Who may use the voice?")
    purposes = asked.several("purpose", "What for (comma between several)?")
    stated = statement(name, grantee, purposes, language=given.language)
    text, drawn = _drawn(stated)
    flags = " ".join(f'--purpose "{one}"' for one in stated.purposes)
    lines = (
        f"  {text}",
        "",
        "The person reads this aloud, slowly and in one go, in a quiet room, and somebody records"
        " it: mono or stereo, 16 kHz or more, not over the telephone.",
        f"It is good for one record, until {drawn.until:%Y-%m-%d %H:%M} UTC:",
        f'  masquerade consent new -o OUT.consent --name "{stated.name}"'
        f' --grantee "{stated.grantee}" {flags} --voice RECORDING',
    )
    data = {
        "statement": text,
        "language": stated.language,
        "words": list(drawn.words),
        "id": drawn.id,
        "until": drawn.until.isoformat(),
    }
    return Reply(lines, data)


def read_voices(
    asked: Asker,
    given: argparse.Namespace,
    kind: Kind,
    name: str,
    grantee: str,
    purposes: Sequence[str],
) -> tuple[HeardVoice, ...]:
    """The voice in the recordings; where somebody answers, asked for until they can be used.

    Raises:
        UsageError: There is none, or more than one of a living person.
        InputError: A recording cannot be used.
        ConsentError: It is no consent, or of two people.
    """
    from masquerade.provenance.consent.statement import statement

    living = kind.value in _LIVING
    stated = statement(name, grantee, purposes) if living else None
    if stated and asked.talks and not given.voice:
        _show_statement(asked, stated)
    question = "Recording of the statement?" if living else "Recordings of the voice?"
    while True:
        paths = [dropped(word) for word in asked.several("voice", question)]
        try:
            return _heard(paths, stated, quiet=getattr(given, "json", False))
        except (InputError, ConsentError, UsageError) as error:
            if given.voice or not asked.talks:
                raise
            asked.say("; ".join(part for part in (error.found, error.todo) if part))


def verify_voice(path: Path) -> HeardVoice:
    """The one voice of a recording, for holding it against a record.

    Raises:
        InputError: It cannot be read or measured.
        ConsentError: Several people speak in it, or nobody.
    """
    from masquerade.hashing import file_sha256
    from masquerade.provenance.consent.heard_voice import HeardVoice
    from masquerade.provenance.consent.measured_voice import voices_in
    from masquerade.provenance.consent.voice_reader import voice_network

    try:
        digest = file_sha256(path)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})", "a sound file") from error
    found = voices_in(path, digest)
    if len(found) != 1:
        raise ConsentError(
            f"more than one voice is heard in {path.name}, or one that changes much"
            if found
            else f"no voice can be measured in {path.name}",
            "one person who speaks for five seconds or more",
        )
    return HeardVoice(found[0].embedding, voice_network(), digest, found[0].speech_s)


def dropped(word: str) -> Path:
    """The file of a name that was typed, or dropped on a terminal, which puts quotes around it."""
    if len(word) > 1 and word[0] == word[-1] and word[0] in "'\"":
        word = word[1:-1]
    return Path(word).expanduser()


def _heard(
    paths: Sequence[Path], stated: Statement | None, *, quiet: bool
) -> tuple[HeardVoice, ...]:
    from masquerade.provenance.consent.statement_check import (
        StatementReader,
        check_one_voice,
        hear_recording,
        hear_statement,
    )
    from masquerade.provenance.consent.voice_reader import VoiceReader

    if stated and len(paths) != 1:
        raise UsageError(
            f"{len(paths)} recordings of a statement",
            "one recording, of the whole statement",
            "for another statement, make another record",
        )
    with Progress(quiet=quiet) as progress:
        if stated:
            reader = StatementReader.open(progress=progress)
            return (hear_statement(paths[0], stated, reader),)
        voices = VoiceReader.open(progress=progress)
    heard = tuple(hear_recording(path, voices) for path in paths)
    check_one_voice(heard)
    return heard


def _show_statement(asked: Asker, stated: Statement) -> None:
    """Prints a statement, unless one for the same is waiting to be read."""
    from masquerade.provenance.consent.challenge import waiting

    if waiting(stated):
        asked.say("a statement for this name, grantee and purpose was printed and is waiting")
        return
    text, _ = _drawn(stated)
    asked.say("the person reads this aloud, slowly, in one go, and you record it:")
    asked.say("")
    asked.say(text)
    asked.say("")


def _drawn(stated: Statement) -> tuple[str, Challenge]:
    from masquerade.provenance.consent.challenge import draw

    drawn = draw(stated)
    return stated.text(drawn.words, datetime.now(UTC).date()), drawn
