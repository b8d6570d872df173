"""Large images by tiles: as if they had been asked whole."""

import asyncio
import io

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from kerasnotes.inference.tiling import mirror_to, round_up
from kerasnotes.serving.engine import tiles
from kerasnotes.serving.engine.core import InferenceServer
from kerasnotes.serving.engine.errors import ServingError
from kerasnotes.serving.engine.limits import Limits
from kerasnotes.serving.engine.tiles import find_tiling
from kerasnotes.serving.v1.handler import TensorFlowServing
from tests.serving.asking import Model, ask, signature
from tests.serving.engine.images.test_bodies import png

pytestmark = pytest.mark.once
GRID = 4
SIZES = [(100, 90), (33, 64), (1, 1500), (1500, 1), (35, 35), (3, 401)]


def answer(x):
    """Sums of 5 x 5 pixels, and the maxima of cells of 4 x 4: `(h, w, 2)`."""
    sums = ndimage.convolve(x[..., 0], np.ones((5, 5)), mode="constant")
    height, width = x.shape[:2]
    ends = [(0, -size % GRID) for size in (height, width)]
    x = np.pad(x[..., 0], ends, constant_values=-1)
    cells = x.reshape(len(x) // GRID, GRID, -1, GRID).max((1, 3))
    maxima = np.kron(cells, np.ones((GRID, GRID)))[:height, :width]
    return np.stack([sums, maxima], -1)


def network(card=None, largest=None):
    """A model of images of any size; remembers what it was asked."""
    free = (None, None, None)
    info = signature(
        "serving_default",
        {"image": ("float32", (*free, 1))},
        {"probabilities": ("float32", (*free, 2))},
    )
    encoded = signature(
        "encoded_image",
        {"image_bytes": ("bytes", (None,))},
        {
            "mask_bytes": ("bytes", (None,)),
            "probabilities": ("float32", (*free, 2)),
        },
    )

    def call(image):
        model.shapes.append(image.shape)
        answers = np.stack([answer(each) for each in image])
        return {"probabilities": answers.astype("float32")}

    card = {"context": 3, "stride": GRID} if card is None else card
    model = Model("net", (info, call), (encoded, None), card=card)
    model.alone, model.shapes = set(), []
    return model


def expect(image, any_size=False):
    if any_size:
        return answer(image)
    height, width = (round_up(n, GRID) for n in image.shape[:2])
    return answer(mirror_to(image, height, width))[
        : image.shape[0], : image.shape[1]
    ]


class Core(InferenceServer):
    """Serves one model that is a function."""

    def __init__(self, model, **options):
        super().__init__([], poll=0, **options)
        self.model = model

    def find(self, name, version=None, label=None):
        return self.model


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch):
    monkeypatch.setattr(tiles, "WHOLE", 32 * 32)


def predict(model, image):
    async def main():
        core = Core(model)
        outputs = await core.predict(model, "", {"image": image})
        await core.stop()
        return outputs["probabilities"]

    return asyncio.run(main())


@pytest.mark.parametrize("any_size", [True, False])
@pytest.mark.parametrize("size", SIZES)
def test_the_answer_is_that_for_the_whole(rng, size, any_size):
    image = rng.integers(0, 256, (2, *size, 1)).astype("float32")
    model = network({"context": 3, "stride": GRID, "any_size": any_size})
    answers = predict(model, image)
    assert answers.shape == (2, *size, 2)
    for one, tile in zip(answers, image, strict=True):
        expected = expect(tile, any_size)
        np.testing.assert_allclose(one, expected, atol=1e-2)
    assert len(model.shapes) > 2
    assert max(h * w for _, h, w, _ in model.shapes) <= 32 * 32


def test_small_images_are_asked_as_they_are():
    model = network()
    predict(model, np.zeros((3, 32, 32, 1), "float32"))
    assert model.shapes == [(3, 32, 32, 1)]
    model = network({"context": 3, "stride": GRID, "any_size": True})
    predict(model, np.zeros((2, 21, 30, 1), "float32"))
    assert model.shapes == [(2, 21, 30, 1)]


def test_small_ones_get_the_frame_that_the_network_needs(rng):
    image = rng.integers(0, 256, (1, 21, 30, 1)).astype("float32")
    model = network()
    np.testing.assert_allclose(predict(model, image)[0], expect(image[0]))
    assert not any(side % GRID for shape in model.shapes for side in shape[1:3])


@pytest.mark.parametrize(
    "card",
    [
        {},
        {"context": None, "stride": None},
        {"context": 3},
        {"context": -1, "stride": 4},
        {"context": 3, "stride": 0},
        {"context": 3.0, "stride": 4},
        {"context": True, "stride": True},
        {"context": 10**9, "stride": 4},
    ],
    ids=str,
)
def test_what_a_description_must_tell(card):
    model = network(card)
    (info, *_) = model.signatures.values()
    assert find_tiling(model, info) is None


def test_only_answers_per_pixel_are_cut():
    for inputs, outputs in (
        ((None, 8, 8, 1), (None, 8, 8, 2)),
        ((None, None, None, 1), (None, 2)),
        ((None, 3), (None, 2)),
    ):
        info = signature(
            "s", {"x": ("float32", inputs)}, {"y": ("f4", outputs)}
        )
        assert find_tiling(network(), info) is None


def test_a_model_that_does_not_answer_per_pixel_is_found_out():
    model = network()
    call = model.functions["serving_default"]
    model.functions["serving_default"] = lambda image: {
        "probabilities": call(image)["probabilities"][:, ::2]
    }
    with pytest.raises(ServingError, match="does not answer per pixel"):
        predict(model, np.zeros((1, 64, 64, 1), "float32"))


def test_an_answer_has_only_so_many_numbers(monkeypatch):
    monkeypatch.setattr(tiles, "MOST_ANSWER", 64 * 64 * 4)
    image = np.zeros((2, 64, 64, 1), "float32")
    assert predict(network(), image).shape == (2, 64, 64, 2)
    model = network()
    with pytest.raises(ServingError, match="at most 16384 numbers, not 24576"):
        predict(model, np.zeros((3, 64, 64, 1), "float32"))
    assert not model.shapes


# === Files ===


def post(image, headers, model=None, **limits):
    app = TensorFlowServing(Core(model or network(), limits=Limits(**limits)))
    headers = {"Content-Type": "image/png", **headers}
    return ask(app, "POST", "/v1/models/net:predict", png(image), headers)


def test_a_large_file_is_answered_by_its_mask(rng):
    image = rng.integers(0, 256, (70, 90))
    answer = post(image, {"Accept": "image/png"})
    assert answer.headers["content-type"] == "image/png"
    mask = np.asarray(Image.open(io.BytesIO(answer.body)))
    expected = expect(image[..., None].astype("float32")).argmax(-1)
    np.testing.assert_array_equal(mask, expected)


def test_a_large_file_is_answered_in_json(rng):
    image = rng.integers(0, 256, (70, 90))
    (row,) = post(image, {}).json["predictions"]
    expected = expect(image[..., None].astype("float32"))
    np.testing.assert_allclose(row["probabilities"], expected, atol=1e-2)
    assert set(row["mask_bytes"]) == {"b64"}


def test_a_mask_is_not_too_large(monkeypatch):
    monkeypatch.setattr(tiles, "MOST_ANSWER", 100)
    image = np.zeros((64, 64))
    assert post(image, {"Accept": "image/png"}).status == 200
    answer = post(image, {})
    assert answer.status == 400
    assert "Accept: image/png" in answer.error


def test_a_large_file_that_cannot_be_decoded():
    app = TensorFlowServing(Core(network()))
    body = png(np.random.default_rng(0).integers(0, 256, (64, 64)))[:-500]
    headers = {"Content-Type": "image/png"}
    answer = ask(app, "POST", "/v1/models/net:predict", body, headers)
    assert (answer.status, answer.error) == (
        400,
        "The image cannot be decoded.",
    )
