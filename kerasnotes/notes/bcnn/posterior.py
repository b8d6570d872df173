"""Several networks drawn from one posterior, asked in one compiled call."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasnotes.base.types import Array, Tensor
from kerasnotes.notes.bcnn.variational import Variational

HELD = 16_000_000
"""Numbers of noise that one call takes, about: 64 MB."""


class Passes(keras.Model):
    """Runs a chain of layers once for every set of weights.

    Noise comes in from outside, so that one seed draws the same networks on
    every backend.

    Args:
        chain: Layers in order; those that are `Variational` take noise.

    Call arguments:
        inputs: `x`, Tensor `(B, ...)`; `noise`, a list of tensors
            `(S, ...)`: kernel and bias of every variational layer.

    Returns:
        Tensor `(S, B, K)`.
    """

    def __init__(self, chain: list[Any]) -> None:
        super().__init__(name="passes")
        self.chain = chain
        self.built = True

    def call(self, inputs: dict[str, Any]) -> Tensor:
        x = inputs["x"]
        return ops.map(lambda noise: self._pass(x, noise), inputs["noise"])

    def _pass(self, x: Tensor, noise: list[Tensor]) -> Tensor:
        rest = iter(noise)
        for layer in self.chain:
            if isinstance(layer, Variational):
                x = layer(x, training=False, noise=(next(rest), next(rest)))
            else:
                x = layer(x, training=False)
        return x


class WeightSamples:
    """What `BCNN.monte_carlo` asks; compiled at its first use.

    Args:
        model: A functional model that is one chain of layers.

    Call arguments:
        x: Array `(B, ...)`.
        samples: S, at least 1.
        seed: Of the noise, at least 0.

    Returns:
        Array `(S, B, K)`, float32.
    """

    def __init__(self, model: Any) -> None:
        self._chain = tuple(model.layers[1:])
        self._model: Passes | None = None
        # What one call takes, if that is all: kept for the next batch.
        self._drawn: tuple[tuple[int, int], list[Array]] = ((0, 0), [])

    def __call__(self, x: Array, samples: int, seed: int) -> Array:
        if self._model is None:
            self._model = Passes(list(self._chain))
        shapes = noise_shapes(self._chain)
        count = sum(math.prod(shape) for shape in shapes)
        share = max(1, HELD // count)
        x, answers = np.asarray(x, "float32"), []
        for first in range(0, samples, share):
            numbers = range(first, min(first + share, samples))
            inputs = {"x": x, "noise": self._noise(shapes, numbers, seed)}
            answers.append(self._model.predict_on_batch(inputs))
        return np.asarray(np.concatenate(answers), "float32")

    def _noise(
        self, shapes: list[tuple[int, ...]], numbers: range, seed: int
    ) -> list[Array]:
        key, arrays = self._drawn
        if numbers.start or key != (numbers.stop, seed):
            arrays = draw_noise(shapes, numbers, seed)
            # One assignment: another thread sees the old pair or the new.
            if not numbers.start:
                self._drawn = ((numbers.stop, seed), arrays)
        return arrays


def noise_shapes(chain: Sequence[Any]) -> list[tuple[int, ...]]:
    """Returns the shape of every kernel and bias that is drawn, in order."""
    return [
        tuple(variable.shape)
        for layer in chain
        if isinstance(layer, Variational)
        for variable in (layer.kernel_mean, layer.bias_mean)
    ]


def draw_noise(
    shapes: list[tuple[int, ...]], numbers: range, seed: int
) -> list[Array]:
    """Draws from `N(0, 1)`; sample `s` depends on `(seed, s)` alone.

    Args:
        shapes: Of the weights, in the order of the network.
        numbers: Which samples, `S` of them.
        seed: At least 0.

    Returns:
        An array `(S, *shape)` for each shape, float32.
    """
    size = len(numbers)
    arrays = [np.empty((size, *shape), "float32") for shape in shapes]
    for place, number in enumerate(numbers):
        rng = np.random.default_rng([seed, number])
        for array in arrays:
            array[place] = rng.standard_normal(array.shape[1:], "float32")
    return arrays
