"""Mouths: their shapes, their looks, and how one is drawn."""
