"""Everybody becomes somebody who does not exist: `anonymize.anonymize` is the way in."""
