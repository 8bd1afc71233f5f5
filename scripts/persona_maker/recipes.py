"""What each persona is made of: ``scripts/personas.toml``, read and checked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from scripts.persona_maker.blend import PARTS

LEAST_DONORS = 8


class PersonaRecipe(BaseModel):
    """One persona's donors and settings.

    Donors are files below the folder of portraits, without ending; a minus before the name takes
    the portrait mirrored.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str
    looks: str
    """In words, for lists."""
    faces: tuple[str, ...] = Field(min_length=LEAST_DONORS)
    """Donors of the face: all count alike in its coarse bands."""
    detail: Mapping[str, str]
    """Which of them leads the fine bands of each part of the face."""
    frame: tuple[str, ...] = Field(min_length=1)
    """Donors of hair and ears, the leading one first."""
    body: str
    """Donor of neck and clothes."""
    reach: float = Field(85, ge=60, le=125)
    """Hair goes down to so many degrees from the vertical, seen from between the eyes."""
    exaggeration: float = Field(1.25, ge=0.5, le=2)
    backdrop: tuple[float, float, float] = (0.62, 0.62, 0.60)
    """RGB in [0, 1]."""
    garment: tuple[float, float, float] = (0, 0, 0)
    """Change of the clothes' colour in CIELAB."""
    skin: tuple[float, float, float] = (0, 0, 0)
    """Change of the skin's colour in CIELAB."""
    shape: tuple[float, ...] = ()
    """Differences between people added, in standard deviations; found by the search."""
    mended: tuple[tuple[int, int, int], ...] = ()
    """Circles (x, y, radius) painted over from around: badges and the like."""

    @model_validator(mode="after")
    def _is_complete(self) -> PersonaRecipe:
        if set(self.detail) != set(PARTS):
            raise ValueError(f"detail names {sorted(self.detail)}, expected {sorted(PARTS)}")
        strange = set(self.detail.values()) - set(self.faces)
        if strange:
            raise ValueError(f"detail comes from donors that are not among the faces: {strange}")
        people = {name.lstrip("-").rpartition("/")[2] for name in self.faces}
        if len(people) < LEAST_DONORS:
            raise ValueError(f"{len(people)} different people, at least {LEAST_DONORS}")
        return self

    @property
    def donors(self) -> tuple[str, ...]:
        """Every donor once, those of the face first."""
        return tuple(dict.fromkeys((*self.faces, *self.frame, self.body)))


def read_recipes(path: Path) -> tuple[PersonaRecipe, ...]:
    """The recipes of a file.

    Raises:
        pydantic.ValidationError: One of them is not complete.
    """
    with path.open("rb") as file:
        listed = tomllib.load(file)["persona"]
    return tuple(PersonaRecipe.model_validate(one) for one in listed)
