from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy import ndimage

from kerasnotes.base.errors import UsageError
from kerasnotes.data.augmentation import augment
from kerasnotes.data.augmentation.augment import Amounts, make_augment
from tests.specs import flat

pytestmark = pytest.mark.once
STILL = Amounts(0, 0, 0)


def spec(target="mask", kind="image"):
    return flat("s", kind, (32, 32, 1), "uint8", target, ("a", "b"))


def batch(count=4, size=(32, 32), channels=1, seed=0):
    """Smooth blobs; the mask is where the image is bright."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(count, *size, channels))
    x = ndimage.gaussian_filter(noise, (0, 3, 3, 0))
    x = ((x - x.min()) / np.ptp(x) * 255).astype("float32")
    return x, (x[..., 0] > 128).astype("int32")


@pytest.mark.parametrize("strength", ["light", "strong"])
@pytest.mark.parametrize("size", [(32, 32), (24, 40)])
def test_a_key_gives_the_same_batch_whenever_and_wherever(strength, size):
    x, y = batch(size=size)
    vary = make_augment(strength, spec(), seed=3)
    first_x, first_y = vary(x, y, 7)
    other_x, _ = vary(x, y, 8)
    with ThreadPoolExecutor(2) as pool:
        again = list(pool.map(lambda key: vary(x, y, key), [7, 8, 7, 8]))
    for result in (
        again[0],
        again[2],
        make_augment(strength, spec(), 3)(x, y, 7),
    ):
        np.testing.assert_array_equal(result[0], first_x)
        np.testing.assert_array_equal(result[1], first_y)
    np.testing.assert_array_equal(again[1][0], other_x)
    assert (first_x != other_x).mean() > 0.5
    assert (make_augment(strength, spec(), 4)(x, y, 7)[0] != first_x).any()
    assert first_x.shape == x.shape
    assert first_x.dtype == "float32"
    assert first_y.shape == y.shape
    assert first_y.dtype == "int32"


@pytest.mark.parametrize("strength", ["light", "strong"])
def test_masks_move_with_their_images(strength):
    """What is bright lies under the mask, however both were moved."""
    x, y = batch(8, (48, 48))
    amounts = augment.AMOUNTS[strength, "mask"]
    moved = augment.Augment(
        Amounts(**{**vars(amounts), "brightness": 0, "contrast": 0}), 0
    )
    apart = []
    for key in range(4):
        image, mask = moved(x, y, key)
        assert (image != x).mean() > 0.5
        assert set(np.unique(mask)) <= {0, 1}
        apart.append(np.mean((image[..., 0] > 128) != mask))
    still = np.mean((x[..., 0] > 128) != np.roll(y, 3, axis=1))
    assert max(apart) < 0.03 < still


def test_values_stay_in_the_range_of_the_data():
    x, y = batch()
    for scale in (16 / 255, 1, 257):
        image, _ = make_augment("strong", spec(), 0)(x * scale, y, 1)
        assert image.min() >= 0
        assert image.max() <= 255 * scale * 1.0001
        assert np.ptp(image) > 100 * scale


def test_the_same_amount_whatever_the_unit():
    x, y = batch()
    vary = make_augment("strong", spec(), 0)
    small, _ = vary(x / 255, y, 1)
    large, _ = vary(x * 257, y, 1)
    np.testing.assert_allclose(small * 255 * 257, large, rtol=1e-3, atol=5)


def test_no_amount_changes_nothing():
    x, y = batch(channels=3)
    image, mask = augment.Augment(STILL, 0)(x, y, 0)
    np.testing.assert_allclose(image, x, atol=1e-3)
    np.testing.assert_array_equal(mask, y)
    assert make_augment("none", spec(), 0) is None


@pytest.mark.parametrize("size", [(32, 32), (24, 40)])
def test_the_affine_map_equals_that_of_keras(size):
    import keras

    x, y = batch(3, size)
    amounts = Amounts(0.1, 20, 0.2)
    maps = augment.affine_matrices(3, size, amounts, np.random.default_rng(1))
    moved, masks = augment.apply_warp(x, y, amounts, np.random.default_rng(1))
    # Keras counts columns first: x = a0 x + a1 y + a2, y = b0 x + b1 y + b2.
    flat = np.zeros((3, 8), "float32")
    flat[:, :3] = maps[:, 1][:, [1, 0, 2]]
    flat[:, 3:6] = maps[:, 0][:, [1, 0, 2]]
    theirs = keras.ops.image.affine_transform(
        x, flat, fill_mode="reflect", data_format="channels_last"
    )
    theirs = keras.ops.convert_to_numpy(theirs)
    inner = np.s_[:, 6:-6, 6:-6]
    np.testing.assert_allclose(moved[inner], theirs[inner], atol=0.05)
    assert np.mean((moved[..., 0] > 128) != masks) < 0.03


def test_angle_shift_and_zoom_by_hand():
    size, rng = (10, 20), np.random.default_rng(0)
    maps = augment.affine_matrices(200, size, Amounts(0.1, 0, 0), rng)
    np.testing.assert_array_equal(maps[:, :, :2], [np.eye(2)] * 200)
    reach = abs(maps[:, :, 2]).max(axis=0)
    assert (reach <= [1, 2]).all()
    assert (reach > [0.9, 1.8]).all()
    maps = augment.affine_matrices(200, size, Amounts(0, 20, 0.2), rng)
    centre = np.array([4.5, 9.5])
    still = maps[:, :, :2] @ centre + maps[:, :, 2]
    np.testing.assert_allclose(still, [centre] * 200)
    zoom = np.log(np.linalg.det(maps[:, :, :2])) / 2
    angle = np.rad2deg(np.arctan2(maps[:, 0, 1], maps[:, 0, 0]))
    assert 0.18 < abs(zoom).max() <= 0.2
    assert 18 < abs(angle).max() <= 20


def test_bends_are_cubic_zooms_of_a_coarse_grid():
    fields = augment.bend_fields(2, (24, 40), 0.05, np.random.default_rng(3))
    rng = np.random.default_rng(3)
    coarse = rng.normal(0, 0.05 * 24, (2, 2, augment.GRID, augment.GRID))
    zoom = (1, 1, 24 / augment.GRID, 40 / augment.GRID)
    expected = ndimage.zoom(coarse, zoom, order=3, mode="nearest")
    np.testing.assert_allclose(fields, expected, atol=1e-5)


def test_all_eight_symmetries_are_drawn():
    corner = np.zeros((400, 4, 4, 1), "float32")
    corner[:, 0, 1] = 1
    moved, masks = augment.apply_symmetries(
        corner, corner[..., 0].astype("int32"), np.random.default_rng(0)
    )
    places = np.argmax(moved.reshape(400, -1), axis=1)
    values, counts = np.unique(places, return_counts=True)
    assert set(values) == {1, 2, 4, 7, 8, 11, 13, 14}
    assert counts.min() > 25
    np.testing.assert_array_equal(moved[..., 0], masks)


def test_light_does_not_mirror():
    """A mirrored or turned copy would match its mirror image better."""
    x, y = batch(16)
    for target in ("mask", "class"):
        image, _ = make_augment("light", spec(target), 0)(
            x, y if target == "mask" else None, 0
        )
        for mirror in (x[:, ::-1], x[:, :, ::-1], x[:, ::-1, ::-1]):
            near = ((image - x) ** 2).mean(axis=(1, 2, 3))
            far = ((image - mirror) ** 2).mean(axis=(1, 2, 3))
            assert (near < far).mean() > 0.8


def test_light_on_classes_keeps_brightness():
    x = np.full((4, 16, 16, 1), 100, "float32")
    x[:, 4:12, 4:12] = 200
    image, masks = make_augment("light", spec("class"), 0)(x, None, 0)
    assert masks is None
    np.testing.assert_allclose(image[:, 7:9, 7:9], 200, atol=0.01)


def test_tables_and_unknown_strengths_are_refused():
    for strength in ("light", "strong"):
        with pytest.raises(UsageError, match="table"):
            make_augment(strength, spec("class", "table"), 0)
    assert make_augment("none", spec("class", "table"), 0) is None
    with pytest.raises(UsageError, match="none, light or strong"):
        make_augment("wild", spec(), 0)
