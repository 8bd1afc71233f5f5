"""Evidence about any image, video or sound: signals that say what they saw, and a verdict."""
