"""Measures of results: identity, pose, expression, flicker; pipelines do not know them."""
