"""No child without a guardian's consent."""

from __future__ import annotations

from masquerade.provenance.gates.gate import Gate

GATE = Gate("no child without a guardian's consent", "0.2", None)
