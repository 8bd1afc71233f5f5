"""No face or picture of the block lists."""

from __future__ import annotations

from masquerade.provenance.gates.gate import Gate

GATE = Gate("no face or picture of the block lists", "0.2", None)
