"""From a patch to the frame: blended, its colours matched, put in."""
