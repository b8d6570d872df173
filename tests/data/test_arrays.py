import numpy as np
import pytest

from kerasnotes.base.errors import DataError
from kerasnotes.data.held.arrays import to_arrays
from kerasnotes.data.load import load

pytestmark = pytest.mark.once
RNG = np.random.default_rng(0)


def pair(count=12):
    return RNG.normal(size=(count, 3)), np.arange(count) % 2


@pytest.mark.parametrize(
    "parts", [["test"], ["validation"], ["test", "validation"], ["train"]]
)
def test_parts_alone_can_be_measured(config, parts):
    given = {part: pair() for part in parts}
    data = load(config(), to_arrays(given), measured=True)
    for part, (x, y) in given.items():
        if part != "train":
            np.testing.assert_array_equal(data.split(part).y, y)
            assert data.split(part).x.shape == x.shape


def test_without_a_training_part_nothing_is_trained(config):
    with pytest.raises(DataError, match="no training part"):
        load(config(), to_arrays({"test": pair()}))


def test_one_hot_parts_keep_their_classes(config):
    given = {"train": np.eye(3)[[0, 1, 2] * 5], "test": np.eye(3)[[2, 2]]}
    parts = {k: (RNG.normal(size=(len(y), 2)), y) for k, y in given.items()}
    data = load(config(), to_arrays(parts))
    assert data.spec.target.classes == ("0", "1", "2")
    assert data.test.y.tolist() == [2, 2]
