"""What would help where an examination alone does not settle it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeGuard

from masquerade.forensics.evidence import Applies, Evidence, Finding
from masquerade.pipelines.examine.examine import Examination

_OPEN: Final = (Finding.INCONCLUSIVE, Finding.NOT_EXAMINABLE, Finding.MANIPULATED)
_ORIGINAL: Final = (
    "The file as the camera or the first uploader has it: each copy that was sent, filmed from a"
    " screen or stored again has fewer traces and fewer marks."
)
_OUTSIDE: Final = (
    "What lies outside the file: who published it first, other recordings of the same moment, and"
    " the word of whoever is seen or heard."
)


def helps(found: Examination) -> Iterator[str]:
    """What to ask for next, a line each; nothing where marks have settled it.

    Args:
        found: What came of the examination.
    """
    if found.verdict.finding not in _OPEN:
        return
    yield _ORIGINAL
    by_name = {one.signal: one for one in found.evidence}
    face, voice = by_name.get("learned_face"), by_name.get("learned_sound")
    lips, person = by_name.get("lip_sync"), by_name.get("person_of_interest")
    if found.kind != "audio" and _silent(face) and "No face" in face.says:
        yield f"If somebody is to be seen: a larger or sharper copy of the faces. {face.says}"
    if found.kind not in ("audio", "still") and _silent(lips):
        yield (
            "A longer piece with its sound, in which whoever speaks is seen from the front: lips"
            " against the voice would be a second kind of evidence."
        )
    if found.kind == "still" and face is not None and not _silent(face):
        yield "The video or the other pictures of the same moment, if there are any."
    if found.kind == "audio" and _silent(voice) and "Less than" in voice.says:
        yield f"A longer piece. {voice.says}"
    if found.kind not in ("audio", "still") and _silent(person) and not _silent(face):
        yield (
            "If it is known who is to be seen: footage of theirs, enrolled with their consent"
            " (masquerade person enrol), to compare face and movement with."
        )
    yield _OUTSIDE


def _silent(one: Evidence | None) -> TypeGuard[Evidence]:
    """Whether a signal was run and could say nothing."""
    return one is not None and one.applies is Applies.NO
