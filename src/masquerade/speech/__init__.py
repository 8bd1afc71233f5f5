"""From sound to its units: which phones are spoken, and when."""
