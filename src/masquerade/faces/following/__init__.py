"""Faces found, and followed from frame to frame."""
