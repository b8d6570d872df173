"""Functions that never fall: the ends of a range are those of its ends.

Such are `relu`, `leaky_relu`, `elu`, `selu`, `softplus`, `sigmoid`, `tanh`;
`gelu` and `silu` fall somewhere, and are none.
"""

NON_NEGATIVE = frozenset({"relu", "softplus", "sigmoid"})
"""Those whose values are never below 0."""
