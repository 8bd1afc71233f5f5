"""An invisible mark in pictures: a 64-bit id, found again with the key of the installation."""
