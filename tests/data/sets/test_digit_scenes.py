import numpy as np
import pytest
from scipy import ndimage

from kerasnotes.data.sets import digit_scenes
from kerasnotes.data.sets.digits import digit_images

pytestmark = pytest.mark.once


def test_a_scene_is_a_function_of_part_and_number():
    image, mask = digit_scenes.scene("train", 5)
    digit_scenes.scene("test", 1)
    again, mask_again = digit_scenes.scene("train", 5)
    np.testing.assert_array_equal(image, again)
    np.testing.assert_array_equal(mask, mask_again)
    assert (digit_scenes.scene("train", 6)[0] != image).any()
    assert (digit_scenes.scene("test", 5)[0] != image).any()


def test_scenes_have_the_promised_form():
    for index in range(40):
        image, mask = digit_scenes.scene("validation", index)
        assert image.shape == (64, 64, 1)
        assert image.dtype == "uint8"
        assert mask.shape == (64, 64)
        assert 1 <= len(np.unique(mask)) - 1 <= 5
        assert 0 <= mask.min() <= mask.max() <= 10


def test_digits_stand_out_where_the_mask_says():
    """Inside strokes and just around them, grey levels must differ."""
    gaps = []
    for index in range(40):
        image, mask = digit_scenes.scene("test", index)
        inside = mask > 0
        ring = ndimage.binary_dilation(inside, iterations=4)
        ring &= ~ndimage.binary_dilation(inside, iterations=2)
        core = ndimage.binary_erosion(inside)
        gaps.append(abs(image[core].mean() - image[ring].mean()))
    assert min(gaps) > 40


def test_no_digit_is_in_two_parts():
    parts = digit_scenes._digit_parts()
    assert sum(len(x) for x, _ in parts.values()) == len(digit_images()[0])
    seen = [set(map(bytes, x.reshape(len(x), -1))) for x, _ in parts.values()]
    assert not seen[0] & seen[2]
    assert not seen[1] & seen[2]


@pytest.mark.parametrize("degrees", [-25, 0, 25])
def test_a_stamp_is_the_turned_digit(degrees):
    large, _ = digit_scenes._digit_parts()["test"]
    size = 8.0 * digit_scenes._ZOOM
    stamp = digit_scenes._stamp(large[3], size, np.deg2rad(degrees))
    cut = (len(stamp) - large.shape[1]) // 2
    stamp = stamp[cut : cut + large.shape[1], cut : cut + large.shape[1]]
    turned = ndimage.rotate(large[3], -degrees, reshape=False, order=1)
    wrong = ndimage.rotate(large[3], 20 - degrees, reshape=False, order=1)
    assert abs(stamp - turned).mean() < 0.03
    assert abs(stamp - wrong).mean() > 0.06
