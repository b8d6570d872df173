"""Masks of padding, and means over what is none, against NumPy."""

import keras
import numpy as np

from kerasnotes.layers.tokens import MaskedMean, NotPadding

IDS = np.array([[5, 2, 0, 0], [1, 0, 0, 0], [3, 4, 7, 9]], "int32")


def test_all_but_zero_is_no_padding():
    mask = keras.ops.convert_to_numpy(NotPadding()(IDS))
    assert mask.dtype == bool
    assert (mask == (IDS != 0)).all()


def test_means_leave_padding_out():
    x = np.random.default_rng(0).normal(size=(3, 4, 5)).astype("float32")
    mean = keras.ops.convert_to_numpy(MaskedMean()(x, IDS != 0))
    expected = [
        row[keep].mean(axis=0) for row, keep in zip(x, IDS != 0, strict=True)
    ]
    np.testing.assert_allclose(mean, expected, rtol=1e-5, atol=1e-6)


def test_a_mean_over_nothing_is_zero():
    x = np.ones((1, 4, 5), "float32")
    mean = MaskedMean()(x, np.zeros((1, 4), bool))
    assert (keras.ops.convert_to_numpy(mean) == 0).all()
