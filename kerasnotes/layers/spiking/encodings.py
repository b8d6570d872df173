"""From numbers to spikes, by how often, by when, or by how they change.

Inputs are numbers between 0 and 1; time comes first, `(T, ...)`.

Reference:
    Eshraghian et al., 2023, section on the spike-encoding of inputs;
    snnTorch's `spikegen`. https://arxiv.org/abs/2109.12894
"""

import math
from typing import Literal

import numpy as np
from keras import ops

from kerasnotes.base.types import Tensor

Latency = Literal["linear", "logarithmic"]
TINY = 1e-7
"""Above the threshold of a logarithmic latency: the latest spike's."""


def rate_code(x: Tensor, draws: Tensor) -> Tensor:
    """Returns spikes as frequent as a number is large: Bernoulli's.

    Args:
        x: Probabilities of a spike, `(...)`; beyond 0 and 1 they are these.
        draws: Uniform in `[0, 1)`, `(T, ...)`.

    Returns:
        Tensor `(T, ...)`.
    """
    return ops.cast(draws < x, x.dtype)


def latency(
    x: Tensor, steps: int, kind: Latency, threshold: float = 0.01
) -> Tensor:
    """Returns when each number fires: the larger, the sooner.

    Linear: `(T - 1) (1 - x)`. Logarithmic: when a membrane without a reset
    that a current `x` charges has reached `threshold`, stretched to T steps:
    `log(x / (x - threshold))` of what that is for the least `x` that gets
    there.

    Args:
        x: Numbers `(...)`.
        steps: T.
        kind: Which of both.
        threshold: Least number that fires, between 0 and 1.

    Returns:
        Tensor `(...)`, 0 to `T - 1`, steps, not rounded.
    """
    if kind == "linear":
        return (steps - 1) * (1 - ops.clip(x, threshold, 1.0))
    x = ops.maximum(x, threshold + TINY)
    latest = math.log((threshold + TINY) / TINY)
    return (steps - 1) / latest * ops.log(x / (x - threshold))


def latency_code(
    x: Tensor, steps: int, kind: Latency, threshold: float = 0.01
) -> Tensor:
    """Returns at most one spike for each number: see `latency`.

    What is below `threshold` does not fire at all.

    Returns:
        Tensor `(T, ...)`.
    """
    when = ops.round(latency(x, steps, kind, threshold))
    shape = (steps, *[1] * len(x.shape))
    at = ops.convert_to_tensor(np.arange(steps).reshape(shape), x.dtype)
    spikes = ops.cast(ops.equal(at, when), x.dtype)
    return spikes * ops.cast(x >= threshold, x.dtype)


def delta_code(x: Tensor, threshold: float = 0.1) -> Tensor:
    """Returns 1 where a number rose by `threshold`, -1 where it fell by it.

    Args:
        x: Numbers `(T, ...)`. The first are compared with themselves.
        threshold: Least change that fires, above 0.

    Returns:
        Tensor `(T, ...)`.
    """
    change = x - ops.concatenate([x[:1], x[:-1]], axis=0)
    rose = ops.cast(change >= threshold, x.dtype)
    return rose - ops.cast(change <= -threshold, x.dtype)
