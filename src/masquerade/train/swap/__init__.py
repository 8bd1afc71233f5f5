"""The training of a swap between two people."""
