"""MADE against NumPy, and by every state of a small space."""

import itertools

import keras
import numpy as np
import pytest
from keras import ops
from scipy.special import expit, logsumexp

from kerasnotes.base.config import build
from kerasnotes.base.errors import UsageError
from kerasnotes.notes.made.config import MADEConfig
from kerasnotes.notes.made.degrees import hidden_degrees, pixel_orders
from kerasnotes.notes.made.note import MADE
from tests.checks import to_numpy
from tests.specs import flat

SHAPE = (2, 5, 1)
KINDS = {
    "raster": {},
    "orders": {"order": "random", "orders": 3, "widths": (12, 9)}
    | {"activation": "tanh", "direct": False, "conditional": True},
}


def make(shape=SHAPE, **settings):
    keras.utils.set_random_seed(0)
    spec = flat(
        "i",
        "image",
        shape,
        "uint8",
        "class",
        ("a", "b"),
        value_range=(0.0, 16.0),
    )
    config = MADEConfig(**{"widths": (16,), **settings})
    model = MADE(config, spec, [5.0], [36.0])
    rng = np.random.default_rng(1)
    for weight in model.trainable_variables:
        # The same on every backend, and no bias is 0.
        weight.assign(0.5 * rng.normal(size=weight.shape).astype("float32"))
    return model


@pytest.fixture(scope="module")
def raster():
    return make()


@pytest.fixture(scope="module")
def orders():
    return make(**KINDS["orders"])


RASTER = pytest.param("raster", marks=pytest.mark.once)
"""The other backends have the harder kind alone."""


def states(shape):
    found = itertools.product([0.0, 1.0], repeat=int(np.prod(shape)))
    return np.array(list(found), "float32").reshape(-1, *shape)


def score(model, levels, label=1):
    labels = None
    if model.note_config.conditional:
        labels = np.full(len(levels), label, "int32")
    found = model.log_likelihood(ops.convert_to_tensor(levels), labels)
    return to_numpy(found).astype("float64")


def written_out(model, levels, order, label=1):
    """`log p`, pixel by pixel, each from those before it alone, float64."""
    net = model.masked

    def weights(given):
        return [to_numpy(each).astype("float64") for each in given]

    kernels, biases, hidden = map(
        weights, (net.kernels, net.biases, net.hidden)
    )
    last, last_bias = weights([net.last, net.last_bias])
    sequence = to_numpy(net.sequence)[order]
    x = 2 * levels.reshape(len(levels), -1).astype("float64") - 1
    activation = {"relu": lambda a: np.maximum(a, 0), "tanh": np.tanh}
    act = activation[model.note_config.activation]
    told = to_numpy(net.told)[label] if net.classes else None
    total = 0.0
    for place, pixel in enumerate(sequence, start=1):
        before = np.zeros_like(x)
        before[:, sequence[: place - 1]] = x[:, sequence[: place - 1]]
        h, degrees = before, 1 + np.argsort(sequence)
        for n, own in enumerate(hidden):
            allowed = degrees[:, None] <= own[None]
            a = h @ np.where(allowed, kernels[n], 0) + biases[n]
            if told is not None and n == 0:
                a = a + told[: a.shape[1]]
            h, degrees = act(a) * (own < place), own
        logit = h @ last[:, pixel, 0] + last_bias[pixel, 0]
        if net.direct:
            logit = logit + before @ to_numpy(net.shortcut)[:, pixel, 0]
        if told is not None:
            logit = logit + told[net.widths[0] + pixel]
        total = total + np.log(expit(np.where(x[:, pixel] > 0, logit, -logit)))
    return total


@pytest.mark.parametrize("kind", [RASTER, "orders"])
def test_probabilities_of_all_ten_bits_sum_to_one(kind, request):
    found = np.exp(score(request.getfixturevalue(kind), states(SHAPE)))
    assert found.sum() == pytest.approx(1, abs=1e-5)
    assert found.max() < 0.9


@pytest.mark.once
@pytest.mark.parametrize("kind", KINDS)
def test_equals_the_equations(kind, request):
    model, some = request.getfixturevalue(kind), states(SHAPE)[::37]
    count = model.note_config.orders
    each = [written_out(model, some, order) for order in range(count)]
    expected = logsumexp(each, axis=0) - np.log(count)
    np.testing.assert_allclose(score(model, some), expected, atol=1e-4)


@pytest.mark.parametrize("kind", [RASTER, "orders"])
def test_a_pixel_sees_only_those_before_it(kind, request):
    model = request.getfixturevalue(kind)
    size = model.masked.size
    image, order = states(SHAPE)[345].ravel(), model.note_config.orders - 1
    before = ask(model, image, order)
    moved = np.zeros((size, size), bool)
    for i in range(size):
        # One image a call: rounding may depend on its place in a batch.
        changed = np.where(np.arange(size) == i, 1 - image, image)
        moved[i] = ask(model, changed, order) != before
    sequence = to_numpy(model.masked.sequence)[order]
    moved = moved[sequence][:, sequence]
    assert not np.tril(moved).any()
    assert np.triu(moved, 1).sum() > 0.8 * size * (size - 1) / 2


def ask(model, image, order):
    """Logits of one image, `(D,)`, in one of the orders."""
    levels = ops.convert_to_tensor(image.reshape(1, *SHAPE).astype("float32"))
    labels = ops.ones((1,), "int32") if model.masked.classes else None
    x = model.levels.scaled(levels)
    return to_numpy(model.masked(x, labels, order=order)).ravel()


@pytest.mark.parametrize("kind", [RASTER, "orders"])
def test_draws_have_the_probabilities_that_are_scored(kind, request):
    model, count = request.getfixturevalue(kind), 20_000
    uniform = np.random.default_rng(0).random((count, *SHAPE), "float32")
    labels = np.ones(count, "int32") if model.masked.classes else None
    drawn = to_numpy(model.drawing(uniform, -np.ones_like(uniform), labels))
    drawn = drawn.reshape(count, -1)
    every = states(SHAPE).reshape(1024, -1)
    weights = np.exp(score(model, states(SHAPE)))
    # Means of pixels, and of products of two.
    expected = np.einsum("s,si,sj->ij", weights, every, every)
    found = drawn.T @ drawn / count
    error = np.sqrt(expected * (1 - expected) / count)
    assert (np.abs(found - expected) < 5 * error + 1e-4).all()
    assert 0.05 < expected.diagonal().min() < expected.diagonal().max() < 0.95


@pytest.mark.once
def test_known_pixels_stay_and_only_reading_order_completes(raster, orders):
    model = raster
    whole = 16 * states(SHAPE)[[3, 700]]
    restored = model.restore(model.damage(whole), seed=0)
    np.testing.assert_array_equal(restored[:, :1], whole[:, :1])
    assert np.isfinite(restored).all()
    assert not orders.restores
    with pytest.raises(UsageError, match="order of its own"):
        orders.restore(model.damage(whole), seed=0)


@pytest.mark.once
def test_degrees_are_spread_evenly():
    np.testing.assert_array_equal(hidden_degrees(6, 4), [1, 1, 2, 2, 3, 3])
    assert set(hidden_degrees(1000, 784)) == set(range(1, 784))
    np.testing.assert_array_equal(hidden_degrees(2, 1), [1, 1])
    orders = pixel_orders("random", 3, 10, seed=0)
    np.testing.assert_array_equal(np.sort(orders, axis=1), [range(10)] * 3)
    assert len({tuple(order) for order in orders}) == 3


@pytest.mark.once
def test_there_is_one_raster_order():
    with pytest.raises(UsageError, match="one raster order"):
        build(MADEConfig, {"orders": 2}, "")
