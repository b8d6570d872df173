import numpy as np
import pytest

from kerasnotes.notes.unet.center_crop import CenterCrop
from tests.checks import check_layer, to_numpy


@pytest.mark.parametrize(
    ("size", "target", "start"),
    [
        ((1, 1), (1, 1), (0, 0)),
        ((5, 8), (4, 4), (0, 2)),
        ((9, 7), (2, 7), (3, 0)),
    ],
)
def test_keeps_the_centre(size, target, start):
    x = np.random.default_rng(0).normal(size=(2, *size, 3)).astype("float32")
    reference = np.zeros((2, *target, 1), "float32")
    rows = slice(start[0], start[0] + target[0])
    columns = slice(start[1], start[1] + target[1])
    np.testing.assert_array_equal(
        to_numpy(CenterCrop()(x, reference)), x[:, rows, columns]
    )


def test_layer_contract(tmp_path):
    x = np.random.default_rng(0).normal(size=(2, 6, 7, 3)).astype("float32")
    check_layer(CenterCrop(), [x, x[:, :4, :4]], (2, 4, 4, 3), tmp_path)
