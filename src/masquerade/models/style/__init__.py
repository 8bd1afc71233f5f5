"""The networks that paint."""
