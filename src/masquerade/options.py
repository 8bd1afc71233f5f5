"""Options of methods and signals: one frozen model each, from which everything else derives.

Command-line flags, web forms, job files and the tables in the docs are made from these fields;
a field is a type, a default, a range and one sentence (its description).
"""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict


class Options(BaseModel):
    """Base of every Options: frozen, and unknown keys are rejected.

    Example:
        >>> from pydantic import Field
        >>> class Mine(Options):
        ...     strength: float = Field(1.0, ge=0, le=1, description="How much.")
        >>> Mine(strength=0.5).canonical_json()
        '{"strength":0.5}'
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    def canonical_json(self) -> str:
        """The same text for the same options, whatever the order they were given in."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))

    def as_recorded(self) -> dict[str, object]:
        """Plain values for a recipe, which is shown to others: of a file, its name alone."""
        values: dict[str, object] = self.model_dump(mode="json")
        files = {name: value.name for name, value in self if isinstance(value, Path)}
        return values | files
