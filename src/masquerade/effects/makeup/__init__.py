"""Effects that colour parts of a face."""
