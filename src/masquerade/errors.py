"""Every error Masquerade raises on purpose.

::

    MasqueradeError                 exit 1   our fault, or the machine's
    |-- UsageError                  exit 2   the request itself makes no sense
    |-- RefusedError                exit 3   consent or policy says no
    |   |-- ConsentError                     missing, expired, revoked, or another face
    |   `-- PolicyError                      a gate closed
    |-- InputError                  exit 4   the file cannot be used
    |   |-- MediaError                       damaged, truncated, of an unknown kind
    |   |-- LimitError                       larger than the limits allow
    |   `-- FaceError                        no face, several faces, too small, turned away
    |-- ProvenanceError             exit 5   a mark is broken, or could not be made
    |-- ModelError                  exit 1   weights missing, offline, of the wrong hash
    |   `-- GivenModelError         exit 4   a model of the user's own cannot be used
    `-- OutputError                 exit 1   the output cannot be written (no permission)
        `-- DiskFullError                    no room left; what was there before is whole

A message says what was found, what was expected, and what to do. The library raises; only the
command line and the server turn errors into exit codes and responses.
"""

from __future__ import annotations

from typing import ClassVar, Final

_OUTSIDE: Final = ("cv2", "onnxruntime", "av")
_NO_MEMORY: Final = ("insufficient memory", "bad_alloc", "bad allocation", "failed to allocate")


class MasqueradeError(Exception):
    """Root of the tree.

    Args:
        found: What is the case, in one sentence without a full stop.
        expected: What was expected instead; may be empty.
        todo: What the user can do; may be empty.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, found: str, expected: str = "", todo: str = "") -> None:
        self.found, self.expected, self.todo = found, expected, todo
        parts = [found]
        if expected:
            parts.append(f"expected: {expected}")
        if todo:
            parts.append(f"to do: {todo}")
        super().__init__("; ".join(parts))

    def told_of(self, name: str) -> str:
        """What was found, beginning with a file's name where the sentence does not hold it.

        Example:
            >>> MediaError("no face in it").told_of("a.jpg")
            'a.jpg: no face in it'
            >>> MediaError("a.jpg is damaged").told_of("a.jpg")
            'a.jpg is damaged'
        """
        return self.found if name in self.found else f"{name}: {self.found}"


class UsageError(MasqueradeError):
    """The request itself makes no sense."""

    exit_code = 2


class RefusedError(MasqueradeError):
    """Consent or policy says no; nothing was written."""

    exit_code = 3


class ConsentError(RefusedError):
    """The consent record is missing, expired, revoked, not genuine, or covers another face."""


class PolicyError(RefusedError):
    """A policy gate closed."""


class InputError(MasqueradeError):
    """The file cannot be used."""

    exit_code = 4


class MediaError(InputError):
    """The file is damaged, truncated or of an unknown kind."""


class LimitError(InputError):
    """The file is larger than the limits allow."""


class FaceError(InputError):
    """No face, several faces, or none that can be used."""


class ProvenanceError(MasqueradeError):
    """A mark is broken, or could not be made."""

    exit_code = 5


class ModelError(MasqueradeError):
    """Weights are missing, cannot be fetched, or are not what their card says."""


class GivenModelError(ModelError):
    """A model, a network or a card that the user gives is damaged, or not what it has to be."""

    exit_code = 4


class OutputError(MasqueradeError):
    """The output cannot be written."""


class DiskFullError(OutputError):
    """There is no room left to write in; what was there before is whole."""


def is_short_of_memory(error: BaseException) -> bool:
    """Whether memory was short, as Python says it, or what computes outside of it.

    Example:
        >>> is_short_of_memory(MemoryError())
        True
    """
    if isinstance(error, MemoryError):
        return True
    outside = type(error).__module__.partition(".")[0] in _OUTSIDE or type(error) is RuntimeError
    return outside and any(words in str(error).lower() for words in _NO_MEMORY)
