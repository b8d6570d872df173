"""Temporal convolutions: the past alone, how far, step by step."""

import keras
import numpy as np
import pytest

from kerasnotes.data import fields
from kerasnotes.data.fields import Column
from kerasnotes.data.spec import Spec
from kerasnotes.notes.tcn.causal_conv import CausalConv
from kerasnotes.notes.tcn.config import TCNConfig
from kerasnotes.notes.tcn.note import TCN
from tests.checks import check_layer, to_numpy

T, D, H = 40, 3, 4
COLUMNS = [Column(name) for name in "abc"]
TARGET = [Column("b", mean=2.0, deviation=3.0)]
SPEC = Spec("s", (fields.series(T, COLUMNS),), (fields.forecast(H, TARGET),))
MEAN, VARIANCE = [1.0, 2.0, 0.0], [4.0, 9.0, 1.0]
RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, T, D)).astype("float32")


def make(**settings):
    keras.utils.set_random_seed(0)
    given = {"filters": 6, "levels": 3, **settings}
    model = TCN(TCNConfig(**given), SPEC, MEAN, VARIANCE)
    for variable in model.trainable_variables:
        change = RNG.normal(0, 0.1, variable.shape)
        variable.assign_add(change.astype("float32"))
    return model


def by_step(model):
    """Returns the network up to the features of every step."""
    return keras.Model(model.input, model.get_layer("last_step").input)


@pytest.mark.parametrize("normalized", [True, False])
def test_no_output_sees_the_future(normalized):
    network = by_step(make(weight_normalization=normalized))
    before = to_numpy(network(X))
    for t in (0, 1, 17, T - 1):
        changed = X.copy()
        changed[:, t:] += 5.0
        after = to_numpy(network(changed))
        np.testing.assert_array_equal(after[:, :t], before[:, :t])
        assert np.abs(after[:, t] - before[:, t]).max() > 1e-3


@pytest.mark.parametrize(("kernel_size", "levels"), [(2, 2), (3, 3), (4, 2)])
def test_the_receptive_field_is_what_it_says(kernel_size, levels):
    model = make(kernel_size=kernel_size, levels=levels, linear_path=False)
    field = model.receptive_field
    assert field == 1 + 2 * (kernel_size - 1) * (2**levels - 1)
    before = to_numpy(model(X))
    # Not one step further back, and as far as that one.
    outside, inside = X.copy(), X.copy()
    outside[:, : T - field] += 5.0
    inside[:, T - field] += 50.0
    np.testing.assert_array_equal(to_numpy(model(outside)), before)
    assert np.abs(to_numpy(model(inside)) - before).max() > 0


def test_levels_see_the_whole_series_unless_told_otherwise():
    config = TCNConfig(kernel_size=3)
    assert config.receptive_field(SPEC) >= T
    assert 1 + 2 * 2 * (2 ** (config.depth(SPEC) - 1) - 1) < T


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_step_by_step_it_is_the_same(dropout):
    model = make(dropout=dropout)
    expected = to_numpy(by_step(model)(X))
    for series, features in zip(X, expected, strict=True):
        stream = model.stream()
        found = np.stack([stream.step(row) for row in series])
        np.testing.assert_allclose(found, features, atol=1e-6, rtol=1e-6)


def test_a_convolution_as_written():
    conv = CausalConv(4, 3, dilation=2)
    found = to_numpy(conv(X))
    direction, bias, length = (to_numpy(w) for w in conv.weights)
    norm = np.sqrt(np.square(direction).sum(axis=(0, 1)))
    np.testing.assert_allclose(length, norm, rtol=1e-5)
    kernel = length * direction / norm
    padded = np.concatenate([np.zeros((2, 4, D)), X], axis=1)
    expected = bias + sum(
        padded[:, 2 * j : 2 * j + T] @ kernel[j] for j in range(3)
    )
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_equal_to_pytorchs_weight_normalization():
    torch = pytest.importorskip("torch")
    conv = CausalConv(4, 3, dilation=2)
    conv.build(X.shape)
    direction, bias, length = (
        RNG.normal(size=w.shape).astype("float32") for w in conv.weights
    )
    conv.set_weights([direction, bias, length])
    theirs = torch.nn.utils.parametrizations.weight_norm(
        torch.nn.Conv1d(D, 4, 3, dilation=2)
    ).to("cpu")
    weight = theirs.parametrizations.weight
    with torch.no_grad():
        theirs.bias.copy_(torch.tensor(bias))
        weight.original0.copy_(torch.tensor(length[:, None, None]))
        weight.original1.copy_(torch.tensor(direction.transpose(2, 1, 0)))
        padded = np.pad(X, [(0, 0), (4, 0), (0, 0)]).transpose(0, 2, 1)
        expected = theirs(torch.tensor(padded)).numpy().transpose(0, 2, 1)
    np.testing.assert_allclose(to_numpy(conv(X)), expected, atol=1e-5)


@pytest.mark.parametrize("normalized", [True, False])
def test_the_layer(normalized, tmp_path):
    layer = CausalConv(5, 2, 4, normalized)
    check_layer(layer, [X], (2, T, 5), tmp_path)


@pytest.mark.once
@pytest.mark.parametrize("normalized", [True, False])
def test_a_deep_one_starts_at_even_odds(normalized):
    """Ten classes that nothing is known of: a loss of log(10)."""
    keras.utils.set_random_seed(0)
    pixels = fields.series(600, [Column("pixel")])
    spec = Spec("s", (pixels,), (fields.one_class("0123456789"),))
    config = TCNConfig(dropout=0.0, weight_normalization=normalized)
    assert config.depth(spec) == 8
    x = RNG.uniform(0, 255, (16, 600, 1)).astype("float32")
    # Not dark at the end, as MNIST's pixels are: that would hide it.
    model = TCN(config, spec, [127.0], [5400.0])
    probabilities = to_numpy(model(x, training=False))
    loss = -np.log(probabilities).mean(axis=0)
    assert np.abs(loss - np.log(10)).max() < 1.0
    assert loss.mean() == pytest.approx(np.log(10), abs=0.15)
