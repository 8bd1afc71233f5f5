"""Lips follow what is heard: `lipsync.lipsync` is the way in."""
