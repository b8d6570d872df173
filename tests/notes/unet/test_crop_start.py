import numpy as np

from kerasnotes.notes.unet.crop_start import CropStart
from tests.checks import check_layer, to_numpy


def test_keeps_the_start(tmp_path):
    x = np.random.default_rng(0).normal(size=(2, 6, 7, 3)).astype("float32")
    reference = np.zeros((2, 6, 2, 1), "float32")
    np.testing.assert_array_equal(
        to_numpy(CropStart()(x, reference)), x[:, :, :2]
    )
    check_layer(CropStart(), [x, reference], (2, 6, 2, 3), tmp_path)
