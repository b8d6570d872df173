"""Residual networks: counts of the papers, Keras' own, the shortcuts."""

import keras
import numpy as np
import pytest

from kerasnotes.base.errors import UsageError
from kerasnotes.notes.resnet.config import ResNetConfig
from kerasnotes.notes.resnet.note import ResNet
from tests import torchvision_networks
from tests.checks import check_saving, to_numpy
from tests.specs import flat

DIGITS = tuple("0123456789")


def images(*shape, classes=DIGITS):
    return flat("i", "image", shape, "uint8", "class", classes)


def make(spec, **settings):
    config = ResNetConfig(**settings)
    channels = spec.input.shape[-1]
    return ResNet(config, spec, [100.0] * channels, [900.0] * channels)


def trainable(model):
    return sum(int(np.prod(w.shape)) for w in model.trainable_weights)


@pytest.mark.once
@pytest.mark.parametrize(
    ("depth", "count"),
    [
        # torchvision's, whose networks these are.
        (18, 11_689_512),
        (34, 21_797_672),
        (50, 25_557_032),
        (101, 44_549_160),
        (152, 60_192_808),
    ],
)
def test_as_many_weights_as_published_for_imagenet(depth, count):
    classes = tuple(f"class {i}" for i in range(1000))
    spec = images(224, 224, 3, classes=classes)
    assert trainable(make(spec, depth=depth)) == count
    if depth == 50:
        assert trainable(make(spec, depth=50, variant="v1.5")) == count


@pytest.mark.once
@pytest.mark.parametrize(
    ("depth", "count"),
    # Table 6 gives 0.27, 0.46, 0.66, 0.85 and 1.7 million.
    [(20, 269_722), (32, 464_154), (44, 658_586), (56, 853_018)]
    + [(110, 1_727_962)],
)
def test_as_many_weights_as_published_for_cifar(depth, count):
    assert trainable(make(images(32, 32, 3), depth=depth)) == count


@pytest.mark.once
def test_equal_to_kerass_with_its_weights():
    keras.utils.set_random_seed(0)
    theirs = keras.applications.ResNet50(
        weights=None, input_shape=(64, 48, 3), classes=10
    )
    rng = np.random.default_rng(1)
    for weight in theirs.weights:
        value = to_numpy(weight)
        if value.ndim == 1:
            # Statistics and biases that none starts from; variances positive.
            value = value + 0.2 * rng.random(value.shape)
            weight.assign(value.astype("float32"))
    ours = ResNet.from_applications(theirs, DIGITS)
    x = np.random.default_rng(0).integers(0, 256, (2, 64, 48, 3))
    x = x.astype("float32")
    told = keras.applications.resnet.preprocess_input(x.copy())
    expected = to_numpy(theirs(told, training=False))
    assert expected.std() > 1e-3
    np.testing.assert_allclose(
        to_numpy(ours(x, training=False)), expected, atol=1e-5
    )


@pytest.mark.once
def test_another_network_is_not_taken():
    other = keras.applications.ResNet50(
        weights=None, input_shape=(32, 32, 3), classes=4
    )
    with pytest.raises(ValueError, match="4 classes"):
        ResNet.from_applications(other, DIGITS)
    dense = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match="ResNet152"):
        ResNet.from_applications(dense, DIGITS)


VARIANTS = [
    {"depth": 8},
    {"depth": 8, "shortcut": "B"},
    {"depth": 8, "variant": "preactivation"},
    {"depth": 8, "variant": "preactivation", "shortcut": "B"},
    {"depth": 8, "plain": True},
    {"depth": 8, "plain": True, "variant": "preactivation"},
    {"depth": 18, "stem": "imagenet"},
    {"depth": 50, "shortcut": "A", "variant": "v1.5"},
]


# Two hold every kind of block and shortcut: enough on the other backends.
EVERYWHERE = (VARIANTS[0], VARIANTS[3])


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(v, marks=() if v in EVERYWHERE else pytest.mark.once)
        for v in VARIANTS
    ],
    ids=str,
)
def test_shapes_and_saving(settings, tmp_path):
    model = make(images(16, 12, 2), width=4, **settings)
    x = np.random.default_rng(0).normal(size=(3, 16, 12, 2)).astype("float32")
    out = to_numpy(model(x))
    assert out.shape == (3, 10)
    np.testing.assert_allclose(out.sum(axis=-1), 1, atol=1e-5)
    check_saving(model, x, tmp_path)


def inner(model, name):
    return keras.Model(model.inputs[0], model.get_layer(name).output)


def test_a_block_starts_as_the_identity():
    x = np.random.default_rng(0).normal(size=(2, 8, 8, 1)).astype("float32")
    model = make(images(8, 8, 1), depth=14, width=4)
    before = to_numpy(inner(model, "stem_relu")(x))
    after = to_numpy(inner(model, "stage1_block2_out")(x))
    np.testing.assert_allclose(after, before, atol=1e-6)
    papers = make(images(8, 8, 1), depth=14, width=4, zero_gamma=False)
    before = to_numpy(inner(papers, "stem_relu")(x))
    after = to_numpy(inner(papers, "stage1_block2_out")(x))
    assert np.abs(after - before).max() > 0.1


def test_shortcut_a_takes_every_second_pixel_and_adds_zeros():
    x = np.random.default_rng(0).normal(size=(2, 9, 8, 1)).astype("float32")
    model = make(images(9, 8, 1), depth=8, width=4)
    before = to_numpy(inner(model, "stage1_block1_out")(x))
    after = to_numpy(inner(model, "stage2_block1_padded")(x))
    np.testing.assert_array_equal(after[..., :4], before[:, ::2, ::2])
    np.testing.assert_array_equal(after[..., 4:], 0)


def test_a_basic_block_is_its_formula():
    model = make(images(6, 5, 1), depth=8, width=3, shortcut="B")
    rng = np.random.default_rng(2)
    for weight in model.weights:
        value = to_numpy(weight)
        weight.assign((value + 0.3 * rng.random(value.shape)).astype("float32"))
    x = rng.normal(size=(2, 6, 5, 1)).astype("float32")
    given = to_numpy(inner(model, "stage1_block1_out")(x))
    found = to_numpy(inner(model, "stage2_block1_out")(x))
    weights = {w.path: to_numpy(w).astype("float64") for w in model.weights}

    def conv(y, name, stride):
        kernel = weights[f"{name}/kernel"]
        around = kernel.shape[0] // 2
        y = np.pad(y, ((0, 0), (around, around), (around, around), (0, 0)))
        rows = range(0, y.shape[1] - kernel.shape[0] + 1, stride)
        columns = range(0, y.shape[2] - kernel.shape[1] + 1, stride)
        side = kernel.shape[0]
        return np.stack(
            [
                np.stack(
                    [
                        np.einsum(
                            "buvc,uvck->bk",
                            y[:, i : i + side, j : j + side],
                            kernel,
                        )
                        for j in columns
                    ],
                    axis=1,
                )
                for i in rows
            ],
            axis=1,
        )

    def norm(y, name):
        gamma, beta, mean, variance = (
            weights[f"{name}/{part}"]
            for part in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        return gamma * (y - mean) / np.sqrt(variance + 1e-5) + beta

    block = "stage2_block1"
    y = norm(conv(given, f"{block}_conv1", 2), f"{block}_norm1")
    y = norm(conv(np.maximum(y, 0), f"{block}_conv2", 1), f"{block}_norm2")
    y += norm(conv(given, f"{block}_shortcut", 2), f"{block}_shortcut_norm")
    np.testing.assert_allclose(found, np.maximum(y, 0), rtol=1e-4, atol=1e-4)


@pytest.mark.once
def test_the_stride_of_a_bottleneck_is_where_the_variant_has_it():
    for variant, strides in (("v1", (2, 1)), ("v1.5", (1, 2))):
        model = make(images(64, 64, 3), depth=50, width=4, variant=variant)
        found = tuple(
            model.get_layer(f"stage2_block1_conv{n}").strides[0] for n in (1, 2)
        )
        assert found == strides


@pytest.mark.once
def test_what_is_no_residual_network_is_refused():
    with pytest.raises(ValueError, match="no residual network of 21"):
        ResNetConfig(depth=21)
    with pytest.raises(UsageError, match="does not fit resnet"):
        make(flat("t", "table", (5,), "float32", "class", ("a", "b")))
    assert not ResNetConfig(depth=50).reduces(64)
    assert ResNetConfig(depth=50).reduces(65)
    assert not ResNetConfig(depth=20).reduces(224)


@pytest.mark.once
@pytest.mark.parametrize(("depth", "variant"), [(18, "v1"), (50, "v1.5")])
def test_equal_to_torchvisions_with_its_weights(depth, variant):
    models = torchvision_networks.import_models()
    import torch

    network = getattr(models, f"resnet{depth}")(weights=None, num_classes=10)
    torchvision_networks.randomize(network, torch)
    config = ResNetConfig(depth=depth, variant=variant, stem="imagenet")
    model = ResNet(config, images(66, 63, 3), [0.0] * 3, [1.0] * 3)
    torchvision_networks.copy_resnet(network, model)
    x = np.random.default_rng(0).normal(size=(2, 66, 63, 3)).astype("float32")
    expected = torchvision_networks.answer(network, x, torch)
    inner = keras.Model(model.input, model.get_layer("logits").output)
    found = to_numpy(inner(x, training=False))
    assert expected.std() > 1e-2
    scale = np.abs(expected).max()
    np.testing.assert_allclose(found / scale, expected / scale, atol=1e-5)
