"""Checks that every layer and every note passes, on every backend."""

import signal

import keras
import numpy as np
import pytest

from kerasnotes.base.errors import KerasNotesError
from kerasnotes.notes import find
from kerasnotes.runs import saving
from kerasnotes.runtime import setup
from kerasnotes.training import fit, settings, state
from kerasnotes.training.progress import Quiet
from tests.hdf5_arrays import read_arrays
from tests.notes.small import SMALL, write_small


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


def check_note(name, folder):
    """What every note must do, of whatever kind it is.

    It trains three steps. Stopped after the second and resumed, it ends bit
    for bit the same. Data that it cannot use it refuses. That the others load
    what one saves, and TensorFlow exports it, is `tests/parity/cases/notes.py`.

    Args:
        name: Of the note; `tests/notes/small.py` says how to make it small.
        folder: An empty folder to work in.
    """
    data = write_small(name, folder / "data.npz")
    _train(name, data, folder / "whole")
    assert _train(name, data, folder / "cut", Stop()).stopped == "interrupted"
    choice = setup.setup()
    assert not fit.resume(folder / "cut", {}, choice, Quiet()).stopped
    _check_same_end(folder / "whole", folder / "cut")
    wrong = write_small(name, folder / "wrong.npz", SMALL[name].wrong)
    with pytest.raises(KerasNotesError) as caught:
        _train(name, wrong, folder / "refused")
    assert caught.value.expected
    assert caught.value.received
    assert not (folder / "refused").exists()


class Stop(Quiet):
    """Presses Ctrl-C once the first step is told: the second is the last."""

    def step(self, epoch, step, values):
        if step == 1:
            signal.raise_signal(signal.SIGINT)


def _train(name, data, out, reporter=None):
    """Trains three steps, averaging weights, in a new run's folder."""
    blocks = {
        "model": SMALL[name].settings,
        "data": {"source": str(data), "augment": "none"},
        "train": {"epochs": 1, "passes": 1, "batch_size": 8, "ema": 0.9},
    }
    given = settings.make(find(name), blocks)
    return fit.start(given, setup.setup(), reporter or Quiet(), out=out)


def _check_same_end(one, other):
    """Two runs ended after three steps with the same states and models."""
    paths = [state.latest(folder / "state") for folder in (one, other)]
    assert [path.stem for path in paths] == [f"{3:08d}"] * 2
    first, second = (read_arrays(path) for path in paths)
    assert first.keys() == second.keys()
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name], err_msg=name)
    models = [saving.load_model(f / "model.keras") for f in (one, other)]
    for a, b in zip(*[m.get_weights() for m in models], strict=True):
        np.testing.assert_array_equal(a, b)
