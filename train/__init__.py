"""Scripts that learn what the program ships or uses; each says what it learns from."""
