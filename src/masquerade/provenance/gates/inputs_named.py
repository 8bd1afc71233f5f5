"""Every face used is of a file the recipe names, and every source file's face is listed."""

from __future__ import annotations

from masquerade.errors import PolicyError
from masquerade.provenance.consent.check import Coverage
from masquerade.provenance.gates.consent_measured import is_heard
from masquerade.provenance.gates.gate import Gate, Request
from masquerade.types import InputUse


def check(request: Request) -> tuple[Coverage, ...]:
    """Nothing to cover, when files and faces agree.

    Raises:
        PolicyError: A source without a measured face, a face of a file that is not named, or a
            target that is not named.
    """
    inputs = request.draft.recipe.inputs
    target = request.draft.target
    if not any((item.path or (item.role == "target" and target)) == target for item in inputs):
        raise PolicyError(
            f"the recipe does not name {target.name}, which the output is made from",
            "every file that goes in, with its hash",
        )
    for item in inputs:
        # Nobody is asked about in a target but of the one that is changed: what else goes in lends.
        if item.role == "target" and item.path not in (None, target):
            raise PolicyError(
                f"the recipe names {item.name} as a target, and the output is made from"
                f" {target.name}",
                "one target; what else goes in is a source, or drives",
            )
    used = {(use.role, use.input_sha256) for use in request.draft.uses}
    for item in inputs:
        # A target may show nobody; a source without a measured face could be anybody.
        if item.role != "target" and (item.role, item.sha256) not in used:
            raise _unmeasured(item)
    if not used <= {(item.role, item.sha256) for item in inputs}:
        raise PolicyError("a face is used of a file that the recipe does not name")
    return ()


def _unmeasured(item: InputUse) -> PolicyError:
    if is_heard(item):
        return PolicyError(
            f"no voice was measured in the {item.role} {item.name}",
            "five seconds of speech, pauses not counted, so that it can be held against a record",
            "use a recording in which more is said",
        )
    return PolicyError(
        f"no face was measured in the {item.role} {item.name}", "every face used, measured"
    )


GATE = Gate("every face is of a named input", "0.1", check)
