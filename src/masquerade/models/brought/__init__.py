"""Networks that users bring: carded, checked, tried, and opened within bounds."""
