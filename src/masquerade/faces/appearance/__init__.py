"""Models of a person's looks, built from pictures without training."""
