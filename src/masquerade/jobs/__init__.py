"""Work that outlives the command that asked for it: a queue, workers, files that are swept."""
