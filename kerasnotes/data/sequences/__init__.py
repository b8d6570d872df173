"""Sequences of numbers, each with a class or values of its own."""
