"""No unsafe content goes in or comes out."""

from __future__ import annotations

from masquerade.provenance.gates.gate import Gate

GATE = Gate("no unsafe content goes in or comes out", "0.2", None)
