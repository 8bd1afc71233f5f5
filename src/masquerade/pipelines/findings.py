"""What is known of a job before anything is made: who is in the target, whom each one replaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from masquerade import registry
from masquerade.errors import UsageError
from masquerade.faces.readers import FaceReader
from masquerade.media.probe import MediaInfo, probe
from masquerade.models import unsafe_content
from masquerade.models.store import Progress, fetch, verify
from masquerade.pipelines.cast import CastMember
from masquerade.pipelines.first_look import first_look
from masquerade.pipelines.people import Person, resolve, who_is_there
from masquerade.pipelines.pieces import Piece
from masquerade.pipelines.tally import Tally


@dataclass(frozen=True, slots=True)
class Findings:
    """What a first look at a job's target gave.

    Attributes:
        info: What the target is.
        reader: The loaded face networks.
        people: Who was seen in it, left to right.
        wanted: The person that each member of the cast replaces; None: everyone nobody else
            replaces.
        cut: Its pieces, where finding them cost nothing more; empty where it is still to be done.
        tally: Knows what is damaged.
    """

    info: MediaInfo
    reader: FaceReader
    people: tuple[Person, ...]
    wanted: Mapping[str, Person | None]
    cut: tuple[Piece, ...]
    tally: Tally

    def places(self) -> dict[str, int | str]:
        """Whom each member of the cast replaces: a number counted from the left, or everyone."""
        numbers: dict[int, int | str] = {id(one): n for n, one in enumerate(self.people, 1)}
        return {member: numbers.get(id(who), "everyone") for member, who in self.wanted.items()}


def open_target(target: Path) -> MediaInfo:
    """What the target is, where it has pictures.

    Raises:
        UsageError: It is sound only.
        InputError: It cannot be used.
    """
    info = probe(target)
    if info.kind == "audio":
        raise UsageError(
            f"{target.name} is sound only",
            "a picture or a video as target",
            "give that first; sound that a mouth is to follow is given with --speech",
        )
    return info


def look_into(
    info: MediaInfo, cast: Sequence[CastMember], reader: FaceReader, say: Progress
) -> Findings:
    """Who is in a target, and whom of them a cast means.

    Args:
        info: What `probe` said of the target.
        cast: Who becomes whom.
        reader: The loaded face networks.
        say: Told (what, done, in all or 0).

    Raises:
        UsageError: Two members of the cast mean the same person.
        FaceError: Nobody was seen, or nobody who is meant.
        InputError: The file is of no use.
    """
    tally = Tally()
    glances, cut = first_look(info, on_damage=tally.damage, progress=say)
    say("looking for people", 0, 0)
    people = who_is_there(glances, reader)
    return Findings(info, reader, people, _wanted(cast, people, reader), cut, tally)


def check_sources(method: str, cast: Sequence[CastMember], module: ModuleType) -> None:
    """Passes when everybody of the cast has a source, or nobody where the method takes none.

    Raises:
        UsageError: Otherwise.
    """
    if "source" in registry.takes(module):
        if not cast:
            raise UsageError("nobody is to be replaced", "a source, or a people map")
        lacking = [member.who for member in cast if not member.sources]
        if lacking:
            raise UsageError(f"no source for {lacking[0]}", f"{method} takes photos of one")
    elif any(member.sources for member in cast):
        raise UsageError(f"{method} takes no source", "the target alone")


def fetch_for_gates(say: Progress) -> None:
    """Weights that a gate will ask for without a word are brought here, where one is told."""
    if verify(unsafe_content.CARD).state == "missing":
        fetch(unsafe_content.CARD, progress=say)


def _wanted(
    cast: Sequence[CastMember], people: Sequence[Person], reader: FaceReader
) -> dict[str, Person | None]:
    wanted = {str(n): resolve(member.who, people, reader) for n, member in enumerate(cast)}
    chosen = [id(person) for person in wanted.values()]
    if len(set(chosen)) < len(chosen):
        raise UsageError(
            "two entries of the cast mean the same person of the target",
            "one entry for each person",
            "tell them apart by place (left, right, 1, 2) or by photo",
        )
    return wanted
