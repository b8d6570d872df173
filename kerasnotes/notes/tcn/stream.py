"""A temporal convolutional network step by step, as the rows come.

Each convolution keeps the last `(F - 1) d` of its inputs, so that a new step
costs a product with `F` of them, however long the series is:

    y_t = b + sum_j x_{t - d (F - 1 - j)} W_j
"""

from typing import Any

import numpy as np
from keras import ops

from kerasnotes.base.types import Array
from kerasnotes.notes.tcn.causal_conv import CausalConv


def _array(tensor: Any) -> Array:
    return np.asarray(ops.convert_to_numpy(tensor))


class _Memory:
    """The inputs that one convolution may still look at.

    Args:
        conv: The layer.
    """

    def __init__(self, conv: CausalConv) -> None:
        self.kernel, self.bias = _array(conv.kernel), _array(conv.bias)
        self.dilation = conv.dilation
        self.length = conv.reach + 1
        self.kept = np.zeros((self.length, self.kernel.shape[1]), "float32")
        self.time = 0

    def step(self, x: Array) -> Array:
        """Takes the next input `(D,)`; returns the output `(filters,)`."""
        self.kept[self.time % self.length] = x
        taps = np.arange(len(self.kernel))[::-1] * self.dilation
        seen = self.kept[(self.time - taps) % self.length]
        self.time += 1
        out: Array = self.bias + np.einsum("jd,jdf->f", seen, self.kernel)
        return out


class Stream:
    """Features of a series whose rows come one at a time.

    Args:
        model: A `TCN`; its weights as they are now.
    """

    def __init__(self, model: Any) -> None:
        mean, variance = (np.array(each) for each in model._statistics)
        deviation = np.sqrt(variance)
        self._mean = mean
        self._deviation = np.where(deviation > 0, deviation, 1.0)
        self._blocks = []
        named = {layer.name: layer for layer in model.layers}
        level = 1
        while f"block{level}_conv1" in named:
            name = f"block{level}"
            shortcut = named.get(f"{name}_shortcut")
            weights = [_array(w) for w in shortcut.weights] if shortcut else []
            memories = [_Memory(named[f"{name}_conv{n}"]) for n in (1, 2)]
            self._blocks.append((memories, weights))
            level += 1

    def step(self, row: Array) -> Array:
        """Takes the next row of the series.

        Args:
            row: Array `(D,)`, raw.

        Returns:
            Features `(filters,)` of this step: what the whole network has
            there when it is given all rows so far.
        """
        x: Array = ((row - self._mean) / self._deviation).astype("float32")
        for memories, weights in self._blocks:
            y = x
            for memory in memories:
                y = np.maximum(memory.step(y), 0)
            if weights:
                kernel, bias = weights
                x = x @ kernel + bias
            x = np.maximum(x + y, 0)
        return x
