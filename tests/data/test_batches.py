"""Every batch is a function of seed, epoch and step, and of nothing else."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from kerasnotes.data.augmentation.augment import make_augment
from kerasnotes.data.augmentation.mixing import Mixing
from kerasnotes.data.batches import Batches
from kerasnotes.data.dataset import ArraySplit
from tests.specs import flat

pytestmark = pytest.mark.once

ROWS = flat("rows", "table", (1,), "float32", "class", ("a", "b"))
SIZES = [(40, 56), (32, 32), (10, 20)]
PATCH = 16


def spec_of(shape):
    return flat("plan", "image", shape, "float32", "mask", ("a", "b"))


class Coordinates(ArraySplit):
    """Images whose pixels say where they are: `(image, row, column)`."""

    def __init__(self, sizes):
        self.sizes = sizes

    def __len__(self):
        return len(self.sizes)

    def __getitem__(self, index):
        size = self.sizes[index]
        rows, columns = np.indices(size)
        x = np.stack([np.full_like(rows, index), rows, columns], axis=-1)
        return x.astype("float32"), ((rows + columns) % 2).astype("int32")

    def size(self, index):
        return self.sizes[index]


class Unreadable(Coordinates):
    def __getitem__(self, index):
        raise OSError(f"image {index} is gone")


@pytest.fixture
def rows():
    """Twenty-one examples; an example's only column is its number."""
    x = np.arange(21, dtype="float32")[:, None]
    return ArraySplit(x, np.arange(21) % 2)


@pytest.fixture
def pictures(rng):
    x = rng.integers(0, 256, (24, 16, 16, 1)).astype("float32")
    return ArraySplit(x, rng.integers(0, 2, (24, 16, 16)))


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def numbers(batches, epoch):
    first = epoch * batches.steps
    return [
        int(value)
        for step in range(first, first + batches.steps)
        for value in batches[step][0][:, 0]
    ]


def augmented(split, **options):
    spec = spec_of((16, 16, 1))
    augment = make_augment("strong", spec, 3)
    return Batches(split, spec, batch_size=8, augment=augment, **options)


def patches(sizes, split=Coordinates, **options):
    spec = spec_of((None, None, 3))
    return Batches(split(sizes), spec, batch_size=4, patch=PATCH, **options)


def assert_same(one, other):
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def test_an_epoch_is_a_permutation_without_the_incomplete_batch(rows):
    batches = Batches(rows, ROWS, batch_size=5, seed=7)
    assert batches.steps == 4
    assert batches.num_batches is None
    epochs = [numbers(batches, epoch) for epoch in range(3)]
    for seen in epochs:
        assert len(seen) == len(set(seen)) == 20
        assert set(seen) <= set(range(21))
    assert epochs[0] != epochs[1]
    assert epochs[1] != epochs[2]


def test_inputs_keep_their_targets(rows):
    batches = Batches(rows, ROWS, batch_size=5, seed=7)
    for step in range(8):
        x, y = batches[step]
        np.testing.assert_array_equal(y, x[:, 0] % 2)


def test_the_order_is_that_of_its_seed(rows):
    first, again, other = (
        numbers(Batches(rows, ROWS, batch_size=7, seed=seed), 2)
        for seed in (4, 4, 5)
    )
    assert first == again
    assert first != other


def test_a_batch_larger_than_the_split_is_the_split(rows):
    batches = Batches(rows, ROWS, batch_size=100)
    assert batches.steps == 1
    assert sorted(batches[3][0][:, 0]) == list(range(21))


def test_without_shuffle_it_is_the_split_in_order(rows):
    batches = Batches(rows, ROWS, batch_size=5, shuffle=False)
    assert batches.num_batches == batches.steps == 5
    assert numbers(batches, 0) == list(range(21))


def test_a_batch_is_the_same_whatever_was_asked_before(pictures):
    in_order = augmented(pictures, seed=1)
    expected = [in_order[i] for i in range(7)]
    jumping = augmented(pictures, seed=1)
    for index in (6, 2, 2, 5, 0, 4, 6):
        assert_same(jumping[index], expected[index])


def test_a_batch_is_the_same_from_two_threads(pictures):
    in_order = augmented(pictures, seed=1)
    expected = [in_order[i] for i in range(12)]
    shared = augmented(pictures, seed=1)
    asked = [0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11]
    with ThreadPoolExecutor(2) as pool:
        got = list(pool.map(shared.__getitem__, asked))
    for index, batch in zip(asked, got, strict=True):
        assert_same(batch, expected[index])


def test_augmentation_differs_from_epoch_to_epoch(pictures):
    one = ArraySplit(pictures.x[:8], pictures.y[:8])
    batches = augmented(one, seed=1)
    assert batches.steps == 1
    sums = {round(float(batches[epoch][0].sum()), 1) for epoch in range(3)}
    assert len(sums) == 3


@pytest.mark.parametrize("parts", [1, 3])
def test_a_start_is_the_same_as_skipping(pictures, parts):
    whole = augmented(pictures, seed=1, parts=parts)
    later = augmented(pictures, seed=1, parts=parts, start=4)
    for index in range(4):
        assert_same(later[index], whole[4 * parts + index])


@pytest.mark.parametrize("parts", [2, 4])
def test_parts_put_together_are_the_batch(rows, parts):
    whole = Batches(rows, ROWS, batch_size=5, seed=2)
    cut = Batches(rows, ROWS, batch_size=5, seed=2, parts=parts)
    assert cut.steps == whole.steps
    for step in range(9):
        pieces = [cut[step * parts + part] for part in range(parts)]
        for axis in (0, 1):
            joined = np.concatenate([piece[axis] for piece in pieces])
            np.testing.assert_array_equal(joined, whole[step][axis])


def test_random_patches_lie_inside_their_images():
    batches = patches(SIZES, seed=1)
    # 3 * 4, 2 * 2 and 1 * 2 patches of 16 cover the images: 6 on average.
    assert batches.examples == 3 * 6
    counts, places = np.zeros(3, int), set()
    for step in range(batches.steps):
        for x, y in zip(*batches[step], strict=True):
            image = int(x[0, 0, 0])
            counts[image] += 1
            if image == 2:
                continue
            top, left = x[0, 0, 1:].astype(int)
            places.add((image, top, left))
            rows, columns = np.indices((PATCH, PATCH))
            np.testing.assert_array_equal(x[..., 1], rows + top)
            np.testing.assert_array_equal(x[..., 2], columns + left)
            np.testing.assert_array_equal(y, x[..., 1:].sum(-1) % 2)
    assert counts.sum() == batches.steps * 4
    assert counts.max() <= 6
    assert len(places) > 6


def test_small_images_are_mirrored_outwards():
    batches = patches([(10, 16)], seed=1)
    x, y = batches[0]
    image, mask = Coordinates([(10, 16)])[0]
    pads = [(0, 6), (0, 0)]
    padded = np.pad(image, [*pads, (0, 0)], mode="symmetric")
    np.testing.assert_array_equal(x[0], padded)
    np.testing.assert_array_equal(y[0], np.pad(mask, pads, mode="symmetric"))


@pytest.mark.parametrize("size", [(32, 48), (16, 16), (40, 50), (16, 33)])
def test_the_grid_covers_every_pixel(size):
    batches = patches([size, (32, 16)], shuffle=False)
    seen = np.zeros(size, int)
    for step in range(batches.num_batches):
        for x, _ in zip(*batches[step], strict=True):
            if x[0, 0, 0] == 0:
                where = x[..., 1:].astype(int).reshape(-1, 2)
                np.add.at(seen, tuple(where.T), 1)
    assert seen.min() == 1
    divides = size[0] % PATCH == 0 and size[1] % PATCH == 0
    assert (seen.max() == 1) == divides


def test_pixel_weights_come_with_their_masks(pictures):
    batches = augmented(pictures, pixel_weight=lambda mask: 1.0 + 2.0 * mask)
    _, y, weights = batches[1]
    np.testing.assert_array_equal(weights, 1 + 2 * y)


@pytest.mark.parametrize("shuffle", [True, False])
def test_what_reading_failed_with_is_kept(shuffle):
    batches = patches(SIZES, split=Unreadable, shuffle=shuffle)
    assert batches.failure is None
    with pytest.raises(OSError, match="is gone"):
        batches[0]
    assert isinstance(batches.failure, OSError)


def test_reading_ahead_past_the_end_is_no_failure(pictures):
    batches = augmented(pictures, shuffle=False)
    for step in range(batches.num_batches):
        batches[step]
    assert batches.failure is None


def test_networks_may_be_told_the_target(rows):
    batches = Batches(rows, ROWS, batch_size=4, labelled=True)
    inputs, y = batches[2]
    assert set(inputs) == {"x", "y"}
    np.testing.assert_array_equal(inputs["y"], y)
    np.testing.assert_array_equal(inputs["x"][:, 0] % 2, y)
    plain = Batches(rows, ROWS, batch_size=4)[2]
    np.testing.assert_array_equal(inputs["x"], plain[0])


def test_an_epoch_of_several_passes_sees_every_example_as_often(rows):
    batches = Batches(rows, ROWS, batch_size=7, seed=3, passes=4)
    assert batches.steps == 12
    seen = np.concatenate([batches[i][0] for i in range(12)]).ravel()
    for part in seen.reshape(4, 21):
        np.testing.assert_array_equal(np.sort(part), np.arange(21))
    later = Batches(rows, ROWS, batch_size=7, seed=3, passes=4, start=5)
    np.testing.assert_array_equal(later[0][0], batches[5][0])
    once = Batches(rows, ROWS, batch_size=7, passes=4, shuffle=False)
    assert once.steps == 3


@pytest.mark.parametrize("joined", [("mixup",), ("erasing",)])
def test_the_last_epochs_may_see_images_as_they_are(rng, joined):
    x = rng.integers(0, 256, (24, 16, 16, 1)).astype("float32")
    split = ArraySplit(x, np.arange(24) % 2)
    spec = flat("plan", "image", (16, 16, 1), "float32", "class", ("a", "b"))
    settings = {
        "batch_size": 12,
        "augment": make_augment("light", spec, 0),
        "mixing": Mixing(joined, 2, 0),
    }
    whole = Batches(split, spec, **settings)
    cut = Batches(split, spec, varied=2, **settings)
    bare = Batches(split, spec, batch_size=12)
    for step in range(4):
        for mine, own in zip(cut[step], whole[step], strict=True):
            np.testing.assert_array_equal(mine, own)
    for step in range(4, 6):
        (x, y), (given, classes) = cut[step], bare[step]
        np.testing.assert_array_equal(x, given)
        # In the form of the epochs before: a compiled step takes one.
        assert y.shape == whole[step][1].shape
        np.testing.assert_array_equal(
            y.argmax(axis=1) if y.ndim > 1 else y, classes
        )
