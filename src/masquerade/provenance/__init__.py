"""Whether a thing may be made, and the marks of what was: consent, gates, seal, ledger, verify."""
