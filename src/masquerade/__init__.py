"""Masquerade makes, marks and unmasks synthetic media."""

__version__ = "0.1.0"
