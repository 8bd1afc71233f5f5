"""Faces of one person in one file."""
