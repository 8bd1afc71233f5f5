"""Sources of a swap before any work: `build.build_source`, `inspection.inspect`."""
