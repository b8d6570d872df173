"""Labels of `train` and other parts that are written unlike each other."""

import h5py
import numpy as np
import pytest

from kerasnotes.base.errors import DataError
from kerasnotes.data.load import load

pytestmark = pytest.mark.once
TRAIN, TEST = np.arange(12) % 2, np.array([1, 0, 0, 1])
WORDS = np.array(["cat", "dog"])


@pytest.fixture(params=["npz", "h5"])
def read(request, tmp_path, config):
    """Reads a file of labels by part, with images that are all alike."""

    def read(**labels):
        arrays = {f"y_{part}": y for part, y in labels.items()}
        for part, y in labels.items():
            arrays[f"x_{part}"] = np.arange(len(y) * 16).reshape(-1, 4, 4)
        path = tmp_path / f"set.{request.param}"
        if request.param == "npz":
            np.savez(path, **arrays)
        else:
            with h5py.File(path, "w") as file:
                for key, array in arrays.items():
                    text = array.dtype.kind == "U"
                    file[key] = array.astype("S") if text else array
        return load(config(path, validation=0))

    return read


@pytest.mark.parametrize(
    ("train", "test"),
    [
        (np.eye(2)[TRAIN], TEST),
        (TRAIN, np.eye(2)[TEST]),
        (np.eye(2)[TRAIN], TEST[:, None]),
        (TRAIN[:, None], TEST),
        (TRAIN, TEST[:, None].astype("float32")),
    ],
)
def test_parts_in_other_shapes_are_read_alike(read, train, test):
    data = read(train=train, test=test)
    assert data.spec.target.classes == ("0", "1")
    np.testing.assert_array_equal(data.train.y, TRAIN)
    np.testing.assert_array_equal(data.test.y, TEST)
    assert ("are one-hot" in " ".join(data.remarks)) == (
        train.shape[1:] == (2,) or test.shape[1:] == (2,)
    )


def test_masks_with_and_without_channel_are_read_alike(read):
    masks = np.zeros((12, 4, 4), "uint8")
    masks[:, 2:] = 1
    data = read(train=masks[..., None], test=masks[:3])
    assert data.test[0][1].tolist() == data.train[0][1].tolist()


@pytest.mark.parametrize(
    ("train", "test", "told"),
    [
        (np.eye(2)[TRAIN], TEST + 1, "differ in shape by part"),
        (np.eye(2)[TRAIN], np.eye(3)[TEST], "differ in shape by part"),
        (np.eye(2)[TRAIN], WORDS[TEST], "differ in shape by part"),
        (WORDS[TRAIN], TEST, "text in one part, numbers in another"),
        (WORDS[TRAIN], np.array(["a", "b"])[TEST], "No label of set"),
        (TRAIN, TEST + 5, "No label of set"),
    ],
)
def test_labels_that_cannot_be_of_one_kind_are_refused(read, train, test, told):
    with pytest.raises(DataError, match=told) as caught:
        read(train=train, test=test)
    assert "train: " in caught.value.received
    assert "test: " in caught.value.received


@pytest.mark.parametrize(
    ("train", "test", "told"),
    [
        (WORDS[TRAIN], WORDS[TEST * 0], "Class dog has no example in test."),
        (TRAIN, TEST * 2, "Class 2 has no example in train."),
        (TRAIN * 2, np.array([0, 3, 4]), "Classes 3, 4 have no example in tr"),
    ],
)
def test_classes_that_a_part_lacks_are_told(read, train, test, told):
    assert told in " ".join(read(train=train, test=test).remarks)
