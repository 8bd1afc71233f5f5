"""One file per method, found by its name; see docs/adding-a-method.md and `masquerade.registry`."""
