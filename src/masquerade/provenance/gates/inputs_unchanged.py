"""Every input is, byte for byte, the file that was measured."""

from __future__ import annotations

from masquerade.errors import PolicyError
from masquerade.hashing import file_sha256
from masquerade.provenance.consent.check import Coverage
from masquerade.provenance.gates.gate import Gate, Request


def check(request: Request) -> tuple[Coverage, ...]:
    """Nothing to cover, when every input that can be read again has the hash it had.

    Raises:
        PolicyError: An input was changed, or is gone.
    """
    for item in request.draft.recipe.inputs:
        path = item.path or (request.draft.target if item.role == "target" else None)
        if path is None:
            continue
        try:
            found = file_sha256(path)
        except OSError as error:
            raise PolicyError(f"the input {item.name} cannot be read any more") from error
        if found != item.sha256:
            raise PolicyError(
                f"the input {item.name} was changed while it was worked on",
                f"SHA-256 {item.sha256[:16]}",
                "run the command again",
            )
    return ()


GATE = Gate("inputs are what was measured", "0.1", check)
