"""Temporal convolutional network: causal, dilated, residual."""
