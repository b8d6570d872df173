"""Checks that every layer and every note passes, on every backend."""

import keras
import numpy as np


def to_numpy(tensor):
    return np.asarray(keras.ops.convert_to_numpy(tensor))


def check_layer(layer, inputs, expected_shape, tmp_path):
    """Shape, config round trip, training flag, and saving.

    Args:
        layer: A new layer.
        inputs: List of arrays, its call arguments.
        expected_shape: Of the output.
        tmp_path: Where the model is saved.
    """
    output = to_numpy(layer(*inputs))
    assert output.shape == expected_shape
    spec = layer.compute_output_shape(*[x.shape for x in inputs])
    assert tuple(spec) == expected_shape
    twin = type(layer).from_config(layer.get_config())
    assert twin.get_config() == layer.get_config()
    symbols = [keras.Input(x.shape[1:], dtype=str(x.dtype)) for x in inputs]
    one = len(inputs) == 1
    model = keras.Model(symbols[0] if one else symbols, twin(*symbols))
    check_saving(model, inputs[0] if one else inputs, tmp_path)


def check_saving(model, inputs, tmp_path):
    """A saved model loads safely and gives the same numbers."""
    path = tmp_path / "model.keras"
    model.save(path)
    twin = keras.saving.load_model(path, safe_mode=True)
    before = to_numpy(model(inputs, training=False))
    after = to_numpy(twin(inputs, training=False))
    np.testing.assert_array_equal(before, after)
    return twin
