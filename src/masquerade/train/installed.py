"""Whether what training needs is installed; importing this needs none of it."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

from masquerade.errors import UsageError

NEEDED: Final = ("torch", "safetensors")


def check_installed() -> None:
    """Passes when PyTorch and safetensors are installed.

    Raises:
        UsageError: They are not.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"training needs {' and '.join(missing)}, which is not installed here",
            "PyTorch and safetensors",
            "`pip install masquerade[train]`",
        )
