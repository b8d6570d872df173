"""Convolutional networks for small images."""
