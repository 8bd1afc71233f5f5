"""An inaudible mark in sound: a 64-bit id, found again with the key of the installation."""
