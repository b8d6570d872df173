"""Spikes, and the slopes that stand in for that of a step.

    spk = 1 if v > 0 else 0,   d spk / d v := h(v)

A step's slope is 0 almost everywhere, so gradients take another one.

Reference:
    Neftci, Mostafa & Zenke, 2019, Surrogate gradient learning in spiking
    neural networks. https://arxiv.org/abs/1901.09948
    Fang et al., 2021 (arctan).
    https://arxiv.org/abs/2007.05785
    Zenke & Ganguli, 2018 (fast sigmoid).
    https://arxiv.org/abs/1705.11146
    Bellec et al., 2018 (triangular).
    https://arxiv.org/abs/1803.09574
    Bengio et al., 2013 (straight-through). https://arxiv.org/abs/1308.3432
"""

import math
from collections.abc import Callable
from typing import Any, Literal

from keras import ops

from kerasnotes.base.types import Tensor

Surrogate = Literal[
    "arctan", "fast-sigmoid", "sigmoid", "triangular", "straight-through"
]


def _arctan(v: Tensor, slope: float) -> Tensor:
    return (slope / 2) / (1 + ops.square((math.pi / 2 * slope) * v))


def _fast_sigmoid(v: Tensor, slope: float) -> Tensor:
    return 1 / ops.square(1 + slope * ops.abs(v))


def _sigmoid(v: Tensor, slope: float) -> Tensor:
    # Not `p (1 - p)`, which rounds where p is near 1.
    return slope * ops.sigmoid(slope * v) * ops.sigmoid(-slope * v)


def _triangular(v: Tensor, slope: float) -> Tensor:
    return ops.maximum(1 - slope * ops.abs(v), 0)


def _straight_through(v: Tensor, slope: float) -> Tensor:
    return ops.full_like(v, slope)


SURROGATES: dict[Surrogate, Callable[[Tensor, float], Tensor]] = {
    "arctan": _arctan,
    "fast-sigmoid": _fast_sigmoid,
    "sigmoid": _sigmoid,
    "triangular": _triangular,
    "straight-through": _straight_through,
}
"""`h(v, slope)` by name."""
SLOPES: dict[Surrogate, float] = {
    "arctan": 2.0,
    "fast-sigmoid": 25.0,
    "sigmoid": 25.0,
    "triangular": 1.0,
    "straight-through": 1.0,
}
"""Slopes unless told otherwise: snnTorch's, and the papers'."""


def fire(v: Tensor, surrogate: Surrogate, slope: float) -> Tensor:
    """Returns spikes, with a surrogate's slope for the gradient.

    Args:
        v: Membrane above its threshold, any shape.
        surrogate: Which slope.
        slope: How steep, above 0.

    Returns:
        Tensor like `v`: 1 where `v > 0`, else 0.
    """
    slope_of = SURROGATES[surrogate]

    # The arctan itself is never computed: with it in the forward pass XLA
    # takes five times as long.
    @ops.custom_gradient
    def spikes(v: Tensor) -> Any:
        def grad(*args: Tensor, upstream: Tensor = None) -> Tensor:
            if upstream is None:
                (upstream,) = args
            return upstream * slope_of(v, slope)

        return ops.cast(v > 0, v.dtype), grad

    return spikes(v)
