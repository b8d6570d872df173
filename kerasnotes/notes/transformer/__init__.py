"""Transformer: encoder, decoder, or both."""
