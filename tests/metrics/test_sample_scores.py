"""Scores of samples: scales, classes, neighbours."""

import numpy as np
import pytest
import scipy.stats

from kerasnotes.data.dataset import ArraySplit
from kerasnotes.metrics import sample_scores as scores
from kerasnotes.metrics.frechet import moments
from tests.specs import flat, reflat

pytestmark = pytest.mark.once
IMAGES = flat(
    "spots",
    "image",
    (2, 2, 1),
    "uint8",
    "class",
    ("a", "b"),
    value_range=(0.0, 16.0),
)
TABLE = reflat(
    IMAGES, input="table", shape=(2,), dtype="float32", value_range=()
)


def test_images_are_scaled_by_their_limits_and_back():
    x = np.array([0, 4, 8, 16], "uint8").reshape(1, 2, 2, 1)
    scale = scores.make_scale(IMAGES, x)
    np.testing.assert_array_equal(scale(x), [[-1, -0.5, 0, 1]])
    np.testing.assert_array_equal(scale.undo(scale(x), (2, 2, 1)), x)


def test_columns_are_scaled_by_their_deviation(rng):
    x = np.stack([5 + 3 * rng.standard_normal(99), np.full(99, 2.0)], axis=1)
    scaled = scores.make_scale(TABLE, x)(x)
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(scaled.std(axis=0), [1, 0], atol=1e-5)


def test_classes_are_counted_and_compared_with_equal_shares(rng):
    p = rng.dirichlet([0.2] * 4, 200)
    metrics = scores.score_classes(p)
    share = np.bincount(p.argmax(axis=1), minlength=4) / 200
    assert metrics["class_kl"] == pytest.approx(
        scipy.stats.entropy(share, np.full(4, 0.25))
    )
    assert metrics["class_share_min"] == share.min()
    assert metrics["class_share_max"] == share.max()
    assert metrics["recognised"] == np.mean(p.max(axis=1) >= 0.9)
    only = np.tile([0.95, 0.05, 0, 0], (10, 1))
    assert scores.score_classes(only)["class_kl"] == pytest.approx(np.log(4))


def test_neighbours_are_the_nearest(rng):
    train = rng.standard_normal((30, 6)).astype("float32")
    values = train[[4, 9]] + 0.01
    gaps, rows = scores.nearest(values, train)
    assert rows.tolist() == [4, 9]
    np.testing.assert_allclose(gaps, 0.01, rtol=1e-3)


def test_a_gaussian_of_pixels_stays_within_them(rng):
    fitted = moments(rng.choice([-1.0, 1.0], (50, 4)))
    drawn = scores.draw_gaussian(fitted, 500, IMAGES, rng)
    assert drawn.min() == -1.0
    assert drawn.max() == 1.0
    free = scores.draw_gaussian(fitted, 500, TABLE, rng)
    assert np.abs(free).max() > 1.0


def test_some_examples_are_read_in_order_and_reproducibly(rng):
    split = ArraySplit(np.arange(100.0).reshape(100, 1), np.arange(100))
    x, y = scores.read_some(split, 20, seed=1)
    np.testing.assert_array_equal(x[:, 0], y)
    assert (np.diff(y) > 0).all()
    np.testing.assert_array_equal(scores.read_some(split, 20, seed=1)[1], y)
    assert len(scores.read_some(split, 10**9)[0]) == 100


def test_huge_examples_are_read_in_part():
    split = ArraySplit(np.zeros((1000, 1)), np.zeros(1000))
    huge = reflat(IMAGES, shape=(1000, 1000, 3))
    assert scores.affordable(split, IMAGES) == 1000
    assert scores.affordable(split, IMAGES, 10) == 10
    assert scores.affordable(split, huge) == 16
