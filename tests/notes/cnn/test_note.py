"""The convolutional networks: sizes of the papers, formulae in NumPy."""

import numpy as np
import pytest
from scipy.signal import correlate

from kerasnotes.base.errors import UsageError
from kerasnotes.data import fields
from kerasnotes.data.fields import Column
from kerasnotes.data.spec import Spec
from kerasnotes.notes.cnn.config import CNNConfig
from kerasnotes.notes.cnn.note import CNN
from tests.checks import check_saving, to_numpy
from tests.specs import flat

TABLE = flat("t", "table", (5,), "float32", "class", ("a", "b"))


def images(*shape, classes=tuple("0123456789")):
    return flat("i", "image", shape, "uint8", "class", classes)


def make(spec, **settings):
    channels = spec.input.shape[-1]
    return CNN(
        CNNConfig(**settings), spec, [100.0] * channels, [900.0] * channels
    )


@pytest.mark.once
@pytest.mark.parametrize(
    ("network", "count"),
    [
        # 156 + 2,416 + 48,120 + 10,164 + 850, LeNet-5 with all maps connected.
        ("lenet", 61_706),
        # keras.io, "Simple MNIST convnet".
        ("convnet", 34_826),
        ("modern", 89_506),
    ],
)
def test_as_many_weights_as_published(network, count):
    model = make(images(28, 28, 1), network=network)
    found = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    assert found == count


@pytest.mark.parametrize("network", ["lenet", "convnet", "modern"])
@pytest.mark.parametrize(
    "shape",
    [
        pytest.param((28, 28, 3), marks=pytest.mark.once),
        (8, 6, 1),
        pytest.param((2, 3, 1), marks=pytest.mark.once),
    ],
    ids=str,
)
def test_shapes_and_saving_of_any_size(network, shape, tmp_path):
    model = make(images(*shape), network=network, width=0.3)
    x = np.random.default_rng(0).integers(0, 256, (2, *shape))
    out = to_numpy(model(x.astype("float32")))
    assert out.shape == (2, 10)
    np.testing.assert_allclose(out.sum(axis=-1), 1, atol=1e-5)
    check_saving(model, x.astype("float32"), tmp_path)


def convolve(x, kernel, bias):
    """Returns `valid` convolutions `(H, W, K)` of an image `(H, W, C)`."""
    maps = [
        sum(
            correlate(x[..., c], kernel[..., c, k], mode="valid")
            for c in range(x.shape[-1])
        )
        for k in range(kernel.shape[-1])
    ]
    return np.stack(maps, axis=-1) + bias


def pool(x):
    height, width = (side // 2 * 2 for side in x.shape[:2])
    x = x[:height, :width]
    x = x.reshape(height // 2, 2, width // 2, 2, -1)
    return x.max(axis=(1, 3))


def test_the_convnet_is_its_formula():
    model = make(images(16, 13, 2), network="convnet", width=0.2)
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, 0.3, w.shape) for w in model.get_weights()[:-1]]
    seed = model.get_weights()[-1]
    model.set_weights([*weights, seed])
    x = rng.integers(0, 256, (16, 13, 2)).astype("float32")
    named = {w.path: to_numpy(w) for w in model.weights}
    y = (x - 100) / 30
    for layer in ("conv1", "conv2"):
        kernel, bias = named[f"{layer}/kernel"], named[f"{layer}/bias"]
        y = pool(np.maximum(convolve(y, kernel, bias), 0))
    logits = y.reshape(-1) @ named["logits/kernel"] + named["logits/bias"]
    expected = np.exp(logits - logits.max())
    expected /= expected.sum()
    found = to_numpy(model(x[None], training=False))[0]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_measured_values_come_out_raw():
    columns = (Column("load", mean=40, deviation=5), Column("gap", mean=-1))
    image = fields.image((8, 8, 1), "uint8")
    spec = Spec("m", (image,), (fields.values(columns),))
    model = make(spec, width=0.2)
    x = np.zeros((3, 8, 8, 1), "float32")
    assert model.output_names == ["values"]
    for weight in model.get_layer("standardized").weights:
        weight.assign(np.zeros(weight.shape))
    np.testing.assert_allclose(to_numpy(model(x)), [[40, -1]] * 3)


@pytest.mark.once
def test_what_is_no_image_of_one_size_is_refused():
    with pytest.raises(UsageError, match="does not fit cnn"):
        make(TABLE)
    with pytest.raises(UsageError, match="does not fit cnn"):
        CNNConfig().model_defaults(images(None, None, 1))
    assert CNNConfig(network="lenet").rate == 0
    assert CNNConfig(network="lenet", dropout=0.2).rate == 0.2
