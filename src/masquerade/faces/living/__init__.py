"""A photo taken apart so that the person in it can move."""
