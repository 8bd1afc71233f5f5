"""Everybody whose face is lent has a record that covers this use."""

from __future__ import annotations

from masquerade import registry
from masquerade.errors import ConsentError, PolicyError, UsageError
from masquerade.provenance.consent.check import Coverage
from masquerade.provenance.gates.consent_cover import covered
from masquerade.provenance.gates.consent_measured import (
    is_foreign,
    is_heard,
    source_coverage,
    target_coverage,
)
from masquerade.provenance.gates.gate import Gate, Request


def check(request: Request) -> tuple[Coverage, ...]:
    """The coverage of every source: as the draft states it, and as measured in the file itself.

    Whoever drives a method needs a record too, a performer's for one: it is their performance. What
    a method of another package, or one that is not installed, says of itself is not relied on:
    without a source, everybody in its target needs a record.

    Raises:
        ConsentError: A source is missing, cannot be measured, or is not covered.
        PolicyError: What the method takes is not known, or an input was changed.
        ProvenanceError: The installation's own records cannot be relied on.
    """
    recipe = request.draft.recipe
    sources = [use for use in request.draft.uses if use.role == "source"]
    if not sources and any(_takes_source(method) for method in recipe.methods):
        raise ConsentError("the draft names no source", "the face that is used, and its record")
    stated = covered(request, sources)
    # Recordings and voices are held against their records by the gate for voices.
    faces = [item for item in recipe.inputs if item.role != "target" and not is_heard(item)]
    files = {item.sha256: item for item in faces}
    found = [one for item in files.values() for one in source_coverage(request, item)]
    foreign = any(is_foreign(method) for method in recipe.methods)
    seen = target_coverage(request) if foreign and not sources else ()
    return (*stated, *found, *seen)


def _takes_source(method: str) -> bool:
    """What the method's own module says; one that is not installed could do anything."""
    try:
        module = registry.get(method)
        return "source" in registry.takes(module) or registry.portrays_target(module)
    except UsageError as error:
        raise PolicyError(
            f"what {method} takes is not known: {error.found}", "a method that is installed"
        ) from error


GATE = Gate("every source consents", "0.1", check)
