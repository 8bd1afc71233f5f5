"""Sources of a swap, built and inspected before any work."""
