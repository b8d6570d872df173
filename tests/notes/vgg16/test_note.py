"""VGG16 against `keras.applications`, and the small one."""

import keras
import numpy as np
import pytest

from kerasnotes.base.errors import UsageError
from kerasnotes.notes.vgg16.config import VGG16Config
from kerasnotes.notes.vgg16.note import VGG16
from tests import torchvision_networks
from tests.checks import check_saving, to_numpy
from tests.specs import flat

DIGITS = tuple("0123456789")


def images(*shape, classes=DIGITS):
    return flat("i", "image", shape, "uint8", "class", classes)


def make(spec, **settings):
    config = VGG16Config(**settings)
    channels = spec.input.shape[-1]
    return VGG16(config, spec, [100.0] * channels, [900.0] * channels)


@pytest.mark.once
def test_as_many_weights_as_the_paper():
    classes = tuple(f"class {i}" for i in range(1000))
    model = make(images(224, 224, 3, classes=classes))
    assert model.count_params() == 138_357_544


@pytest.mark.once
def test_equal_to_kerass_with_its_weights():
    keras.utils.set_random_seed(0)
    theirs = keras.applications.VGG16(
        weights=None, input_shape=(32, 40, 3), classes=10
    )
    for weight in theirs.weights:
        if "bias" in weight.path:
            weight.assign(np.random.default_rng(1).normal(0, 0.5, weight.shape))
    ours = VGG16.from_applications(theirs, DIGITS)
    x = np.random.default_rng(0).integers(0, 256, (2, 32, 40, 3))
    x = x.astype("float32")
    told = keras.applications.vgg16.preprocess_input(x.copy())
    expected = to_numpy(theirs(told, training=False))
    assert expected.std() > 1e-3
    np.testing.assert_allclose(
        to_numpy(ours(x, training=False)), expected, atol=1e-5
    )
    with pytest.raises(ValueError, match="10 classes"):
        VGG16.from_applications(theirs, "abc")


@pytest.mark.parametrize("normalization", ["batch", "none"])
def test_shapes_and_saving(normalization, tmp_path):
    model = make(
        images(13, 9, 2),
        blocks=(1, 2),
        filters=(3, 4),
        dense=(5,),
        normalization=normalization,
    )
    x = np.random.default_rng(0).normal(size=(3, 13, 9, 2)).astype("float32")
    assert to_numpy(model(x)).shape == (3, 10)
    check_saving(model, x, tmp_path)


@pytest.mark.once
def test_a_small_image_has_a_small_network():
    small = VGG16Config().model_defaults(images(28, 28, 1))
    config = VGG16Config().model_copy(update=small)
    model = VGG16(config, images(28, 28, 1), [0.0], [1.0])
    assert model.count_params() <= 1_500_000
    assert VGG16Config().model_defaults(images(64, 64, 3)) == {}
    told = VGG16Config(blocks=(1,), filters=(2,))
    assert "blocks" not in told.model_defaults(images(28, 28, 1))
    assert config.train_defaults(images(28, 28, 1), 60_000)["epochs"] == 15


@pytest.mark.once
def test_what_leaves_nothing_is_refused():
    with pytest.raises(UsageError, match="32 pixels or more"):
        make(images(31, 64, 3))
    with pytest.raises(ValueError, match="not as many"):
        VGG16Config(blocks=(1, 2))


@pytest.mark.once
def test_equal_to_torchvisions_with_its_weights():
    models = torchvision_networks.import_models()
    import torch

    network = models.vgg16(weights=None, num_classes=10, init_weights=False)
    # Theirs brings any image to 7 x 7 places first; ours has what there are.
    network.avgpool = torch.nn.Identity()
    network.classifier[0] = torch.nn.Linear(512 * 2, 4096)
    torchvision_networks.randomize(network, torch)
    model = make(images(64, 32, 3))
    torchvision_networks.copy_vgg16(network, model)
    x = np.random.default_rng(0).integers(0, 256, (2, 64, 32, 3))
    x = x.astype("float32")
    expected = torchvision_networks.answer(network, (x - 100) / 30, torch)
    inner = keras.Model(model.input, model.get_layer("logits").output)
    found = to_numpy(inner(x, training=False))
    assert expected.std() > 1e-3
    scale = np.abs(expected).max()
    np.testing.assert_allclose(found / scale, expected / scale, atol=1e-5)
