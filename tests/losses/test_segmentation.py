import keras
import numpy as np
import pytest
from keras import ops

from kerasnotes.losses import segmentation

K = 4


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


@pytest.fixture
def example(rng):
    z = rng.normal(size=(3, 6, 5, K)).astype("float32")
    y = rng.integers(0, K, (3, 6, 5)).astype("int32")
    y[0][y[0] == 2] = 1  # class 2 is absent from the first image
    return y, softmax(z)


def numpy_cross_entropy(y, p, w=1.0):
    nats = -np.log(np.take_along_axis(p, y[..., None], -1)[..., 0])
    return (w * nats).mean((1, 2))


def numpy_dice(y, p, s):
    result = []
    for y_one, p_one in zip(y, p, strict=True):
        scores = []
        for k in range(K):
            g, q = y_one == k, p_one[..., k]
            scores.append((2 * q[g].sum() + s) / (q.sum() + g.sum() + s))
        result.append(1 - np.mean(scores))
    return np.array(result)


def numpy_of(tensor):
    return ops.convert_to_numpy(tensor)


@pytest.mark.parametrize("smooth", [1.0, 1e-5])
def test_each_image_is_the_formulas(example, smooth):
    y, p = example
    loss = segmentation.CrossEntropyDice(smooth=smooth)
    got = numpy_of(loss.per_image(y, p))
    assert got.shape == (3,)
    want = numpy_cross_entropy(y, p) + numpy_dice(y, p, smooth)
    np.testing.assert_allclose(got, want, rtol=1e-5)


def test_perfect_answer_costs_nothing_absent_classes_included():
    y = np.zeros((1, 4, 4), "int32")
    p = np.eye(K, dtype="float32")[y]
    loss = segmentation.CrossEntropyDice()
    assert numpy_of(loss.per_image(y, p))[0] == pytest.approx(0)


def test_class_is_the_sum_of_both_terms(example):
    y, p = example
    loss = segmentation.CrossEntropyDice()
    want = (numpy_cross_entropy(y, p) + numpy_dice(y, p, 1.0)).mean()
    assert float(loss(y, p)) == pytest.approx(want, rel=1e-5)


@pytest.mark.parametrize("shape", [(3, 6, 5), (3,)])
def test_weights_apply_to_the_cross_entropy_only(example, rng, shape):
    y, p = example
    w = rng.uniform(0, 5, shape).astype("float32")
    wide = w if len(shape) == 3 else w[:, None, None]
    got = float(segmentation.CrossEntropyDice()(y, p, w))
    want = numpy_cross_entropy(y, p, wide) + numpy_dice(y, p, 1.0)
    assert got == pytest.approx(want.mean(), rel=1e-5)


def test_class_survives_saving():
    loss = segmentation.CrossEntropyDice(smooth=0.5)
    again = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(loss)
    )
    assert isinstance(again, segmentation.CrossEntropyDice)
    assert again.smooth == 0.5


def gradient_by_descent(loss, z, y):
    """Returns dL/dz: what one step of plain gradient descent moves.

    This is how any backend's gradient is read without asking which it is.
    """
    logits = keras.layers.Dense(z.size, use_bias=False)
    x = keras.Input((1,))
    out = keras.layers.Reshape(z.shape)(logits(x))
    model = keras.Model(x, keras.layers.Softmax(dtype="float32")(out))
    logits.set_weights([z.reshape(1, -1)])
    model.compile(keras.optimizers.SGD(1.0), loss)
    model.train_on_batch(np.ones((1, 1), "float32"), y)
    return z - logits.get_weights()[0].reshape(z.shape)


def test_gradient_behind_softmax_is_p_minus_y_however_wrong():
    z = np.array(
        [[[0, 0, 0, 0], [30, 0, 0, 0]], [[0, 1, 2, 3], [-9, 0, 0, 50]]]
    )
    z = z.astype("float32")
    y = np.array([[[1, 1], [3, 0]]], "int32")
    # So smooth that Dice has no slope: what is left is the cross-entropy.
    loss = segmentation.CrossEntropyDice(smooth=1e12)
    got = gradient_by_descent(loss, z, y)
    want = (softmax(z.astype("float64")) - np.eye(4)[y[0]]) / 4
    # The pixel with p = 1e-13 (and one with 2e-26) has its full gradient.
    np.testing.assert_allclose(got, want, atol=2e-5)


def test_gradient_of_the_class_is_that_of_the_formula(rng):
    z = rng.normal(size=(3, 2, K)).astype("float32")
    y = rng.integers(0, K, (1, 3, 2)).astype("int32")

    def value(flat):
        p = softmax(flat.reshape(1, *z.shape))
        return (numpy_cross_entropy(y, p) + numpy_dice(y, p, 1.0))[0]

    flat, step = z.astype("float64").ravel(), 1e-5
    want = [
        (value(flat + step * unit) - value(flat - step * unit)) / (2 * step)
        for unit in np.eye(flat.size)
    ]
    got = gradient_by_descent(segmentation.CrossEntropyDice(), z, y)
    np.testing.assert_allclose(got.ravel(), want, atol=2e-6)


@pytest.fixture
def voided(example, rng):
    """A quarter of the pixels left out, all of the last image."""
    y, p = example
    y = np.where(rng.random(y.shape) < 0.25, -1, y).astype("int32")
    y[2] = -1
    return y, p


def test_pixels_left_out_count_in_neither_term(voided):
    y, p = voided
    loss = segmentation.CrossEntropyDice(ignore=True)
    got = numpy_of(loss.per_image(y, p))
    for index in range(2):
        kept = y[index] >= 0
        line = y[index][kept][None, None], p[index][kept][None, None]
        want = numpy_cross_entropy(*line) + numpy_dice(*line, 1.0)
        assert got[index] == pytest.approx(float(want[0]), rel=1e-5)
    assert got[2] == pytest.approx(0, abs=1e-6)
    weighted = loss(y, p, np.where(y < 0, 1e6, 1.0).astype("float32"))
    assert float(weighted) == pytest.approx(got.mean(), rel=1e-5)


def test_pixels_left_out_have_no_gradient(voided):
    y, p = voided
    loss = segmentation.CrossEntropyDice(ignore=True)
    other = p.copy()
    other[y < 0] = softmax(np.arange(K, dtype="float32"))
    np.testing.assert_allclose(
        numpy_of(loss.per_image(y, p)),
        numpy_of(loss.per_image(y, other)),
        rtol=1e-6,
    )


def test_nothing_to_ignore_changes_nothing(example):
    y, p = example
    plain, ignoring = (
        segmentation.CrossEntropyDice(ignore=ignore) for ignore in (False, True)
    )
    np.testing.assert_allclose(
        numpy_of(plain.per_image(y, p)),
        numpy_of(ignoring.per_image(y, p)),
        rtol=1e-6,
    )
    assert "ignore" not in plain.get_config()
    twin = segmentation.CrossEntropyDice.from_config(ignoring.get_config())
    assert twin.ignore
