"""Blocks of the Transformer, and stacks of them."""
