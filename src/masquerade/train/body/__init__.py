"""The training of a renderer of one person's body."""
