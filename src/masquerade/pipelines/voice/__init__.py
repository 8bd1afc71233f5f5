"""Voices built, spoken with, converted and disguised: a way in for each, sealed as sound."""
