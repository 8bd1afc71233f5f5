"""The gates a draft must pass before anything of it is written; all in one list, open to see.

Gates close: they pass or they raise. There is no option, flag or variable that skips one. Each is
one file of `gates/`. Gates that are still to be built are in the list too, so that nobody takes
them for granted.
"""

from __future__ import annotations

from dataclasses import dataclass

from masquerade.provenance.consent.check import Coverage
from masquerade.provenance.gates import (
    blocked,
    consent_guardian,
    consent_performers,
    consent_sources,
    consent_trained,
    consent_voices,
    inputs_named,
    inputs_unchanged,
    unsafe_content,
)
from masquerade.provenance.gates.gate import Gate, Request

__all__ = ["GATES", "Gate", "Passed", "Request", "pass_gates"]

GATES: tuple[Gate, ...] = (
    inputs_named.GATE,
    inputs_unchanged.GATE,
    consent_trained.GATE,  # first: who is measured as well is kept with that measure
    consent_sources.GATE,
    consent_voices.GATE,
    consent_performers.GATE,
    consent_guardian.GATE,
    unsafe_content.GATE,
    blocked.GATE,
)


@dataclass(frozen=True, slots=True)
class Passed:
    """A request that came through every gate that is built: the records' coverage, gate by gate."""

    coverage: tuple[Coverage, ...]
    gates: tuple[tuple[str, str], ...]


def pass_gates(request: Request) -> Passed:
    """The outcome of every gate, when none of them closed.

    Raises:
        RefusedError: A gate closed; the message says which rule, and what can be done.
        ProvenanceError: The installation's own records cannot be relied on.
    """
    coverage: list[Coverage] = []
    for gate in GATES:
        if gate.check is not None:
            coverage += gate.check(request)
    return Passed(tuple(coverage), tuple((gate.name, gate.words) for gate in GATES))
