"""The notes' hand-derived gradients against each backend's own."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from kerasnotes.notes.mlp.backpropagation import forward, gradients


def half_squared_error(target, output):
    return 0.5 * ops.sum(ops.square(output - target), axis=-1)


def automatic_gradients(x, target, weights, biases):
    """One step of plain SGD at rate 1 moves a weight by its gradient."""
    inputs = keras.Input((x.shape[1],))
    outputs = inputs
    for weight in weights:
        outputs = layers.Dense(weight.shape[1], "sigmoid")(outputs)
    model = keras.Model(inputs, outputs)
    before = [a for pair in zip(weights, biases, strict=True) for a in pair]
    model.set_weights(before)
    model.compile(keras.optimizers.SGD(1.0), half_squared_error)
    model.train_on_batch(x, target)
    moved = [b - a for b, a in zip(before, model.get_weights(), strict=True)]
    return moved[::2], moved[1::2]


@pytest.mark.parametrize("widths", [(3, 2), (5, 7, 4, 2), (1, 1, 1)])
def test_equal_to_automatic_gradients(widths):
    rng = np.random.default_rng(len(widths))
    pairs = list(zip(widths[:-1], widths[1:], strict=True))
    weights = [rng.normal(size=p).astype("float32") for p in pairs]
    biases = [rng.normal(size=p[1]).astype("float32") for p in pairs]
    x = rng.normal(size=(6, widths[0])).astype("float32")
    target = rng.uniform(size=(6, widths[-1])).astype("float32")
    by_hand = gradients(x, target, weights, biases)
    automatic = automatic_gradients(x, target, weights, biases)
    for ours, theirs in zip(by_hand, automatic, strict=True):
        for mine, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(mine, other, atol=1e-6)


def squared_error(x, target, weights, biases):
    output = forward(x, weights, biases)[-1]
    return 0.5 * np.sum((output - target) ** 2) / len(x)


@pytest.mark.once
def test_equal_to_central_differences():
    rng = np.random.default_rng(0)
    shapes = [(3, 4), (4, 2)]
    weights = [rng.normal(size=s) for s in shapes]
    biases = [rng.normal(size=s[1]) for s in shapes]
    x, target = rng.normal(size=(5, 3)), rng.uniform(size=(5, 2))
    by_hand, _ = gradients(x, target, weights, biases)
    step = 1e-5
    for layer, weight in enumerate(weights):
        for place in np.ndindex(weight.shape):
            values = []
            for sign in (1, -1):
                moved = [w.copy() for w in weights]
                moved[layer][place] += sign * step
                values.append(squared_error(x, target, moved, biases))
            slope = (values[0] - values[1]) / (2 * step)
            assert abs(by_hand[layer][place] - slope) < 1e-8
