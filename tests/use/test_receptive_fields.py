"""What layers are said to see, against what moves their outputs."""

import keras
import numpy as np
import pytest

from kerasnotes.notes.cnn.config import CNNConfig
from kerasnotes.notes.cnn.note import CNN
from kerasnotes.notes.resnet.config import ResNetConfig
from kerasnotes.notes.resnet.note import ResNet
from kerasnotes.notes.unet.config import UNetConfig
from kerasnotes.notes.unet.note import UNet
from kerasnotes.use.inspection import layer_costs
from kerasnotes.use.receptive_fields import receptive_fields
from tests.checks import to_numpy
from tests.specs import flat

pytestmark = pytest.mark.once
SIDE = 48


def make(kind, config, target="class", shape=(SIDE, SIDE, 1)):
    classes = ("a", "b", "c")
    values = {"mask_values": (0, 1, 2)} if target == "mask" else {}
    spec = flat("t", "image", shape, "uint8", target, classes, **values)
    return kind(config, spec, [0.0], [1.0])


MODELS = {
    "lenet": lambda: make(CNN, CNNConfig(network="lenet", pooling="average")),
    "convnet": lambda: make(
        CNN, CNNConfig(network="convnet", pooling="average", width=0.1)
    ),
    "modern": lambda: make(CNN, CNNConfig(width=0.1, pooling="average")),
    "resnet": lambda: make(ResNet, ResNetConfig(depth=8, width=2)),
    "unet": lambda: make(
        UNet, UNetConfig(width=2, depth=2, normalization="none"), "mask"
    ),
}


def moved(model, layer):
    """Returns the sides of the pixels that the middle output depends on."""
    part = keras.Model(model.inputs[0], model.get_layer(layer).output)
    rng = np.random.default_rng(0)
    changed = np.zeros(2 * SIDE, bool)
    for _ in range(4):
        # Of several images: a maximum may pass over a pixel of one.
        base = rng.normal(size=(1, SIDE, SIDE, 1)).astype("float32")
        # Each row, then each column, is moved alone.
        many = np.repeat(base, 2 * SIDE + 1, axis=0)
        for i in range(SIDE):
            many[1 + i, i] += 3
            many[1 + SIDE + i, :, i] += 3
        answers = to_numpy(part(many, training=False))
        height, width = answers.shape[1:3]
        middle = answers[:, height // 2, width // 2]
        changed |= np.abs(middle[1:] - middle[0]).max(axis=-1) > 1e-7
    ends = [np.flatnonzero(side) for side in np.split(changed, 2)]
    return tuple(int(end[-1] - end[0] + 1) for end in ends)


@pytest.mark.parametrize("name", MODELS)
def test_an_output_depends_on_as_many_pixels(name):
    model = MODELS[name]()
    for variable in model.weights:
        if "gamma" in variable.path or "kernel" in variable.path:
            # No branch that starts at zero, and no unit that is dead.
            variable.assign(np.abs(to_numpy(variable)) + 0.05)
    fields = receptive_fields(model)
    checked = 0
    for layer in model.layers:
        sees = fields[layer.name]
        if sees is None or max(sees) > SIDE // 2:
            continue
        if not type(layer).__name__.startswith(("Conv", "Average")):
            continue
        assert moved(model, layer.name) == sees, layer.name
        checked += 1
    assert checked >= 3


def test_from_a_mean_or_a_dense_layer_on_it_is_all_of_it():
    model = MODELS["lenet"]()
    fields = receptive_fields(model)
    assert fields["image"] == (1, 1)
    assert fields["conv1"] == (5, 5)
    assert fields["flatten"] is fields["dense1"] is fields["logits"] is None
    costs = {cost.name: cost for cost in layer_costs(model)}
    assert costs["conv2"].sees == (14, 14)
    assert costs["probabilities"].sees is None
