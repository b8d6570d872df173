"""Backpropagation by hand, as the notes derive it, in NumPy.

For `z_l = o_{l-1} W_l + b_l`, `o_l = sigmoid(z_l)` and the squared error
`L = 1/(2B) sum_n sum_k (o_k - t_k)^2`, with `B` examples:

    output layer:  delta_K = (o_K - t) o_K (1 - o_K)
    below it:      delta_J = (delta_K W_K^T) o_J (1 - o_J)
    gradients:     dL/dW_l = o_{l-1}^T delta_l / B,   dL/db_l = mean delta_l

The notes leave out the biases and the mean over a batch; both are here.

Reference:
    Rumelhart, Hinton & Williams, 1986, eqs. (4)-(6).
    https://doi.org/10.1038/323533a0
"""

from collections.abc import Sequence

import numpy as np

from kerasnotes.base.types import Array


def sigmoid(z: Array) -> Array:
    """Returns `1 / (1 + exp(-z))` without overflow for large negative `z`."""
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def forward(
    x: Array, weights: Sequence[Array], biases: Sequence[Array]
) -> list[Array]:
    """Returns every layer's output, the input `(B, D)` first."""
    outputs = [x]
    for weight, bias in zip(weights, biases, strict=True):
        outputs.append(sigmoid(outputs[-1] @ weight + bias))
    return outputs


def deltas(
    outputs: Sequence[Array], target: Array, weights: Sequence[Array]
) -> list[Array]:
    """Returns `dL/dz` of every layer and example, first layer first.

    Args:
        outputs: As `forward` returns them.
        target: Array `(B, K)`, the wanted outputs.
        weights: `W_l`, each `(in, out)`.
    """
    last = outputs[-1]
    found = [(last - target) * last * (1.0 - last)]
    layers = zip(outputs[-2:0:-1], weights[:0:-1], strict=True)
    for output, weight in layers:
        found.append((found[-1] @ weight.T) * output * (1.0 - output))
    return found[::-1]


def gradients(
    x: Array, target: Array, weights: Sequence[Array], biases: Sequence[Array]
) -> tuple[list[Array], list[Array]]:
    """Returns `dL/dW` and `dL/db` of every layer, first layer first.

    Args:
        x: Array `(B, D)`.
        target: Array `(B, K)` in `[0, 1]`.
        weights: `W_l`, each `(in, out)`.
        biases: `b_l`, each `(out,)`.
    """
    outputs = forward(x, weights, biases)
    errors = deltas(outputs, target, weights)
    pairs = zip(outputs[:-1], errors, strict=True)
    return (
        [before.T @ delta / len(x) for before, delta in pairs],
        [delta.mean(axis=0) for delta in errors],
    )
