"""From a draft of sound to a sealed file, and an account of what was done.

Whatever makes sound ends here: `sealed_sound` takes the draft, whose consent and purpose the caller
states, and gives back what was written. `sound_draft` puts a draft of one input together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import masquerade
from masquerade.media.sound_containers import sound_container
from masquerade.options import Options
from masquerade.pipelines.saving import Saving
from masquerade.pipelines.voice.sound_input import SoundInput
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.saved import SaveReport
from masquerade.provenance.seal import save, seal
from masquerade.types import (
    Audio,
    Draft,
    DraftSound,
    IdentityUse,
    InputUse,
    Recipe,
    SoundPiece,
)

Progress: TypeAlias = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class MadeSound:
    """What came of a job: the sealed file, and what there is to say of it.

    Attributes:
        out: The file.
        saved: How it was sealed.
        said: What the method did, in sentences.
        notes: What the user should know, in sentences.
    """

    out: Path
    saved: SaveReport
    said: tuple[str, ...]
    notes: tuple[str, ...]

    def lines(self, took_s: float) -> list[str]:
        """The account in plain words."""
        length_s = float(self.saved.sound_s)
        speed = f" ({length_s / took_s:.1f} times as fast as it plays)" if took_s > 0 else ""
        return [
            f"{self.out}: {length_s:.1f} s of sound in {took_s:.1f} s{speed}",
            *self.said,
            *(f"note: {note}" for note in self.notes),
            *self.saved.lines(),
        ]

    def as_json(self) -> dict[str, object]:
        """The account for programs."""
        return {
            "out": str(self.out),
            "seconds_of_sound": round(float(self.saved.sound_s), 3),
            "said": list(self.said),
            "notes": list(self.notes),
            "seal": self.saved.as_json(),
        }


def check_request(target: Path, out: Path, saving: Saving) -> None:
    """Passes when a sound can be made there and say what it is, before any work is done.

    Raises:
        UsageError: The output exists, is the input or no sound file, or no such label is known.
        ProvenanceError: No voice is installed that could speak the label.
        OutputError: There is no such folder.
    """
    sound_container(out.suffix)
    replace(saving, label=replace(saving.label, is_heard=True)).check(out, target)


def sound_draft(
    sound: SoundInput,
    blocks: Iterator[Audio],
    *,
    method: str,
    options: Options,
    uses: Sequence[IdentityUse] = (),
    inputs: Sequence[InputUse] = (),
    models: Sequence[tuple[str, str]] = (),
    conceals: bool = False,
    tally: Callable[[], str] = str,
    judge: Callable[[Mapping[int, str]], None] | None = None,
) -> Draft:
    """A draft of sound that is made from the sound of one file.

    Args:
        sound: The file that is changed.
        blocks: What becomes of it, made when iterated, at its rate and with its channels.
        method: Name in the registry.
        options: Of the method.
        uses: Whose voices go in, as measured.
        inputs: Further files that go in.
        models: Name and SHA-256 of each network that is used.
        conceals: Whether the output is to say nothing of who is in the target.
        tally: What came of it, as JSON, once the blocks are through.
        judge: Raises where the result must not be kept.
    """
    name = f"target {sound.sha256[:12]}" if conceals else sound.path.name
    target = InputUse("target", name, sound.sha256, sound.path)
    recipe = Recipe(
        method=method,
        version=masquerade.__version__,
        options_json=options.canonical_json(),
        models=tuple(models),
        inputs=(target, *inputs),
    )
    pieces = iter([SoundPiece(0, "", blocks, tally)])
    made = DraftSound(sound.sr, sound.channels, pieces, sound.count, judge=judge or _content)
    return Draft(recipe, tuple(uses), sound.path, "sound", iter(()), conceals=conceals, sound=made)


def sealed_sound(
    draft: Draft,
    out: Path,
    *,
    consents: Sequence[ConsentRecord],
    purpose: str,
    saving: Saving,
    progress: Progress | None = None,
) -> SaveReport:
    """What was written: the draft made, spoken for, watermarked, signed, entered in the ledger.

    Raises:
        RefusedError: Consent or a policy gate says no.
        InputError: The input cannot be used, or what came of it must not be kept.
        ProvenanceError: A mark could not be made, or did not read back.
        OutputError: The result cannot be written.
    """
    if progress:
        progress("checking consent and policy", 0, None)
    sealed = seal(
        draft,
        consents=consents,
        purpose=purpose,
        label_preset=saving.label.preset,
        label_language=saving.label.language,
    )
    return save(sealed, out, encoding=saving.encoding, progress=progress)


def _content(_tallies: Mapping[int, str]) -> None:
    """Every result is kept."""
