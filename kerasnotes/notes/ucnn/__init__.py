"""Unidirectional convolutional network: one axis at a time."""
