"""Several faces become one: a morph of two, or the mean of many, in the first one's picture.

Everybody lends a face: each photo is a source of the draft, so that the gates measure the very
files that are used, and ask for the record of everybody in them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import masquerade
from masquerade.bodies.matte import person_matte
from masquerade.effects.mean_face import mean_face
from masquerade.effects.portrait import Portrait
from masquerade.errors import ConsentError, FaceError, InputError, LimitError, UsageError
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import distance, embed
from masquerade.faces.readers import FaceReader
from masquerade.faces.staging import strength
from masquerade.media.as_it_is import as_it_is
from masquerade.media.colour import replace as put_in
from masquerade.media.encoding import Encoding
from masquerade.media.endings import check_ending
from masquerade.media.read import read_image
from masquerade.models.card import card
from masquerade.models.person_mask import CARD as PERSON_MASK
from masquerade.models.person_mask import PersonMask
from masquerade.pipelines.cast import read_photo
from masquerade.pipelines.findings import fetch_for_gates
from masquerade.pipelines.request import only_purpose
from masquerade.pipelines.saving import check_out
from masquerade.pipelines.segment_key import segment_key
from masquerade.pipelines.whose_record import nearest_record
from masquerade.provenance.consent.check import check_face
from masquerade.provenance.consent.record import ConsentRecord, Kind
from masquerade.provenance.consent.records import load_all
from masquerade.provenance.label import Label
from masquerade.provenance.saved import SaveReport
from masquerade.provenance.seal import save, seal
from masquerade.telling import Progress, no_progress
from masquerade.types import Draft, DraftSegment, Face, Frame, IdentityUse, InputUse, Recipe

METHOD: Final = "edit"
MOST: Final = 30  # photos
_ROOM: Final = 1.5  # cut out around a face, in its box's sizes: its hair, and what moves with it
_LEAST_PX: Final = 48.0  # size of a face
_MOST_DEG: Final = 40.0  # turned from the camera


@dataclass(frozen=True, slots=True)
class Sitter:
    """Somebody in a photo.

    Attributes:
        frame: The photo.
        face: The one face in it.
        use: Whose face it is, and under which record.
        input: The photo as the recipe names it.
    """

    frame: Frame
    face: Face
    use: IdentityUse
    input: InputUse


@dataclass(slots=True)
class Morphed:
    """What came of it.

    Attributes:
        apart: Distance of the made face's identity to that of each photo, in their order.
        saved: How it was sealed; None until it is.
    """

    apart: list[float]
    saved: SaveReport | None = None

    def lines(self, photos: Sequence[Path]) -> list[str]:
        """The account in plain words."""
        told = ", ".join(
            f"{apart:.2f} from {photo.name}"
            for photo, apart in zip(photos, self.apart, strict=False)
        )
        return [f"identity of the face: {told}", *(self.saved.lines() if self.saved else ())]


def morph(
    photos: Sequence[Path],
    out: Path,
    *,
    consents: Sequence[Path] = (),
    share: float | None = None,
    purpose: str = "",
    label: Label,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Morphed:
    """Write one sealed picture of the mean of several faces.

    Args:
        photos: Two or more; hair, clothes and background are the first one's.
        out: The picture.
        consents: Records of everybody in the photos; one is enough for several photos of somebody.
        share: How much all others count together, in (0, 1]; None: every photo counts alike.
        purpose: What it is for; may be left out where the records name just one purpose.
        label: The visible label.
        overwrite: Replace `out` if it exists.
        progress: Told (stage, done, total or None).

    Raises:
        UsageError: Too few or too many photos, a share out of range, or a record of nobody.
        InputError: A photo cannot be used; FaceError where it is the face.
        RefusedError: Consent or a policy gate says no.
        ProvenanceError: A mark could not be made.
        OutputError: The result cannot be written.
    """
    label.check()
    shares = _shares(len(photos), share)
    check_out(out, *photos, overwrite=overwrite)
    check_ending(out, "still", Encoding())
    records = load_all(consents)
    if not records:
        raise ConsentError(
            f"no consent record for the faces in {len(photos)} photos",
            "a record of everybody in them",
            "add --consent RECORD for each person",
        )
    reader = FaceReader.open(progress=progress)
    fetch_for_gates(progress or no_progress)
    sitters = [_sitter(path, reader, records) for path in photos]
    used = _used(records, sitters)
    made = Morphed([])
    ready = seal(
        _draft(sitters, shares, reader, made.apart),
        consents=used,
        purpose=purpose or only_purpose(used),
        label_preset=label.preset,
        label_language=label.language,
    )
    made.saved = save(ready, out, encoding=Encoding(), progress=progress)
    return made


def _shares(count: int, share: float | None) -> list[float]:
    """How much each photo counts.

    Raises:
        UsageError: There are too few photos, or too many; or it is no share.
    """
    if not 2 <= count <= MOST:
        raise UsageError(
            f"photos given: {count}", f"2 to {MOST}: the first, whose hair stays, and others"
        )
    others = (count - 1) / count if share is None else share
    if not 0 < others <= 1:
        raise UsageError(f"the share of the others is {others:g}", "more than 0, at most 1")
    return [1 - others, *[others / (count - 1)] * (count - 1)]


def _sitter(path: Path, reader: FaceReader, records: Sequence[ConsentRecord]) -> Sitter:
    """Who is in a photo.

    Raises:
        FaceError: Nobody, several people, or a face that is too small or turned too far.
        InputError: It is no photo, or was changed meanwhile.
    """
    with as_it_is(path):
        picture = read_photo(path, reader)
        frame = read_image(path)
    face = max(find_faces(frame.pixels, reader), key=lambda one: one.size_px, default=None)
    if face is None or distance(embed(frame.pixels, face, reader), picture.embedding) > 0:
        raise InputError(f"{path.name} was changed while it was looked at", todo="try again")
    share, why = strength(face, least_px=_LEAST_PX, most_deg=_MOST_DEG)
    if share <= 0:
        raise FaceError(
            f"{path.name}: {why}", "a face of good size, towards the camera", "use another photo"
        )
    use = IdentityUse("source", "face", picture.embedding, picture.input.sha256)
    return Sitter(frame, face, replace(use, consent=_consent(path, use, records)), picture.input)


def _consent(path: Path, use: IdentityUse, records: Sequence[ConsentRecord]) -> str:
    """The record of whoever is in a photo.

    Raises:
        ConsentError: None of the records is theirs; the photo is named.
    """
    record = nearest_record(records, use)
    if record is None:
        raise ConsentError(
            f"{path.name}: no consent record is given", "one of whoever is in it", "add --consent"
        )
    try:
        check_face(record, use.embedding)
    except ConsentError as error:
        raise ConsentError(
            f"{path.name}: nobody in it consents; of the records given, the nearest: {error.found}",
            error.expected,
            "add --consent RECORD of whoever is in that photo, or leave the photo out",
        ) from error
    return record.id


def _used(records: Sequence[ConsentRecord], sitters: Sequence[Sitter]) -> tuple[ConsentRecord, ...]:
    """The records, all of them in use.

    Raises:
        UsageError: One is for nobody in the photos.
    """
    named = {sitter.use.consent for sitter in sitters}
    for record in records:
        if record.id not in named or record.kind is Kind.PERFORMER:
            raise UsageError(
                f"consent {record.id} ({record.subject}) is for nobody in these photos",
                "the records of those who are in them",
                "leave it out",
            )
    return tuple(records)


def _draft(
    sitters: Sequence[Sitter], shares: Sequence[float], reader: FaceReader, apart: list[float]
) -> Draft:
    recipe = _recipe(sitters, shares, reader)
    onlookers: list[Callable[[Frame], None]] = []

    def pictures() -> Iterator[Frame]:
        first = sitters[0].frame
        for see in onlookers:
            see(first)
        made = _made(sitters, shares)
        shown = find_faces(made.pixels, reader)
        if not shown:
            raise FaceError("no face is seen in what was made", "photos from the front")
        face = max(shown, key=lambda one: one.size_px)
        mine = embed(made.pixels, face, reader)
        apart[:] = [distance(mine, sitter.use.embedding) for sitter in sitters]
        yield made

    face = sitters[0].face
    uses = [sitter.use for sitter in sitters]
    return Draft(
        recipe=recipe,
        uses=(*uses, replace(uses[0], role="target", consent="")),
        target=sitters[0].input.path or Path(sitters[0].input.name),
        kind="still",
        segments=iter([DraftSegment(0, segment_key(recipe), 0, 0, pictures())]),
        avoid={0: (face.box,)},
        onlookers=onlookers,
    )


def _recipe(sitters: Sequence[Sitter], shares: Sequence[float], reader: FaceReader) -> Recipe:
    names = (*reader.cards, PERSON_MASK)
    inputs = [sitter.input for sitter in sitters]
    return Recipe(
        method=METHOD,
        version=masquerade.__version__,
        options_json=json.dumps({"morph": list(shares)}, separators=(",", ":")),
        models=tuple((name, card(name).sha256) for name in names),
        inputs=(replace(inputs[0], role="target"), *dict.fromkeys(inputs)),
    )


def _made(sitters: Sequence[Sitter], shares: Sequence[float]) -> Frame:
    """The first photo with the mean of all faces in it."""
    network = PersonMask.open()
    portraits = []
    for sitter in sitters:
        people = person_matte(sitter.frame.pixels, network)
        one = Portrait.of(sitter.frame, sitter.face, room=_ROOM, people=people)
        if one is None:
            raise LimitError(f"the face in {sitter.input.name} lies outside the picture")
        portraits.append(one)
    mean = mean_face(portraits, shares, frame_wh=sitters[0].frame.size_wh)
    return put_in(sitters[0].frame, mean.pixels, mean.box)
