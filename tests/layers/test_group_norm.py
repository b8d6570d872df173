import keras
import numpy as np
import pytest

from kerasnotes.layers.group_norm import GroupNorm
from tests.checks import check_layer, to_numpy


def expected(x, groups, gamma, beta, *, shift=0.0, swish=False):
    """Written out in float64: one mean and variance for each group."""
    x = np.asarray(x, "float64") + shift
    grouped = x.reshape(len(x), -1, groups, x.shape[-1] // groups)
    mean = grouped.mean(axis=(1, 3), keepdims=True)
    variance = grouped.var(axis=(1, 3), keepdims=True)
    y = ((grouped - mean) / np.sqrt(variance + 1e-5)).reshape(x.shape)
    y = y * gamma + beta
    return y / (1 + np.exp(-y)) if swish else y


def filled(layer, shape, rng):
    layer.build(shape)
    gamma, beta = rng.normal(1, 0.5, (2, shape[-1])).astype("float32")
    layer.set_weights([gamma, beta])
    return gamma, beta


@pytest.mark.parametrize("swish", [False, True])
def test_against_numpy(swish):
    rng = np.random.default_rng(0)
    x = rng.normal(3, 2, (2, 5, 4, 6)).astype("float32")
    layer = GroupNorm(3, swish=swish)
    gamma, beta = filled(layer, x.shape, rng)
    right = expected(x, 3, gamma, beta, swish=swish)
    np.testing.assert_allclose(to_numpy(layer(x)), right, atol=1e-5)


def test_a_shift_is_added_before():
    rng = np.random.default_rng(1)
    x = rng.normal(0, 1, (2, 4, 4, 8)).astype("float32")
    shift = rng.normal(0, 3, (2, 8)).astype("float32")
    layer = GroupNorm(4, swish=True)
    gamma, beta = filled(layer, x.shape, rng)
    right = expected(x, 4, gamma, beta, shift=shift[:, None, None], swish=True)
    np.testing.assert_allclose(to_numpy(layer(x, shift)), right, atol=1e-5)


def test_equals_keras_without_swish():
    rng = np.random.default_rng(2)
    x = rng.normal(0, 1, (2, 3, 3, 4)).astype("float32")
    ours, theirs = (
        GroupNorm(2),
        keras.layers.GroupNormalization(2, epsilon=1e-5),
    )
    weights = filled(ours, x.shape, rng)
    theirs.build(x.shape)
    theirs.set_weights(list(weights))
    np.testing.assert_allclose(
        to_numpy(ours(x)), to_numpy(theirs(x)), atol=1e-5
    )


def test_one_image_does_not_touch_another():
    rng = np.random.default_rng(3)
    x = rng.normal(0, 1, (3, 4, 4, 4)).astype("float32")
    layer = GroupNorm(2)
    together = to_numpy(layer(x))[1:2]
    np.testing.assert_allclose(to_numpy(layer(x[1:2])), together, atol=1e-6)


def test_a_constant_image_is_finite():
    x = np.full((1, 4, 4, 4), 1000.0, "float32")
    assert np.isfinite(to_numpy(GroupNorm(2)(x))).all()


@pytest.mark.parametrize("swish", [False, True])
def test_gradients_against_differences(swish):
    """A step of fit against central differences of the NumPy formula."""
    rng = np.random.default_rng(4)
    x = rng.normal(0.5, 1, (2, 3, 2, 4))
    shift = rng.normal(0, 1, (2, 4))
    weight = rng.normal(0, 1, x.shape)
    gamma, beta = rng.normal(1, 0.3, (2, 4))

    def loss(values):
        y = expected(
            values["x"],
            2,
            values["gamma"],
            values["beta"],
            shift=values["shift"][:, None, None],
            swish=swish,
        )
        return float((y * weight).sum())

    values = {"x": x, "shift": shift, "gamma": gamma, "beta": beta}
    found = gradients(values, weight, swish)
    for name, value in values.items():
        right = np.zeros_like(value)
        for place in np.ndindex(value.shape):
            moved = [
                {**values, name: _moved(value, place, step)}
                for step in (1e-5, -1e-5)
            ]
            right[place] = (loss(moved[0]) - loss(moved[1])) / 2e-5
        np.testing.assert_allclose(found[name], right, atol=2e-4, rtol=2e-4)


def _moved(value, place, step):
    moved = value.copy()
    moved[place] += step
    return moved


def gradients(values, weight, swish):
    """Gradients by the backend: those of SGD with a rate of 1."""
    x_in = Held(values["x"])
    shift_in = Held(values["shift"])
    norm = GroupNorm(2, swish=swish)
    norm.build(values["x"].shape)
    norm.set_weights([values["gamma"], values["beta"]])
    blank = keras.Input((1,), batch_size=1)
    y = norm(x_in(blank), shift_in(blank))
    y = keras.ops.sum(y * weight.astype("float32"), keepdims=True)
    model = keras.Model(blank, keras.ops.reshape(y, (1, 1)))
    variables = [x_in.value, shift_in.value, norm.gamma, norm.beta]
    before = [to_numpy(v).copy() for v in variables]
    model.compile(
        optimizer=keras.optimizers.SGD(1.0),
        loss=lambda y_true, y_pred: keras.ops.sum(y_pred),
    )
    model.train_on_batch(np.zeros((1, 1)), np.zeros((1, 1)))
    after = [to_numpy(v) for v in variables]
    names = ("x", "shift", "gamma", "beta")
    return dict(
        zip(
            names,
            (a - b for a, b in zip(before, after, strict=True)),
            strict=True,
        )
    )


class Held(keras.layers.Layer):
    """A weight as an output, whatever comes in."""

    def __init__(self, array):
        super().__init__()
        self.value = self.add_weight(shape=array.shape, initializer="zeros")
        self.value.assign(array)

    def call(self, blank):
        return self.value + 0.0 * keras.ops.sum(blank)

    def compute_output_shape(self, shape):
        return tuple(self.value.shape)


def test_checks(tmp_path):
    x = np.ones((2, 4, 4, 6), "float32")
    check_layer(GroupNorm(3, swish=True), [x], x.shape, tmp_path)
    shift = np.ones((2, 6), "float32")
    check_layer(GroupNorm(3), [x, shift], x.shape, tmp_path)


def test_groups_must_divide():
    with pytest.raises(ValueError, match="groups=4, channels=6"):
        GroupNorm(4)(np.ones((1, 2, 2, 6), "float32"))
