import numpy as np
import pytest

from kerasnotes.inference.predictor import Predictor
from kerasnotes.inference.segmenter import Segmenter
from kerasnotes.inference.tiling import mirror_to


def assemble(segmenter, images):
    answers = {}
    for key, pieces in segmenter.run(enumerate(images)):
        result = np.full((*images[key].shape[:2], 4), np.nan, "float32")
        for piece in pieces:
            result[piece.rows, piece.columns] = piece.probabilities
        answers[key] = result
    return [answers[key] for key in range(len(images))]


def images_of(rng, *sizes):
    return [rng.integers(0, 256, (*s, 1)).astype("uint8") for s in sizes]


def test_equal_images_go_in_batches(make_network, rng):
    model = make_network()
    images = images_of(rng, *[(12, 10)] * 5)
    got = assemble(Segmenter(model, 2), images)
    want = model.predict_on_batch(np.stack(images).astype("float32"))
    np.testing.assert_allclose(np.stack(got), want, atol=1e-5)


SIZES = [(20, 30), (21, 33), (21, 33), (7, 9), (1, 1)]


@pytest.mark.parametrize("any_size", [True, False])
def test_an_answer_is_the_same_whatever_is_asked_beside_it(
    make_network, rng, any_size
):
    model = make_network(any_size=any_size)
    images = images_of(rng, *SIZES)
    got = assemble(Segmenter(model, 8), images)
    for image, answer in zip(images, got, strict=True):
        (alone,) = assemble(Segmenter(model, 1), [image])
        height, width = image.shape[:2]
        whole = image
        if not any_size:
            whole = mirror_to(image, height + height % 2, width + width % 2)
        want = model.predict_on_batch(whole[None].astype("float32"))[0]
        np.testing.assert_allclose(answer, want[:height, :width], atol=1e-5)
        np.testing.assert_allclose(answer, alone, atol=1e-5)


@pytest.mark.parametrize("any_size", [True, False])
def test_large_images_are_tiled_without_seams(
    make_network, rng, monkeypatch, any_size
):
    monkeypatch.setattr("kerasnotes.inference.segmenter.TILE", 32)
    model = make_network(any_size=any_size)
    odd = int(any_size)
    images = images_of(rng, (90 + odd, 50), (16, 16), (45 - odd, 71 + odd))[
        : 2 + odd
    ]
    got = assemble(Segmenter(model, 4, pixels=40 * 40), images)
    for image, answer in zip(images, got, strict=True):
        want = model.predict_on_batch(image[None].astype("float32"))[0]
        np.testing.assert_allclose(answer, want, atol=1e-5)


def test_a_network_of_one_size_gets_that_size(make_network, rng):
    model = make_network(size=(32, 32))
    images = images_of(rng, (32, 32), (20, 32), (70, 40), (10, 50))
    got = assemble(Segmenter(model, 4), images)
    want = model.predict_on_batch(images[0][None].astype("float32"))[0]
    np.testing.assert_allclose(got[0], want, atol=1e-5)
    for answer in got:
        np.testing.assert_allclose(answer.sum(-1), 1, atol=1e-5)


@pytest.mark.once
@pytest.mark.parametrize(("count", "shape"), [(1, 1), (3, 4), (4, 4), (5, 8)])
def test_batches_are_filled_to_powers_of_two(count, shape):
    seen = []

    class Model:
        def predict_on_batch(self, x):
            seen.append(x)
            return 2 * x

    x = np.arange(count, dtype="uint8")[:, None]
    got = Predictor(Model())(x)
    np.testing.assert_array_equal(got, 2 * x)
    assert seen[0].shape == (shape, 1)
    assert seen[0].dtype == np.float32
