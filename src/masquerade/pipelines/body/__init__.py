"""Whole people in a video are replaced: `replace.body` is the way in."""
