"""What is asked of a file in which people are hidden, and the draft that comes of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Literal, TypeAlias

import masquerade
from masquerade.compose.blend import ComposeOptions
from masquerade.faces.readers import FaceReader
from masquerade.generate import anonymize as method
from masquerade.media.probe import MediaInfo
from masquerade.models.card import card
from masquerade.pipelines.anonymize.account import Anonymized, Hidden
from masquerade.pipelines.anonymize.render import Account, Scene, render
from masquerade.pipelines.anonymize.stand_ins import Candidate
from masquerade.pipelines.anonymize.survey import Survey, spans
from masquerade.pipelines.anonymize.trouble import Trouble
from masquerade.pipelines.pieces import Piece
from masquerade.pipelines.segment_key import segment_key
from masquerade.pipelines.voice.disguise import METHOD as VOICE_METHOD
from masquerade.pipelines.voice.disguise import Disguise
from masquerade.pipelines.voice.disguise import models as voice_models
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.saved import SaveReport
from masquerade.types import Box, Draft, DraftSegment, Frame, IdentityUse, InputUse, Recipe

OnFailure: TypeAlias = Literal["refuse", "pixelate"]
Voice: TypeAlias = Literal["keep", "disguise"]
METHOD: Final = "anonymize"
BLENDING: Final = ComposeOptions(padding=0.03, light_reach=0.9, relight=0.0, occlusion="off")
"""How faces are put in where nothing else is asked: wider, and less of the target's own shading;
hands and cups are drawn over with the face, because what is held back may show who it is."""


@dataclass(frozen=True, slots=True)
class Request:
    """Who is to be hidden, and how.

    Attributes:
        keep: Who stays as they are: see `masquerade.pipelines.people.resolve`.
        only: Who alone is hidden, likewise; everybody where both are empty.
        on_failure: Whether a head that cannot be drawn over stops the work or is covered.
        voice: Whether voices are kept, or one way to speak is put over all of the sound.
    """

    keep: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    on_failure: OnFailure = "refuse"
    voice: Voice = "keep"
    options: method.Options = field(default_factory=method.Options)
    blending: ComposeOptions = BLENDING


@dataclass(frozen=True, slots=True)
class Cast:
    """The personas of a job.

    Attributes:
        names: Who stands for whom, by number of the person.
        used: The personas, by name.
        consents: Their records, in the same order.
    """

    names: dict[int, str]
    used: dict[str, Candidate]
    consents: tuple[ConsentRecord, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """All that a draft is made of.

    Attributes:
        info: The file.
        cut: It in pieces; none of a still.
        seen: Who is where.
        numbers: Of the people who are hidden.
        cast: Who stands for them.
        trouble: Heads that are covered, by pts.
        request: What is asked for.
        reader: The loaded face networks.
        account: Takes up what is done.
        voice: How the voice is to speak; None where it is kept.
    """

    info: MediaInfo
    cut: Sequence[Piece]
    seen: Survey
    numbers: tuple[int, ...]
    cast: Cast
    trouble: dict[int, tuple[Trouble, ...]]
    request: Request
    reader: FaceReader
    account: Account
    voice: Disguise | None

    def draft(self, target: InputUse) -> Draft:
        """What is to be sealed; nothing of it is made yet."""
        onlookers: list[Callable[[Frame], None]] = []
        avoid: dict[int, tuple[Box, ...]] = {}
        pictures = {str(n): self.cast.used[name].pictures for n, name in self.cast.names.items()}
        scene = Scene(
            info=self.info,
            reader=self.reader,
            method=method.prepare(pictures, self.request.options),
            blending=self.request.blending,
            seen=self.seen,
            hidden=frozenset(self.numbers),
            trouble=self.trouble,
            onlookers=onlookers,
            avoid=avoid,
        )
        recipe = self._recipe(target)
        return Draft(
            recipe=recipe,
            uses=tuple(self._uses(target)),
            target=self.info.path,
            kind=self.info.kind,  # type: ignore[arg-type]
            segments=self._segments(scene, recipe),
            avoid=avoid,
            onlookers=onlookers,
            judge=self.account.judge,
            conceals=True,
            sound=self.voice.in_video() if self.voice else None,
        )

    def result(self, saved: SaveReport, notes: tuple[str, ...]) -> Anonymized:
        """What came of it, once it is saved.

        Args:
            saved: What was written.
            notes: What the user should know, in sentences.
        """
        people = self.seen.people
        hidden = tuple(
            Hidden(n + 1, self.cast.names.get(n, ""), people[n].frames, tuple(self.account.of(n)))
            for n in self.numbers
        )
        kept = tuple(n + 1 for n in range(len(people)) if n not in self.numbers)
        trouble = tuple(one for pts in sorted(self.trouble) for one in self.trouble[pts])
        return Anonymized(saved.path, self.info, hidden, kept, self.account, trouble, notes, saved)

    def _recipe(self, target: InputUse) -> Recipe:
        options = {
            "method": json.loads(self.request.options.canonical_json()),
            "compose": json.loads(self.request.blending.canonical_json()),
            "on_failure": self.request.on_failure,
            "cast": {str(n + 1): self.cast.names.get(n, "") for n in self.numbers},
            "people": len(self.seen.people),
        }
        if self.voice is not None:
            options["voice"] = json.loads(self.voice.options.canonical_json())
        sources = [one.input for used in self.cast.used.values() for one in used.pictures]
        return Recipe(
            method=METHOD,
            version=masquerade.__version__,
            options_json=json.dumps(options, sort_keys=True, separators=(",", ":")),
            models=(
                *((name, card(name).sha256) for name in self.reader.cards),
                *(voice_models() if self.voice else ()),
            ),
            inputs=(target, *sources),
            also=(VOICE_METHOD,) if self.voice else (),
        )

    def _uses(self, target: InputUse) -> Iterator[IdentityUse]:
        records = zip(self.cast.used.values(), self.cast.consents, strict=True)
        for used, record in records:
            for one in used.pictures:
                yield IdentityUse("source", "face", one.embedding, one.input.sha256, record.id)
        for seen in self.seen.people:
            yield IdentityUse("target", "face", seen.person.embedding, target.sha256)
        if self.voice is not None:
            yield self.voice.use

    def _segments(self, scene: Scene, recipe: Recipe) -> Iterator[DraftSegment]:
        found = list(spans(self.cut))
        for index, first, last, count in _extents(self.cut):
            mine, found = found[:count], found[count:]
            where = tuple((span.first, span.last) for span, _ in mine)
            yield DraftSegment(
                index,
                segment_key(recipe, where),
                first,
                last,
                render(scene, mine, self.account, index),
                partial(_tally, self.account, index),
            )


def _extents(cut: Sequence[Piece]) -> Iterator[tuple[int, int, int, int]]:
    """(index, first pts, last pts, number of spans) of every segment."""
    if not cut:
        yield 0, 0, 0, 1
    for piece in cut:
        yield piece.index, piece.first, piece.last, len(piece.spans)


def _tally(account: Account, index: int) -> str:
    done = account.segments.get(index)
    return done.as_json() if done else ""
