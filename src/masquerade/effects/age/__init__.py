"""What years do to a face."""
