"""MixUp, CutMix and erasing: shares are what is in the picture."""

import numpy as np
import pytest

from kerasnotes.data.augmentation.mixing import Mixing, cutmix, erase, mixup

pytestmark = pytest.mark.once
COUNT = 6
SHARES = np.eye(COUNT, dtype="float32")


def flat_images(height=20, width=30):
    """Image i is i everywhere, so that what is mixed can be read off it."""
    values = np.arange(COUNT, dtype="float32")[:, None, None, None]
    return np.broadcast_to(values, (COUNT, height, width, 1)).copy()


def test_mixup_mixes_images_as_their_labels():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x, y = mixup(flat_images(), SHARES, rng, alpha=1.0)
        np.testing.assert_allclose(y.sum(axis=1), 1, atol=1e-6)
        expected = y @ np.arange(COUNT)
        np.testing.assert_allclose(x[:, 3, 4, 0], expected, atol=1e-5)
        assert np.ptp(x, axis=(1, 2)).max() < 1e-6


def test_cutmix_shares_are_areas():
    for seed in range(40):
        rng = np.random.default_rng(seed)
        x, y = cutmix(flat_images(), SHARES, rng)
        for image, shares in zip(x, y, strict=True):
            found = np.bincount(image.astype(int).ravel(), minlength=COUNT)
            np.testing.assert_allclose(found / image.size, shares, atol=1e-6)


def test_cutmix_boxes_are_as_large_as_drawn():
    rng = np.random.default_rng(0)
    x = np.arange(2000, dtype="float32")[:, None, None, None]
    x = np.broadcast_to(x, (2000, 32, 32, 1))
    shares = np.eye(2, dtype="float32")[np.zeros(2000, int)]
    mixed, _ = cutmix(x, shares, rng)
    kept = (mixed == x).mean()
    # Of Beta(1, 1), half; what hangs over the border comes on top.
    assert 0.55 < kept < 0.8


def test_erasing_fills_boxes_with_noise_of_the_range():
    rng = np.random.default_rng(0)
    x = rng.uniform(5, 9, (400, 24, 24, 3)).astype("float32")
    erased = erase(x, rng)
    changed = (erased != x).any(axis=-1)
    assert 0.4 < changed.any(axis=(1, 2)).mean() < 0.6
    areas = changed.mean(axis=(1, 2))[changed.any(axis=(1, 2))]
    assert 0.01 < areas.min() < areas.max() < 0.4
    assert 5 <= erased.min() < erased.max() <= 9
    # A box: every row that changed, changed at the same columns.
    one = changed[changed.any(axis=(1, 2))][0]
    rows = one[one.any(axis=1)]
    assert (rows == rows[0]).all()


@pytest.mark.parametrize(
    "joined", [("mixup",), ("cutmix",), ("mixup", "cutmix")]
)
def test_a_key_gives_the_same_batch(joined):
    mix = Mixing(joined, COUNT, seed=3)
    x, y = flat_images(), np.arange(COUNT)
    first, again, other = mix(x, y, 5), mix(x, y, 5), mix(x, y, 6)
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert (first[1] != other[1]).any()
    assert first[1].shape == (COUNT, COUNT)
    np.testing.assert_array_equal(x, flat_images())


def test_both_are_used_in_turn_and_erasing_keeps_labels():
    x, y = flat_images(), np.arange(COUNT)
    mix = Mixing(("mixup", "cutmix"), COUNT, seed=0)
    whole = [bool((mix(x, y, key)[0] % 1 == 0).all()) for key in range(40)]
    assert 8 < sum(whole) < 32
    _, same = Mixing(("erasing",), COUNT, seed=0)(x, y, 1)
    np.testing.assert_array_equal(same, y)
