import numpy as np
import pytest

from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import ArraySplit
from kerasnotes.tasks.matching import match
from kerasnotes.tasks.renumbered import Joined
from tests.specs import flat, reflat

pytestmark = pytest.mark.once

PHOTOS = flat("photos", "image", (8, 8, 3), "uint8", "class", ("a", "b", "c"))
TABLE = flat("t", "table", (2,), "float32", "class", ("a", "b"), ("u", "v"))


@pytest.fixture
def split():
    return ArraySplit(np.zeros((3, 8, 8, 3)), np.array([0, 1, 2]))


def changed(spec, **changes):
    return reflat(spec, **changes)


def test_equal_classes_are_left_alone(split):
    assert match(split, changed(PHOTOS, name="x"), PHOTOS) is split


def test_classes_are_matched_by_name(split):
    data = changed(PHOTOS, classes=("c", "a", "b"))
    part = match(split, data, PHOTOS)
    assert [int(part[i][1]) for i in range(3)] == [2, 0, 1]
    assert (len(part), part.name(1)) == (3, "#1")


def test_masks_are_matched_by_value_too(mask_spec):
    masks = ArraySplit(np.zeros((1, 1, 2, 1)), np.array([[[0, 1]]]))
    data = changed(mask_spec, classes=("w", "z"), mask_values=(30, 10))
    part = match(masks, data, mask_spec)
    np.testing.assert_array_equal(part[0][1], [[3, 1]])


def test_other_classes_are_refused_naming_both(split):
    data = changed(PHOTOS, classes=("a", "b", "zebra"))
    with pytest.raises(DataError) as caught:
        match(split, data, PHOTOS)
    assert "a, b, c" in caught.value.expected
    assert "zebra" in caught.value.received


@pytest.mark.parametrize(
    ("data", "model"),
    [
        (changed(PHOTOS, shape=(8, 8, 1)), PHOTOS),
        (changed(PHOTOS, shape=(9, 9, 3)), PHOTOS),
        (changed(PHOTOS, target="mask"), PHOTOS),
        (TABLE, PHOTOS),
        (changed(TABLE, shape=(3,), features=()), TABLE),
        (changed(TABLE, features=("v", "u")), TABLE),
    ],
)
def test_other_inputs_are_refused(split, data, model):
    with pytest.raises(DataError, match="does not fit the model"):
        match(split, data, model)


def test_images_to_segment_may_have_any_size(split, mask_spec):
    data = changed(mask_spec, shape=(None, None, 1))
    assert match(split, data, mask_spec) is split


def test_joined_splits_follow_each_other(split):
    other = ArraySplit(np.ones((2, 8, 8, 3)), np.array([7, 8]), ["p", "q"])
    joined = Joined([split, other])
    assert len(joined) == 5
    assert [int(joined[i][1]) for i in range(5)] == [0, 1, 2, 7, 8]
    assert [joined.name(i) for i in (2, 3, 4)] == ["#2", "p", "q"]
    order = joined.order(np.random.default_rng(0))
    assert sorted(order) == [0, 1, 2, 3, 4]


UNLABELLED = changed(PHOTOS, target="none", classes=())


def test_labels_do_not_disturb_a_model_that_knows_none(split):
    assert match(split, PHOTOS, UNLABELLED) is split
    assert match(split, UNLABELLED, UNLABELLED) is split


@pytest.mark.parametrize(
    ("data", "model", "words"),
    [
        (UNLABELLED, PHOTOS, "no label"),
        (changed(PHOTOS, shape=(9, 9, 3)), UNLABELLED, "(9, 9, 3)"),
        (changed(PHOTOS, target="mask"), UNLABELLED, "a mask as target"),
    ],
)
def test_what_unlabelled_pictures_do_not_fit(split, data, model, words):
    with pytest.raises(DataError) as caught:
        match(split, data, model)
    assert words in caught.value.received


def test_pixels_left_out_stay_so(mask_spec):
    masks = ArraySplit(np.zeros((1, 1, 3, 1)), np.array([[[0, 1, -1]]]))
    data = changed(mask_spec, classes=("w", "z"), mask_values=(30, 10))
    part = match(masks, data, mask_spec)
    np.testing.assert_array_equal(part[0][1], [[3, 1, -1]])
