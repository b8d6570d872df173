"""Which keys a query may look at: `True` where it may."""

from typing import Any

from keras import ops

from kerasnotes.base.types import Tensor


def causal_mask(queries: Any, keys: Any, start: Any = 0) -> Tensor:
    """Returns `j <= start + i`: no query sees a key that comes later.

    Args:
        queries: How many, `T`.
        keys: How many, `S`.
        start: Position of the first query among the keys.

    Returns:
        Tensor `(1, 1, T, S)`, bool.
    """
    i = ops.arange(queries) + start
    j = ops.arange(keys)
    return (j[None, :] <= i[:, None])[None, None]


def both(one: Tensor | None, other: Tensor | None) -> Tensor | None:
    """Returns what two masks allow together; `None` allows everything."""
    if one is None or other is None:
        return other if one is None else one
    return ops.logical_and(one, other)


def of_keys(present: Tensor | None) -> Tensor | None:
    """Returns `(B, S)`, which keys are there, as a mask `(B, 1, 1, S)`."""
    if present is None:
        return None
    return ops.cast(present, "bool")[:, None, None, :]


def hidden_score(dtype: str) -> float:
    """Returns the score of what must not be seen: its softmax is 0.

    Finite: a query that may see nothing gets the mean of all values, which
    is no more wrong than anything else, and its gradient is no `nan`.
    """
    return -3e4 if dtype == "float16" else -1e30
