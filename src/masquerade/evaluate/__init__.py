"""Measures of results: identity, pose, expression, flicker. Nothing imports these at run time."""
