"""Effects that move parts of a face."""
