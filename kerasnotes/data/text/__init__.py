"""Texts of strangers: which encoding they are in."""
