"""Pictures painted anew: which style is meant, how it is laid on, how it stays still in videos."""
