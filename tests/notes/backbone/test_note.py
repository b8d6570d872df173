"""A body behind its pixels: Keras' own networks, grey images, small ones."""

import dataclasses
import importlib

import keras
import numpy as np
import pytest

from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.data import fields
from kerasnotes.data.fields import Column
from kerasnotes.notes.backbone import bodies
from kerasnotes.notes.backbone.config import BackboneConfig
from kerasnotes.notes.backbone.note import Backbone
from tests.checks import check_saving, to_numpy
from tests.specs import flat

ABC = tuple("abc")
MOBILE = "keras.applications:MobileNetV2"


def images(*shape, dtype="uint8", value_range=()):
    return flat(
        "i", "image", shape, dtype, "class", ABC, value_range=value_range
    )


def make(spec, **settings):
    keras.utils.set_random_seed(0)
    config = BackboneConfig(**{"stages": 1, **settings})
    return Backbone(config, spec, [0.0], [1.0])


def draw(*shape, high=256):
    rng = np.random.default_rng(0)
    return rng.integers(0, high, shape).astype("float32")


MODULES = {
    "VGG": "vgg16",
    "ResNet": "resnet50",
    "MobileNetV3": "mobilenet_v3",
    "MobileNetV2": "mobilenet_v2",
    "MobileNet": "mobilenet",
    "InceptionV3": "inception_v3",
    "InceptionResNetV2": "inception_resnet_v2",
    "Xception": "xception",
    "DenseNet": "densenet",
    "EfficientNetV2": "efficientnet_v2",
    "EfficientNet": "efficientnet",
    "ConvNeXt": "convnext",
}


@pytest.mark.once
@pytest.mark.parametrize("name", bodies.KERAS)
def test_pixels_are_told_as_keras_tells_them(name):
    assert hasattr(keras.applications, name)
    known = max((k for k in MODULES if name.startswith(k)), key=len)
    module = MODULES[known]
    if name.endswith("V2") and known == "ResNet":
        module = "resnet_v2"
    module = importlib.import_module(f"keras.applications.{module}")
    x = draw(2, 5, 4, 3)
    expected = module.preprocess_input(x.copy())
    pixels = BackboneConfig(body=bodies.APPLICATIONS + name).pixels
    given = x[..., ::-1] if pixels.blue_first else x
    found = given * np.array(pixels.scale) + np.array(pixels.offset)
    np.testing.assert_allclose(found, expected, atol=2e-4)


@pytest.mark.once
@pytest.mark.parametrize(
    ("body", "module"),
    [(MOBILE, "mobilenet_v2"), ("keras.applications:VGG16", "vgg16")],
)
def test_a_network_of_keras_is_a_body(body, module, monkeypatch):
    name = body.removeprefix(bodies.APPLICATIONS)
    whole = getattr(keras.applications, name)
    keras.utils.set_random_seed(0)
    trained = whole(weights=None, include_top=False, input_shape=(64, 64, 3))
    for weight in trained.weights:
        if "bias" in weight.path or "beta" in weight.path:
            weight.assign(np.random.default_rng(1).normal(0, 1, weight.shape))

    def instead(weights, **options):
        return (
            trained if weights == "imagenet" else whole(weights=None, **options)
        )

    monkeypatch.setattr(keras.applications, name, instead)
    monkeypatch.setattr(BackboneConfig, "image_size", 64)
    model = Backbone.from_pretrained(body, BackboneConfig(body=body))
    x = draw(1, 64, 64, 3)
    pre = importlib.import_module(f"keras.applications.{module}")
    expected = to_numpy(
        trained(pre.preprocess_input(x.copy()), training=False)
    ).mean(axis=(1, 2))
    inner = keras.Model(model.input, model.get_layer("pool").output)
    assert expected.std() > 1e-3
    np.testing.assert_allclose(
        to_numpy(inner(x, training=False)), expected, atol=1e-4, rtol=1e-4
    )


@pytest.mark.once
def test_layers_without_names_are_called_the_same_every_time():
    body = "keras.applications:DenseNet121"
    config = BackboneConfig(body=body, stages=None)
    one, other = (
        Backbone(config, images(32, 32, 3), [0.0], [1.0]) for _ in range(2)
    )
    assert [v.path for v in one.variables if "seed" not in v.path] == [
        v.path for v in other.variables if "seed" not in v.path
    ]


def test_grey_images_are_seen_in_three_equal_colours():
    grey, colour = make(images(16, 16, 1)), make(images(16, 16, 3))
    colour.set_weights(grey.get_weights())
    x = draw(2, 16, 16, 1)
    np.testing.assert_allclose(
        to_numpy(grey(x)), to_numpy(colour(np.repeat(x, 3, -1))), atol=1e-6
    )


@pytest.mark.once
@pytest.mark.parametrize(
    ("dtype", "limits", "change"),
    [
        ("float32", (), lambda x: x / 255),
        ("uint16", (), lambda x: x * 257),
        ("float32", (-1.0, 1.0), lambda x: x / 127.5 - 1),
    ],
)
def test_pixels_of_any_range_are_the_same_pixels(dtype, limits, change):
    plain = make(images(16, 16, 3))
    other = make(images(16, 16, 3, dtype=dtype, value_range=limits))
    other.set_weights(plain.get_weights())
    x = draw(2, 16, 16, 3)
    np.testing.assert_allclose(
        to_numpy(other(change(x))), to_numpy(plain(x)), atol=1e-5
    )


def test_resized_inside_and_saved(tmp_path):
    model = make(images(9, 7, 1), resize=20, dropout=0.0)
    assert model.get_layer("stem").output.shape[1:3] == (10, 10)
    check_saving(model, draw(3, 9, 7, 1), tmp_path)


@pytest.mark.once
def test_a_body_of_keras_is_saved_and_regresses(tmp_path):
    values = fields.values([Column("a", mean=2.0, deviation=3.0)])
    spec = dataclasses.replace(images(32, 32, 3), targets=(values,))
    config = BackboneConfig(body=MOBILE)
    model = Backbone(config, spec, [0.0], [1.0])
    check_saving(model, draw(1, 32, 32, 3), tmp_path)


@pytest.mark.once
def test_small_images_use_the_first_stages():
    config = BackboneConfig()
    assert config.model_defaults(images(28, 28, 1)) == {"stages": 3}
    assert config.model_defaults(images(64, 64, 3)) == {}
    larger = BackboneConfig(resize=96)
    assert larger.model_defaults(images(28, 28, 1)) == {}
    assert config.image_size == 224
    assert BackboneConfig(body="efficientnet_lite2").image_size == 260


@pytest.mark.once
def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="no such body; did you mean `eff"):
        BackboneConfig(body="efficientnet_lite9")
    with pytest.raises(ValueError, match="EfficientNet-Lite"):
        BackboneConfig(body=MOBILE, stages=2)
    with pytest.raises(ValueError, match="architecture"):
        BackboneConfig(body="keras_hub:ResNetBackbone")
    with pytest.raises(UsageError, match="too small"):
        make(images(16, 16, 3), body=MOBILE, stages=None)
    with pytest.raises(UsageError, match="2 channels"):
        make(images(16, 16, 2))


@pytest.mark.once
def test_weights_that_cannot_be_downloaded(monkeypatch):
    whole = keras.applications.MobileNetV2

    def offline(weights, **options):
        if weights is not None:
            raise OSError("no route to host\nand more")
        return whole(weights=None, **options)

    monkeypatch.setattr(keras.applications, "MobileNetV2", offline)
    with pytest.raises(DataError, match="cannot be had"):
        Backbone.from_pretrained(MOBILE, BackboneConfig(body=MOBILE))
