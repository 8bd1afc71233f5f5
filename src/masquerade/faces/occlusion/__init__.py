"""What lies in front of a face, and where it does not."""
