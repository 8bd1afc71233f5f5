"""Everybody whose face is lent has a record that covers this use."""

from __future__ import annotations

from masquerade import registry
from masquerade.errors import ConsentError, PolicyError, UsageError
from masquerade.provenance.check import Coverage
from masquerade.provenance.gates.consent_cover import covered
from masquerade.provenance.gates.gate import Gate, Request


def check(request: Request) -> tuple[Coverage, ...]:
    """The coverage of every source.

    Raises:
        ConsentError: A source is missing, or not covered.
        PolicyError: What the method takes is not known.
        ProvenanceError: The installation's own records cannot be relied on.
    """
    sources = [use for use in request.draft.uses if use.role == "source"]
    if not sources and _takes_source(request.draft.recipe.method):
        raise ConsentError("the draft names no source", "the face that is used, and its record")
    return covered(request, sources)


def _takes_source(method: str) -> bool:
    """What the method's own module says; one that is not installed could do anything."""
    try:
        return "source" in registry.takes(registry.get(method))
    except UsageError as error:
        raise PolicyError(
            f"what {method} takes is not known: {error.found}", "a method that is installed"
        ) from error


GATE = Gate("every source consents", "0.1", check)
