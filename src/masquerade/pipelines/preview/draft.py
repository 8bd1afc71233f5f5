"""The draft of a preview: one still, a sheet of pictures, drawn once it is being saved."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from masquerade.compose.show import LEGEND
from masquerade.errors import FaceError
from masquerade.models.store import Progress
from masquerade.pipelines.generate import Groundwork, Job, recipe_of, uses_of
from masquerade.pipelines.preview.alternatives import Alternative
from masquerade.pipelines.preview.contact_sheet import Row, Sheet, contact_sheet
from masquerade.pipelines.preview.pictures import (
    AS_IT_IS,
    LEFT,
    NOT_CHANGED,
    Moment,
    rows_of,
)
from masquerade.pipelines.preview.scene import Scene
from masquerade.pipelines.render import Rig, Shoot
from masquerade.pipelines.shot_settings import ShotSettings
from masquerade.pipelines.takes import ShotTake, Where
from masquerade.provenance.label import Label
from masquerade.types import Box, Draft, DraftSegment, Frame, PixelBox, Recipe


@dataclass(frozen=True, slots=True)
class Layout:
    """What was drawn, for whoever shows it."""

    sheet: Sheet
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Showing:
    """All that a sheet is made of.

    Attributes:
        job: As it was asked for.
        moments: One for each row.
        alternatives: One for each column but the first.
        drawn: Takes up what was drawn, once it is.
    """

    job: Job
    ground: Groundwork
    scene: Scene
    moments: tuple[Moment, ...]
    alternatives: tuple[Alternative, ...]
    label: Label
    say: Progress
    drawn: list[Layout] = field(default_factory=list)

    def shoot(self, onlookers: list[Callable[[Frame], None]], *, rig: Rig | None = None) -> Shoot:
        """Who is in the target, for making pictures of it."""
        found = self.ground.found
        return Shoot(
            info=found.info,
            reader=found.reader,
            rig=rig,
            people=found.people,
            wanted=found.wanted,
            onlookers=onlookers,
        )

    def draft(self) -> Draft:
        """What is to be sealed; nothing of it is made yet."""
        avoid: dict[int, tuple[Box, ...]] = {}
        cells: list[PixelBox] = []
        onlookers: list[Callable[[Frame], None]] = []
        recipe = self._recipe()
        scene = self.scene
        last = scene.start + int(scene.times[-1] // scene.info.time_base)
        pictures = self._pictures(onlookers, avoid, cells)
        return Draft(
            recipe=recipe,
            uses=tuple(uses_of(self.job, self.ground, recipe)),
            target=self.job.target,
            kind="still",
            segments=iter([DraftSegment(0, recipe.options_json, last, last, pictures)]),
            avoid=avoid,
            onlookers=onlookers,
            cells=cells,
        )

    def _recipe(self) -> Recipe:
        recipe = recipe_of(covering(self.job, self.alternatives), self.ground)
        options = json.loads(recipe.options_json)
        options["preview"] = {
            "times_s": [str(one) for one in self.scene.times],
            "alternatives": [[list(one) for one in some.changes] for some in self.alternatives],
        }
        text = json.dumps(options, sort_keys=True, separators=(",", ":"))
        return replace(recipe, options_json=text)

    def _shows_mask(self) -> bool:
        rigs = (rig for moment in self.moments for rig in moment.rigs)
        return any(rig is not None and rig.blending.show == "mask" for rig in rigs)

    def _pictures(
        self,
        onlookers: list[Callable[[Frame], None]],
        avoid: dict[int, tuple[Box, ...]],
        cells: list[PixelBox],
    ) -> Iterator[Frame]:
        """The one frame of the draft; what is known of it then goes into what was given."""
        info = self.scene.info
        times: list[int] = []
        shoot = self.shoot([*onlookers, lambda frame: times.append(frame.pts)])
        marks = [f"{one.number}: {self.label.wording}" for one in self.alternatives]
        rows = tuple(rows_of(self.moments, shoot, marks, self.say))
        _check_changed(rows)
        heads = [AS_IT_IS, *(f"{one.number}: {one.words}" for one in self.alternatives)]
        title = f"preview of {info.path.name}"
        sheet = contact_sheet(title, heads, rows, legend=LEGEND if self._shows_mask() else "")
        self.drawn.append(Layout(sheet, rows))
        cells += [box for row in sheet.cells for box in row]
        avoid[times[-1]] = sheet.written
        yield Frame(sheet.pixels, times[-1], info.time_base)


def covering(job: Job, alternatives: Sequence[Alternative]) -> Job:
    """The job with every alternative as an entry of its settings, so that all of them is covered.

    Consent, networks, sources and the recipe follow from that.
    """
    compared = tuple(
        ShotTake(Where(f"alternative {one.number}"), one.of(job.take, job.take))
        for one in alternatives
        if one.changes
    )
    return replace(job, settings=ShotSettings((*job.settings.entries, *compared)))


def _check_changed(rows: Sequence[Row]) -> None:
    """Passes when something was changed in at least one picture.

    Raises:
        FaceError: Nothing was.
    """
    said = {shown.caption for row in rows for shown in row.shown[1:]}
    if all(words.startswith((NOT_CHANGED, LEFT)) for words in said):
        raise FaceError(
            f"nothing was changed at any of {len(rows)} moments: {'; '.join(sorted(said))}",
            "at least one moment at which somebody meant is seen",
            "nothing was written; name other times with --at, or another --person",
        )
