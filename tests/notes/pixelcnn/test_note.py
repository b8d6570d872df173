"""PixelCNN against NumPy, by perturbation, and by every state there is."""

import itertools

import keras
import numpy as np
import pytest
from keras import ops
from scipy.special import expit

from kerasnotes.base.config import build
from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.contracts.generation import Request
from kerasnotes.contracts.report import Conditions
from kerasnotes.data.dataset import ArraySplit
from kerasnotes.notes.pixelcnn.config import PixelCNNConfig
from kerasnotes.notes.pixelcnn.masked_conv import MaskedConv
from kerasnotes.notes.pixelcnn.note import PixelCNN
from tests.checks import check_layer, to_numpy
from tests.specs import flat

HEIGHT, WIDTH = 4, 4
SMALL = {"filters": 4, "layers": 3, "hidden": 16, "first_kernel": 3}


def image_spec(*shape, classes=("a", "b", "c")):
    return flat(
        "i", "image", shape, "uint8", "class", classes, value_range=(0.0, 16.0)
    )


def make(height=HEIGHT, width=WIDTH, **settings):
    keras.utils.set_random_seed(0)
    config = PixelCNNConfig(**{**SMALL, **settings})
    model = PixelCNN(config, image_spec(height, width, 1), [5.0], [36.0])
    rng = np.random.default_rng(1)
    for weight in model.trainable_variables:
        # The same on every backend, and no bias is 0.
        fan_in = int(np.prod(weight.shape[:-1]))
        scale = 1.5 / np.sqrt(fan_in) if fan_in > 1 else 0.2
        weight.assign(scale * rng.normal(size=weight.shape))
    return model


BINARY = pytest.param("model", marks=pytest.mark.once)
"""The other backends have the harder kind alone: `told`, of four levels."""


@pytest.fixture(scope="module")
def model():
    return make()


@pytest.fixture(scope="module")
def told():
    return make(levels=4, conditional=True)


def ask(model, levels, labels=None):
    """Logits `(B, pixels, outputs)`."""
    x = model.levels.scaled(ops.convert_to_tensor(levels))
    if labels is not None:
        x = [x, ops.convert_to_tensor(labels)]
    logits = model.network(x)
    return to_numpy(logits).reshape(len(levels), -1, model.levels.outputs)


@pytest.mark.parametrize("name", [BINARY, "told"])
def test_a_pixel_knows_all_before_it_and_nothing_else(name, request):
    model, size = request.getfixturevalue(name), HEIGHT * WIDTH
    labels = np.array([2], "int32") if name == "told" else None
    most = model.note_config.levels - 1
    image = most * np.random.default_rng(0).integers(0, 2, size)
    shape = (1, HEIGHT, WIDTH, 1)
    image = image.astype("float32")
    before = ask(model, image.reshape(shape), labels)[0]
    moved = np.zeros((size, size), bool)
    for i in range(size):
        # One image a call: rounding may depend on its place in a batch.
        changed = np.where(np.arange(size) == i, most - image, image)
        after = ask(model, changed.reshape(shape), labels)[0]
        moved[i] = (after != before).any(axis=-1)
    # Pixel i moves the logits of those after it. There is no blind spot.
    np.testing.assert_array_equal(moved, np.triu(np.ones((size, size)), 1) > 0)


def convolve(layer, x):
    """The kernel's seen part, offset by offset, in float64."""
    kernel, bias = (w.astype("float64") for w in layer.get_weights())
    (height, width), (rows, columns) = layer.kernel_size, x.shape[:2]
    padded = np.zeros((rows + height, columns + width, x.shape[2]))
    top, left = height // 2, width // 2
    padded[top : top + rows, left : left + columns] = x
    y = np.zeros((rows, columns, kernel.shape[-1])) + bias
    for i, j in np.ndindex(height, width):
        if height > 1:
            seen = i < top + (layer.kind == "B")
        else:
            seen = j < left + (layer.kind == "B")
        if seen:
            y += padded[i : i + rows, j : j + columns] @ kernel[i, j]
    return y


def gate(x):
    one, other = np.split(x, 2, axis=-1)
    return np.tanh(one) * expit(other)


def written_out(model, x, label=None):
    """The paper's equations for one image `(H, W, 1)`, in float64."""
    find = model.network.get_layer
    v = convolve(find("first_vertical"), x)
    h = convolve(find("first_horizontal"), x) + v
    for number in range(1, model.note_config.layers + 1):
        block = find(f"gated{number}")
        a, b = convolve(block.vertical, v), convolve(block.horizontal, h)
        if label is not None:
            to_a, to_b = np.split(to_numpy(block.told.embeddings)[label], 2)
            a, b = a + to_a, b + to_b
        b = b + a @ to_numpy(block.across.kernel).astype("float64")
        v = v + gate(a)
        kernel, bias = block.out.get_weights()
        h = h + gate(b) @ kernel + bias
    for name in ("hidden", "logit"):
        kernel, bias = find(name).get_weights()
        h = np.maximum(h, 0) @ kernel + bias
    return h.reshape(h.shape[0] * h.shape[1], -1)


@pytest.mark.once
@pytest.mark.parametrize("name", ["model", "told"])
def test_equals_the_equations(name, request):
    model = request.getfixturevalue(name)
    rng = np.random.default_rng(0)
    count = model.note_config.levels
    levels = rng.integers(0, count, (2, HEIGHT, WIDTH, 1)).astype("float32")
    labels = np.array([2, 0]) if name == "told" else None
    found = ask(model, levels, labels)
    x = to_numpy(model.levels.scaled(levels)).astype("float64")
    for i in range(2):
        expected = written_out(
            model, x[i], None if labels is None else labels[i]
        )
        np.testing.assert_allclose(found[i], expected, atol=2e-5)


@pytest.mark.once
def test_probabilities_sum_to_one():
    model = make(2, 3, layers=1, levels=3, conditional=True)
    states = np.array(list(itertools.product(range(3), repeat=6)), "float32")
    labels = ops.full((len(states),), 1, "int32")
    found = model.log_likelihood(
        ops.convert_to_tensor(states.reshape(-1, 2, 3, 1)), labels
    )
    total = np.exp(to_numpy(found).astype("float64")).sum()
    assert total == pytest.approx(1, abs=1e-5)


def draw_naively(model, uniform, known, labels):
    """The whole network for every pixel."""
    levels = np.zeros_like(uniform)
    for i, j in np.ndindex(HEIGHT, WIDTH):
        logits = ask(model, levels, labels)[:, i * WIDTH + j]
        drawn = model.levels.draw(
            ops.convert_to_tensor(logits), uniform[:, i, j, 0]
        )
        here = known[:, i, j, 0]
        levels[:, i, j, 0] = np.where(here < 0, to_numpy(drawn), here)
    return levels


@pytest.mark.parametrize("name", [BINARY, "told"])
def test_drawing_by_rows_equals_a_whole_call_a_pixel(name, request):
    model = request.getfixturevalue(name)
    rng = np.random.default_rng(3)
    uniform = rng.random((8, HEIGHT, WIDTH, 1), "float32")
    known = np.full_like(uniform, -1)
    known[:4, : HEIGHT // 2] = 1
    labels = np.arange(8, dtype="int32") % 3 if name == "told" else None
    expected = draw_naively(model, uniform, known, labels)
    found = to_numpy(model.drawing(uniform, known, labels))
    np.testing.assert_array_equal(found, expected)
    assert 0 < expected.mean() < model.note_config.levels - 1


@pytest.mark.once
def test_an_example_depends_on_seed_and_number_alone(told):
    many = told.generate(Request(7, seed=5))
    few = told.generate(Request(4, seed=5))
    np.testing.assert_array_equal(many.values[:4], few.values)
    np.testing.assert_array_equal(many.labels, np.arange(7) % 3)
    other = told.generate(Request(4, seed=6))
    assert (other.values != few.values).any()
    assert set(np.unique(many.values)) <= {0.0, np.float32(16 / 3)} | {
        np.float32(32 / 3),
        16.0,
    }
    chosen = told.generate(Request(2, label=1)).labels
    np.testing.assert_array_equal(chosen, [1, 1])


@pytest.mark.once
def test_the_likelihood_is_that_of_images_drawn_once(model):
    rng = np.random.default_rng(2)
    x = rng.integers(0, 17, (5, HEIGHT, WIDTH, 1)).astype("uint8")
    split = ArraySplit(x, np.zeros(5, "int32"))
    found = model.measure(split, Conditions(seed=4))
    total = 0.0
    for i in range(5):
        drawn = np.random.default_rng([4, i]).random(x.shape[1:], "float32")
        levels = (drawn < x[i] / np.float32(16)).astype("float32")
        logit = ask(model, levels[None])[0, :, 0].astype("float64")
        white = levels.ravel() == 1
        total -= np.log(expit(np.where(white, logit, -logit))).sum()
    assert found["nats"] == pytest.approx(total / 5, abs=1e-4)
    bits = found["nats"] / np.log(2) / (HEIGHT * WIDTH)
    assert found["bits_per_dim"] == pytest.approx(bits)


@pytest.mark.once
def test_completes_the_lower_half(model):
    rng = np.random.default_rng(2)
    whole = rng.integers(0, 17, (3, HEIGHT, WIDTH, 1)).astype("float32")
    damaged = model.damage(whole)
    assert np.isnan(damaged).mean() == 0.5
    restored = model.restore(damaged, seed=1)
    upper = slice(0, HEIGHT // 2)
    np.testing.assert_array_equal(restored[:, upper], whole[:, upper])
    assert set(np.unique(restored[:, HEIGHT // 2 :])) <= {0.0, 16.0}
    # What is above decides what is below.
    other = model.restore(model.damage(16 - whole), seed=1)
    assert (other[:, HEIGHT // 2 :] != restored[:, HEIGHT // 2 :]).any()
    with pytest.raises(DataError, match="reading order"):
        model.restore(damaged[:, ::-1], seed=1)


@pytest.mark.parametrize(
    ("size", "kind"), [((3, 3), "B"), ((5, 3), "A"), ((1, 5), "A")]
)
def test_masked_conv_is_a_layer(size, kind, tmp_path):
    x = np.random.default_rng(0).normal(size=(2, 4, 5, 3)).astype("float32")
    layer = MaskedConv(6, size, kind)
    check_layer(layer, [x], (2, 4, 5, 6), tmp_path)
    for i in range(2):
        np.testing.assert_allclose(
            to_numpy(layer(x))[i], convolve(layer, x[i]), atol=1e-5
        )


@pytest.mark.once
@pytest.mark.parametrize(
    ("spec", "settings", "match"),
    [
        (image_spec(6, 5, 3), {}, "grey"),
        (image_spec(None, None, 1), {}, "one size"),
        (image_spec(6, 5, 1), {"levels": 4, "binarize": "threshold"}, "two"),
        (image_spec(6, 5, 1, classes=()), {"conditional": True}, "classes"),
    ],
)
def test_what_does_not_fit_is_refused(spec, settings, match):
    with pytest.raises(UsageError, match=match) as caught:
        PixelCNN(PixelCNNConfig(**settings), spec, [5.0], [36.0])
    assert caught.value.expected
    assert caught.value.received


@pytest.mark.once
def test_even_kernels_have_no_centre():
    with pytest.raises(UsageError, match="odd"):
        build(PixelCNNConfig, {"kernel_size": 4}, "")
    with pytest.raises(ValueError, match="odd"):
        MaskedConv(3, (2, 2), "A")
    assert PixelCNNConfig().receptive_field() == 8
