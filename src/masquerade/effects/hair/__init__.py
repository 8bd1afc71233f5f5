"""Effects on hair, on the head and in the face."""
