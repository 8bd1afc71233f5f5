"""The same jobs over the network: an API, and pages on it. It makes no media itself."""
