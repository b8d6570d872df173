"""Layers whose weights, inputs and outputs are intervals."""
