"""People as a whole in a picture."""
