"""A preview: a few moments of a target as several alternatives would make them, to choose by eye.

Only the frames around each moment are read, followed and made, with a run-up, so that each looks
as it will in the whole. What comes of it is generated media like any other: one still, a sheet of
pictures, that passes the gates, is labelled and sealed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeAlias

from masquerade.media.encoding import Encoding
from masquerade.models.store import Progress
from masquerade.pipelines.clock import clock
from masquerade.pipelines.generate import groundwork
from masquerade.pipelines.preview.alternatives import Alternative, read_alternatives
from masquerade.pipelines.preview.chosen_settings import Choice, read_choices, settings_text
from masquerade.pipelines.preview.draft import Layout, Showing, covering
from masquerade.pipelines.preview.estimate import Estimate, Pace, Rehearsal, estimate, measure
from masquerade.pipelines.preview.moments import Which, read_stretch
from masquerade.pipelines.preview.pictures import Moment
from masquerade.pipelines.preview.scene import Scene, scene_of
from masquerade.pipelines.request import Asked, Request, read_request
from masquerade.pipelines.rigs import Rigs
from masquerade.pipelines.takes import Take
from masquerade.provenance.label import Label
from masquerade.provenance.saved import SaveReport
from masquerade.provenance.seal import save, seal
from masquerade.types import Draft

Say: TypeAlias = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be seen.

    Attributes:
        which: Moments of the target.
        compare: ``option=value,value`` each; every combination is an alternative.
        choose: Numbers of the alternatives for a settings file; empty for the first.
    """

    which: Which = field(default_factory=Which)
    compare: tuple[str, ...] = ()
    choose: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sheet that was sealed.

    Attributes:
        layout: Where everything is on it.
        saved: How it was sealed.
        estimate: What the whole job takes; None where the target is no video.
    """

    layout: Layout
    saved: SaveReport
    estimate: Estimate | None


@dataclass(frozen=True, slots=True)
class Previewed:
    """What came of a preview.

    Attributes:
        alternatives: What was compared.
        takes: What each of them makes of the job.
        moments: When; times count from the first picture.
        scene: The target's shots, as far as they were looked for.
        settings: The text of a settings file with what was chosen; empty where none was wanted.
        drawn: The sheet; None where none was wanted.
        notes: What the user should know, in sentences.
    """

    alternatives: tuple[Alternative, ...]
    takes: tuple[Take, ...]
    moments: tuple[Moment, ...]
    scene: Scene
    settings: str
    drawn: Drawn | None
    notes: tuple[str, ...]


def preview(
    request: Request,
    wish: Wish,
    *,
    out: Path | None,
    label: Label | None = None,
    with_settings: bool = False,
    progress: Say | None = None,
) -> Previewed:
    """A sealed sheet of pictures, what was chosen of it, and what the whole job will take.

    Args:
        request: The job, as for `masquerade.pipelines.make.make`.
        wish: What is to be seen of it.
        out: Where the sheet goes; None: no picture is made, for writing settings alone.
        label: The visible label.
        with_settings: Whether a settings file is wanted, so that shots have to be found.
        progress: Told (stage, done, total or None).

    Raises:
        UsageError: The request makes no sense.
        RefusedError: Consent or a policy gate says no.
        InputError: A file cannot be used.
        ProvenanceError: A mark could not be made.
        OutputError: The result cannot be written.
    """
    say = partial(_passed_on, progress)
    look = label or Label()
    look.check()
    asked = read_request(request)
    usual = asked.job.take
    alternatives = read_alternatives(wish.compare, usual)
    began = time.monotonic()
    ground = groundwork(covering(asked.job, alternatives), progress=say)
    scene = scene_of(asked.job, ground, wish.which, say, with_shots=with_settings)
    ready_s = time.monotonic() - began
    choices = read_choices(wish.choose or "1", len(alternatives), len(scene.times))
    is_still = ground.found.info.kind == "still"
    rigs = Rigs(
        ground.casts, asked.job.device, ground.found.reader, ground.networks, is_still=is_still
    )
    say("getting the methods ready", 0, 0)
    moments = tuple(_moments(scene, alternatives, usual, rigs))
    takes = tuple(one.of(usual, usual) for one in alternatives)
    text = ""
    if with_settings:
        still = scene.info.kind == "still"
        text = _settings(moments, choices, alternatives, takes, still=still)
    drawn = None
    if out is not None:
        showing = Showing(asked.job, ground, scene, moments, alternatives, look, say)
        kept = takes[choices[0] - 1].method
        ready_s += rigs.took_s.get(kept, 0) - ground.casts.spare_s(kept)
        drawn = _sealed(showing, asked, out, choices, ready_s)
    notes = (*ground.notes, *ground.found.tally.damages, *scene.notes())
    if with_settings:
        notes += tuple(scene.shared())
    return Previewed(alternatives, takes, moments, scene, text, drawn, notes)


def _passed_on(progress: Say | None, stage: str, done: int, total: int | None) -> None:
    if progress:
        progress(stage, done, total or None)


def _moments(
    scene: Scene, alternatives: Sequence[Alternative], usual: Take, rigs: Rigs
) -> Iterator[Moment]:
    for when, take in zip(scene.times, scene.takes, strict=True):
        yield Moment(
            float(when),
            scene.shot_at(when),
            partial(read_stretch, scene.info, when, scene.start),
            tuple(rigs.of(one.of(take, usual)) for one in alternatives),
        )


def _settings(
    moments: Sequence[Moment],
    choices: Sequence[int],
    alternatives: Sequence[Alternative],
    takes: Sequence[Take],
    *,
    still: bool,
) -> str:
    chosen = [
        Choice(moment.shot, "" if still else clock(moment.time_s), number)
        for moment, number in zip(moments, choices, strict=True)
    ]
    return settings_text(chosen, alternatives, takes)


def _sealed(
    showing: Showing, asked: Asked, out: Path, choices: Sequence[int], ready_s: float
) -> Drawn:
    """The sheet, sealed, and the estimate for what is chosen first."""
    before = time.monotonic()
    draft = showing.draft()
    showing.say("checking consent and policy", 0, 0)
    sealed = seal(
        draft,
        consents=asked.records,
        purpose=asked.purpose,
        label_preset=showing.label.preset,
        label_language=showing.label.language,
    )
    ready_s += time.monotonic() - before
    pace = _pace(showing, asked, draft, choices)
    finishing = _Finishing(showing.say)
    saved = save(sealed, out, encoding=Encoding(), progress=finishing)
    cut, info = showing.scene.cut, showing.scene.info
    told = None
    if pace is not None:
        done_s = finishing.took_s()
        told = estimate(info, pace, ready_s=ready_s, done_s=done_s, cut=cut)
    return Drawn(showing.drawn[0], saved, told)


class _Finishing:
    """Passes progress on, and takes the time from when all frames are made; state over a save."""

    def __init__(self, say: Progress) -> None:
        self._say, self._began = say, time.monotonic()

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        if stage == "frames":
            self._began = time.monotonic()
        self._say(stage, done, total or 0)

    def took_s(self) -> float:
        """Seconds since the last frame was made."""
        return time.monotonic() - self._began


def _pace(showing: Showing, asked: Asked, draft: Draft, choices: Sequence[int]) -> Pace | None:
    """How fast the job goes; None where it is over in a moment, or nothing is made."""
    rigs = [
        moment.rigs[number - 1] for moment, number in zip(showing.moments, choices, strict=True)
    ]
    rig = next((one for one in rigs if one is not None), None)
    if showing.scene.info.kind != "video" or rig is None:
        return None
    showing.say("measuring how fast it goes", 0, 0)
    first = showing.moments[rigs.index(rig)].stretch().frames[0].pts
    shoot = showing.shoot([], rig=rig)
    return measure(Rehearsal(draft, shoot, asked.records, asked.purpose, showing.label, first))
