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


def test_various_sizes_are_mirrored_to_few_shapes(make_network, rng):
    model = make_network()
    images = images_of(rng, (20, 30), (64, 64), (70, 9), (31, 12))
    shapes = set()
    predict = model.predict_on_batch

    def spy(x):
        shapes.add(x.shape)
        return predict(x)

    model.predict_on_batch = spy
    got = assemble(Segmenter(model, 8, vary=True), images)
    for image, answer in zip(images, got, strict=True):
        height, width = (-(-s // 64) * 64 for s in image.shape[:2])
        whole = mirror_to(image, height, width)[None].astype("float32")
        want = predict(whole)[0][: image.shape[0], : image.shape[1]]
        np.testing.assert_allclose(answer, want, atol=1e-5)
    assert shapes == {(4, 64, 64, 1), (1, 128, 64, 1)}


def test_large_images_are_tiled_without_seams(make_network, rng, monkeypatch):
    monkeypatch.setattr("kerasnotes.inference.segmenter.TILE", 32)
    model = make_network()
    images = images_of(rng, (90, 50), (16, 16))
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
