"""Trained networks: what their files say of themselves, and what they give, held to be numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from masquerade.errors import GivenModelError

Description = TypeVar("Description", bound=BaseModel)


def described(
    path: Path, words: dict[str, str], key: str, kind: type[Description], *, what: str, by: str
) -> Description:
    """What a trained model says of itself.

    Args:
        path: Its file, as messages name it.
        words: Of the file's header.
        key: Where the description lies in them.
        kind: What it is read as.
        what: The kind of model in words, such as ``trained swap``.
        by: The command that writes such files.

    Raises:
        GivenModelError: The file holds none, or one of another layout.
    """
    if key not in words:
        raise GivenModelError(
            f"{path.name} holds no {what}",
            f"a model as `{by}` wrote it",
            "name the file that was given to it after -o",
        )
    try:
        return kind.model_validate_json(words[key])
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise GivenModelError(
            f"what {path.name} says of its network cannot be used: {first['msg']}",
            "a model of this version's layout",
            "use the Masquerade that trained it, or train it anew",
        ) from error


def numbers(made: NDArray[Any]) -> NDArray[np.float32]:
    """What a network gave, as float32.

    Raises:
        GivenModelError: Some of it is no number.
    """
    if not np.isfinite(made).all():
        raise GivenModelError("the network gave numbers that are none", todo="train it anew")
    return np.asarray(made, np.float32)
