"""Whole people in a video are replaced: `replace.replace_body` is the way in."""
