"""The training of one person's mouth."""
