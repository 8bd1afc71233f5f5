"""Everybody whose face is lent has a record that covers this use."""

from __future__ import annotations

from dataclasses import replace

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

    Whoever drives a method needs a record too, a performer's for one: it is their performance. So
    does whoever is changed by a method that shows them as they never were: the target is then held
    against the records as a source is, whatever the draft says of it. What a method of another
    package, or one that is not installed, says of itself is not relied on: without a source,
    everybody in its target needs a record.

    Raises:
        ConsentError: A source is missing, cannot be measured, or is not covered.
        PolicyError: What the method takes is not known, or an input was changed.
        ProvenanceError: The installation's own records cannot be relied on.
    """
    recipe = request.draft.recipe
    portrayed = any(map(_portrays, recipe.methods))
    sources = [use for use in request.draft.uses if use.role == "source"]
    if not sources and (portrayed or any(map(_takes_source, recipe.methods))):
        raise ConsentError("the draft names no source", "the face that is used, and its record")
    stated = covered(request, sources)
    # Recordings and voices are held against their records by the gate for voices.
    files = {
        item.sha256: replace(item, role="source") if item.role == "target" else item
        for item in recipe.inputs
        if not is_heard(item) and (portrayed or item.role != "target")
    }
    found = [one for item in files.values() for one in source_coverage(request, item)]
    foreign = any(is_foreign(method) for method in recipe.methods)
    seen = target_coverage(request) if foreign and not sources else ()
    return (*stated, *found, *seen)


def _portrays(method: str) -> bool:
    """What the method's own module says; of one that is not installed, everybody is measured."""
    try:
        return registry.portrays_target(registry.get(method))
    except UsageError:
        return False


def _takes_source(method: str) -> bool:
    """What the method's own module says; one that is not installed could do anything."""
    try:
        return "source" in registry.takes(registry.get(method))
    except UsageError as error:
        raise PolicyError(
            f"what {method} takes is not known: {error.found}", "a method that is installed"
        ) from error


GATE = Gate("every source consents", "0.1", check)
