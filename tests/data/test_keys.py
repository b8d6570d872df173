"""What arrays are called in the files of others."""

import h5py
import numpy as np
import pytest

from kerasnotes.base.errors import DataError
from kerasnotes.data.load import load
from kerasnotes.data.meaning.keys import find_keys, has_none

pytestmark = pytest.mark.once

MEDMNIST = [
    f"{part}_{what}"
    for part in ("train", "val", "test")
    for what in ("images", "labels")
]


def pairs(**parts):
    return {part: tuple(pair.split()) for part, pair in parts.items()}


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        (["x", "y"], pairs(all="x y")),
        (["X", "Y"], pairs(all="X Y")),
        (["images", "labels"], pairs(all="images labels")),
        (["data", "target", "names"], pairs(all="data target")),
        (["image", "mask"], pairs(all="image mask")),
        (["arr_0", "arr_1"], pairs(all="arr_0 arr_1")),
        (["features", "label"], pairs(all="features label")),
        (
            ["x_train", "y_train", "x_test", "y_test"],
            pairs(train="x_train y_train", test="x_test y_test"),
        ),
        (
            ["X_train", "y_train", "X_valid", "y_valid"],
            pairs(train="X_train y_train", validation="X_valid y_valid"),
        ),
        (
            MEDMNIST,
            pairs(
                train="train_images train_labels",
                validation="val_images val_labels",
                test="test_images test_labels",
            ),
        ),
        (
            ["train_set_x", "train_set_y", "list_classes"],
            pairs(train="train_set_x train_set_y"),
        ),
        (
            ["train/x", "train/y", "test/x", "test/y"],
            pairs(train="train/x train/y", test="test/x test/y"),
        ),
        (
            ["images/training", "labels/training"],
            pairs(train="images/training labels/training"),
        ),
        (
            ["x", "y", "x_test", "y_test"],
            pairs(train="x y", test="x_test y_test"),
        ),
        (["x_test", "y_test"], pairs(test="x_test y_test")),
        (
            ["train-images", "train-labels"],
            pairs(train="train-images train-labels"),
        ),
        (["data/images", "data/labels"], pairs(all="data/images data/labels")),
        (["made/by", "a/b/x", "a/b/y"], pairs(all="a/b/x a/b/y")),
        (
            ["set/train/x", "set/train/y", "set/test/x", "set/test/y"],
            pairs(
                train="set/train/x set/train/y", test="set/test/x set/test/y"
            ),
        ),
    ],
)
def test_usual_names(keys, found):
    assert find_keys(keys, None, "f") == found
    assert not has_none(found)
    assert find_keys(keys[::-1], None, "f") == found


@pytest.mark.parametrize(
    ("keys", "target", "found"),
    [
        (["x", "y", "kind"], "kind", pairs(all="x kind")),
        (["x", "y", "labels"], "labels", pairs(all="x labels")),
        (["x_train", "kind_train"], "kind", pairs(train="x_train kind_train")),
        (
            ["train/x", "train/answer", "train/y"],
            "answer",
            pairs(train="train/x train/answer"),
        ),
        (["images", "masks", "labels"], "masks", pairs(all="images masks")),
        (["a/x", "a/y", "a/kind"], "kind", pairs(all="a/x a/kind")),
        (["a/x", "a/y", "a/kind"], "a/kind", pairs(all="a/x a/kind")),
        (["a/x", "a/y", "b/x", "b/y"], "b/y", pairs(all="b/x b/y")),
    ],
)
def test_a_named_target(keys, target, found):
    assert find_keys(keys, target, "f") == found


@pytest.mark.parametrize(
    "keys",
    [
        ["images", "masks", "labels"],
        ["x", "y", "labels"],
        ["x", "y", "Y"],
        ["data", "target", "label"],
        ["x_train", "y_train", "labels_train"],
        ["a/x", "a/y", "b/x", "b/y"],
    ],
)
def test_several_labels_are_asked_about(keys):
    with pytest.raises(DataError, match="Which array of f holds") as error:
        find_keys(keys, None, "f")
    # What is advised works.
    named = str(error.value).split("--target ")[1].split()[0]
    assert named in {y for _, y in find_keys(keys, named, "f").values()}


@pytest.mark.parametrize(
    "keys",
    [
        ["a", "b"],
        ["x", "kinds"],
        ["y"],
        ["masks"],
        ["lengths"],
        [],
        ["x_train", "y_test"],
        ["x", "images"],
        ["x_val", "x_test"],
    ],
)
def test_other_names_are_refused(keys):
    with pytest.raises(DataError, match="does not hold inputs and labels"):
        find_keys(keys, None, "f")


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        (["x"], {"all": "x"}),
        (["arr_0"], {"all": "arr_0"}),
        (["faces"], {"all": "faces"}),
        (["data/images"], {"all": "data/images"}),
        (["x_train"], {"all": "x_train"}),
        (["x", "x_test"], {"train": "x", "test": "x_test"}),
        (
            ["test/x", "train/x", "val/x"],
            {"train": "train/x", "validation": "val/x", "test": "test/x"},
        ),
    ],
)
def test_inputs_alone_have_no_labels(keys, found):
    bare = find_keys(keys, None, "f")
    assert {part: x for part, (x, _) in bare.items()} == found
    assert list(bare) == list(found)
    assert has_none(bare)


def test_a_key_is_not_asked_for_where_none_would_help():
    with pytest.raises(DataError, match="call the inputs x, and the labels y"):
        find_keys(["a/pictures", "a/kinds"], None, "f")


def make(count, seed=0):
    x = np.random.default_rng(seed).integers(0, 255, (count, 8, 8, 3), "uint8")
    return x, (x[:, 0, 0, :1] > 99).astype("uint8")


def test_medmnist_is_read_as_it_is(tmp_path, config):
    arrays = dict(
        zip(MEDMNIST, [*make(40), *make(10, 1), *make(12, 2)], strict=True)
    )
    np.savez(tmp_path / "bloodmnist.npz", **arrays)
    data = load(config(tmp_path / "bloodmnist.npz"))
    assert [len(data.split(p)) for p in ("train", "validation", "test")] == [
        40,
        10,
        12,
    ]
    np.testing.assert_array_equal(data.test.x, arrays["test_images"])
    np.testing.assert_array_equal(data.test.y, arrays["test_labels"][:, 0])
    assert any(
        "`val_images` with labels `val_labels`" in r for r in data.remarks
    )


def test_groups_of_hdf5(tmp_path, config):
    (x, y), (x2, y2) = make(40), make(10, 1)
    with h5py.File(tmp_path / "set.h5", "w") as file:
        file["train/x"], file["train/y"] = x, y
        file["test/x"], file["test/y"] = x2, y2
    data = load(config(tmp_path / "set.h5"))
    assert len(data.test) == 10
    np.testing.assert_array_equal(data.test[3][0], x2[3])
    assert data.test[3][1] == y2[3, 0]
    assert any("`train/x` with labels `train/y`" in r for r in data.remarks)


def test_links_in_groups_are_not_followed(tmp_path, config):
    x, y = make(40)
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = x
    with h5py.File(tmp_path / "set.h5", "w") as file:
        file["train/x"] = h5py.ExternalLink("other.h5", "x")
        file["train/y"] = y
    with pytest.raises(DataError, match="another file"):
        load(config(tmp_path / "set.h5"))
