"""What a job would make, seen before it is made: `preview.preview` is the way in."""
