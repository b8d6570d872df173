"""Functions that never fall: the ends of a range are those of its ends."""

MONOTONE = (
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "softplus",
    "sigmoid",
    "tanh",
    "linear",
)
"""Activations by Keras' names. Others (`gelu`, `silu`) fall somewhere."""
NON_NEGATIVE = frozenset({"relu", "softplus", "sigmoid"})
"""Those whose values are never below 0."""
