"""Signs of illness, imitated for training health staff; always labelled, never for a diagnosis."""
