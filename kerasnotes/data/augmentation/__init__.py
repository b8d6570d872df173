"""Training images, varied at random."""
