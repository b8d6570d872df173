"""Attention: what a token takes from which others."""
