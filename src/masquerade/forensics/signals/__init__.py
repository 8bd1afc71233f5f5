"""One file per signal: ``examine(sample, options)`` gives its evidence, or says why it cannot."""
