"""Cells as their equations read: NumPy, Keras' layers, and PyTorch's."""

import keras
import numpy as np
import pytest

from kerasnotes.layers.recurrent.cells import GRUCell, LSTMCell, RNNCell
from kerasnotes.layers.recurrent.stack import FUSED, WRITTEN, Recurrence
from tests.checks import check_saving, to_numpy

B, T, D, U = 3, 7, 4, 5
RNG = np.random.default_rng(0)
X = RNG.normal(size=(B, T, D)).astype("float32")
GATES = {"rnn": 1, "lstm": 4, "gru": 3}
CELLS = {"rnn": RNNCell, "lstm": LSTMCell, "gru": GRUCell}


def weights(cell):
    """Returns kernel, recurrent kernel and biases, none of them zero."""
    width = GATES[cell] * U
    bias = (2, width) if cell == "gru" else (width,)
    shapes = ((D, width), (U, width), bias)
    return [RNG.normal(0, 0.5, shape).astype("float32") for shape in shapes]


def layers(cell):
    """Returns the written and the fused layer, with equal weights."""
    found = (
        keras.layers.RNN(CELLS[cell](U), return_sequences=True),
        FUSED[cell](U, return_sequences=True),
    )
    values = weights(cell)
    for layer in found:
        layer.build(X.shape)
        layer.set_weights(values)
    return (*found, values)


@pytest.mark.parametrize("cell", CELLS)
def test_written_and_fused_are_equal(cell):
    written, fused, _ = layers(cell)
    found, expected = to_numpy(written(X)), to_numpy(fused(X))
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert [w.shape for w in written.weights] == [
        w.shape for w in fused.weights
    ]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_lstm_by_hand():
    written, _, (w, u, b) = layers("lstm")
    h, c, expected = np.zeros((B, U)), np.zeros((B, U)), []
    for t in range(T):
        z = X[:, t].astype("float64") @ w + h @ u + b
        i, f, g, o = np.split(z, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        expected.append(h)
    found = to_numpy(written(X))
    np.testing.assert_allclose(found, np.stack(expected, 1), atol=1e-6)


def torch_layer(cell, values):
    """Returns PyTorch's layer with the same weights in its order of gates."""
    torch = pytest.importorskip("torch")
    w, u, b = values
    kinds = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
    layer = kinds[cell](D, U, batch_first=True)
    b_x, b_h = (b[0], b[1]) if cell == "gru" else (b, np.zeros_like(b))
    # Keras: z, r, n. PyTorch: r, z, n.
    order = [1, 0, 2] if cell == "gru" else list(range(GATES[cell]))

    def arranged(array):
        parts = np.split(array, GATES[cell], axis=-1)
        both = np.concatenate([parts[k] for k in order], axis=-1)
        return torch.tensor(both.T.copy())

    with torch.no_grad():
        layer.weight_ih_l0.copy_(arranged(w))
        layer.weight_hh_l0.copy_(arranged(u))
        layer.bias_ih_l0.copy_(arranged(b_x))
        layer.bias_hh_l0.copy_(arranged(b_h))
    return torch, layer.to("cpu")


@pytest.mark.parametrize("cell", CELLS)
def test_equal_to_pytorch(cell):
    written, fused, values = layers(cell)
    torch, layer = torch_layer(cell, values)
    with torch.no_grad():
        expected = layer(torch.tensor(X))[0].numpy()
    for ours in (written, fused):
        found = to_numpy(ours(X))
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_nothing_is_forgotten_at_first():
    cell = LSTMCell(U)
    cell.build((B, D))
    bias = to_numpy(cell.bias)
    np.testing.assert_array_equal(np.split(bias, 4)[1], np.ones(U))
    assert np.abs(bias).sum() == U


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_stacks_of_both_kinds_are_equal(cell, both, tmp_path):
    outputs, copied = [], None
    for written in (False, True):
        series = keras.Input((T, D))
        make = Recurrence(cell, (U, 3), bidirectional=both, written=written)
        model = keras.Model(series, make(series))
        if copied is None:
            copied = model.get_weights()
        model.set_weights(copied)
        outputs.append(to_numpy(model(X)))
        assert outputs[-1].shape == (B, 6 if both else 3)
    np.testing.assert_allclose(*outputs, atol=1e-6)
    check_saving(model, X, tmp_path)


def test_both_ways_reads_the_end_first():
    series = keras.Input((T, D))
    make = Recurrence("gru", (U,), bidirectional=True)
    model = keras.Model(series, make(series))
    model.set_weights(2 * model.get_weights()[:3])
    one, other = to_numpy(model(X)), to_numpy(model(X[:, ::-1].copy()))
    np.testing.assert_allclose(one[:, :U], other[:, U:], atol=1e-6)


def test_recurrent_dropout_drops_in_training_alone():
    series = keras.Input((T, D))
    make = Recurrence("lstm", (16,), recurrent_dropout=0.5)
    model = keras.Model(series, make(series))
    first, second = (to_numpy(model(X, training=True)) for _ in range(2))
    assert np.abs(first - second).max() > 1e-3
    plain = [to_numpy(model(X, training=False)) for _ in range(2)]
    np.testing.assert_array_equal(*plain)


def test_there_are_as_many_written_as_fused():
    assert WRITTEN.keys() == FUSED.keys() == CELLS.keys()
