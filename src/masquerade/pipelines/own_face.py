"""Whose face a network draws that a user brings, tried on the source's own picture.

Such a network may hold somebody's face instead of taking the source's: nobody's record would cover
what it makes. Drawn over themselves, a source must stay who they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from masquerade.compose.blend import ComposeOptions, compose
from masquerade.errors import ConsentError, FaceError
from masquerade.faces.embed import SAME_PERSON, distance, embed
from masquerade.faces.readers import FaceReader
from masquerade.types import Frame, Generator, Patch, SourcePicture, Window


def check_own_face(
    method: Generator, cast: Mapping[str, Sequence[SourcePicture]], reader: FaceReader
) -> None:
    """Passes when each source, drawn over their own picture, is still the same person.

    Args:
        method: Made ready for this cast.
        cast: By member, the pictures of their source.
        reader: The loaded face networks.

    Raises:
        ConsentError: Somebody else is drawn.
        FaceError: A source has no picture that the method draws over, so that nobody can tell.
    """
    for member, pictures in cast.items():
        apart = _apart(method, member, pictures, reader)
        if apart >= SAME_PERSON:
            raise ConsentError(
                "the network draws somebody who is not the source:"
                f" distance {apart:.2f} from themselves",
                f"less than {SAME_PERSON:.2f}: the face of the source, whom the record covers",
                "choose a network that takes its face from the source alone",
            )


def _apart(
    method: Generator, member: str, pictures: Sequence[SourcePicture], reader: FaceReader
) -> float:
    """Distance of the straightest picture's identity before and after it is drawn over."""
    for one in sorted(pictures, key=lambda picture: float(np.hypot(*picture.face.pose_deg[:2]))):
        frame = Frame(one.pixels, 0)
        face = replace(one.face, person=member)
        made = method(iter([Window((frame,), ((face,),), 0)]))
        drawn = [item for items in made for item in items if isinstance(item, Patch)]
        if drawn:
            shown = compose(frame, drawn, ComposeOptions())
            return distance(embed(one.pixels, one.face, reader), embed(shown.pixels, face, reader))
    raise FaceError(
        "whose face the network draws cannot be told: it draws over no picture of the source",
        "a picture of the source from the front, large enough for the method",
        "add one",
    )
