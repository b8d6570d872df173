import numpy as np
import pytest
from keras import ops

from kerasnotes.notes.unet.mirror_context import MirrorContext, mirror_index
from tests.checks import check_layer, to_numpy


def unpadded_unet_size(size, depth):
    """What the paper's network makes of `size` pixels, layer by layer."""
    for _ in range(depth):
        size -= 4
        assert size % 2 == 0, "the pooling would lose a row"
        size //= 2
    size -= 4
    for _ in range(depth):
        size = 2 * size - 4
    return size


def test_figure_1_of_the_paper():
    assert MirrorContext(4).padded(388) == 572


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [1, 7, 64, 100, 388, 389])
def test_smallest_size_that_the_network_can_take(depth, size):
    padded = MirrorContext(depth).padded(size)
    assert size <= unpadded_unet_size(padded, depth) < size + 2**depth


def test_mirrors_as_numpy_does():
    x = np.arange(2 * 64 * 70, dtype="float32").reshape(1, 64, 70, 2)
    layer = MirrorContext(1)
    pads = [(8, layer.padded(size) - size - 8) for size in x.shape[1:3]]
    expected = np.pad(x, [(0, 0), *pads, (0, 0)], mode="reflect")
    np.testing.assert_array_equal(to_numpy(layer(x)), expected)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_index_far_outside(size):
    index = np.arange(-23, 31)
    expected = np.pad(np.arange(size), (23, 31 - size), mode="reflect")
    found = to_numpy(mirror_index(ops.convert_to_tensor(index), size))
    np.testing.assert_array_equal(found, expected)


def test_layer_contract(tmp_path):
    x = np.random.default_rng(0).normal(size=(2, 9, 4, 3)).astype("float32")
    layer = MirrorContext(2)
    shape = (2, layer.padded(9), layer.padded(4), 3)
    check_layer(layer, [x], shape, tmp_path)
