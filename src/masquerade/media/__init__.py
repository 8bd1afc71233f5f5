"""From bytes to frames and sound, and back."""
