"""Features of frozen layers, computed once: the same run, sooner."""

import keras
import numpy as np
import pytest
from keras import layers

from kerasnotes.contracts.note import Behind
from kerasnotes.runs.saving import load_model
from kerasnotes.training.transfer import features
from kerasnotes.training.transfer.features import find_cut
from kerasnotes.training.transfer.freezing import Stage, freeze
from tests.checks import to_numpy
from tests.notes.small import make_small
from tests.training.conftest import Stopper, assert_same_end

PLAIN = {
    "note": "cnn",
    "model": {"width": 0.2},
    "batch_size": 256,
    "augment": "none",
}
FROZEN = {**PLAIN, "freeze": ["stage*"]}
STEPS = 4
"""Of an epoch."""
TOLD = "What the frozen layers say of the"


class Told(Stopper):
    def __init__(self):
        super().__init__(0)

    @property
    def cached(self):
        return sum(line.startswith(TOLD) for line in self.messages)


def variables(folder):
    model = load_model(folder / "model.keras")
    return {
        v.path: to_numpy(v) for v in model.variables if "seed" not in v.path
    }


def test_the_same_as_when_they_are_asked_in_every_step(
    start, tmp_path, monkeypatch
):
    one, other = Told(), Told()
    # Once they learn too, Adam makes steps of rounding noise.
    options = {**FROZEN, "epochs": 3}
    start("cached", one, **options)
    monkeypatch.setattr(features, "find_cut", lambda model: None)
    start("asked", other, **options)
    assert (one.cached, other.cached) == (1, 0)
    found, expected = (
        variables(tmp_path / "cached"),
        variables(tmp_path / "asked"),
    )
    for path in expected:
        np.testing.assert_allclose(
            found[path], expected[path], atol=2e-5, err_msg=path
        )


@pytest.mark.once
def test_wherever_it_is_cut_it_ends_the_same(start, resume, tmp_path):
    options = {**FROZEN, "epochs": 3, "unfreeze_after": 2, "ema": 0.9}
    start("whole", **options)
    for name, epoch, step in (("a", 1, 2), ("b", 2, STEPS), ("c", 3, 2)):
        stopped = start(name, Stopper(epoch, step), **options)
        assert stopped.stopped == "interrupted"
        resume(tmp_path / name)
        assert_same_end(tmp_path / "whole", tmp_path / name)


@pytest.mark.once
def test_varied_images_are_asked_in_every_step(start):
    told = Told()
    start("run", told, **{**FROZEN, "augment": "light", "epochs": 1})
    assert not told.cached
    assert any("--augment none" in line for line in told.messages)


def graph(*, free=(), drop=None):
    """A network whose layers are frozen, but for those named."""
    image = keras.Input((4, 4, 1), name="image")
    x = layers.Conv2D(2, 3, padding="same", name="conv")(image)
    x = layers.BatchNormalization(name="norm")(x)
    if drop is not None:
        x = layers.Dropout(drop, seed=1, name="drop")(x)
    y = layers.Conv2D(2, 1, name="side")(x)
    x = layers.Add(name="add")([x, y])
    x = layers.Flatten(name="flatten")(x)
    model = keras.Model(image, layers.Dense(3, name="logits")(x))
    for layer in model.layers:
        layer.trainable = layer.name in (*free, "logits")
    return model


@pytest.mark.once
def test_where_the_graph_is_cut():
    model = graph()
    assert find_cut(model) is model.get_layer("flatten").output
    model = graph(free=["norm"])
    assert find_cut(model) is model.get_layer("conv").output
    model = graph(free=["side"])
    assert find_cut(model) is model.get_layer("norm").output
    # What draws is asked in every step.
    model = graph(drop=0.5)
    assert find_cut(model) is model.get_layer("norm").output
    assert find_cut(graph(free=["conv"])) is None
    # Two tensors, of a branch and past it.
    model = graph(free=["add"])
    assert find_cut(model) is model.get_layer("flatten").output
    unscaled = layers.BatchNormalization(center=False, scale=False)
    image = keras.Input((4,))
    x = unscaled(layers.Dense(2, trainable=False)(image))
    model = keras.Model(image, layers.Dense(3)(x))
    assert find_cut(model) is unscaled.input
    unscaled.trainable = False
    assert find_cut(model) is unscaled.output


@pytest.mark.once
def test_two_ways_out_of_what_is_frozen_are_no_cut():
    image = keras.Input((4,))
    one = layers.Dense(2, trainable=False)(image)
    other = layers.Dense(2, trainable=False)(image)
    x = layers.Concatenate()([layers.Dense(2)(one), layers.Dense(2)(other)])
    assert find_cut(keras.Model(image, layers.Dense(3)(x))) is None


def test_a_body_answers_from_its_features():
    model = make_small("backbone")
    names = [layer.name for layer in model.layers if "st" in layer.name]
    freeze(model, names, Stage(0, 0, 1))
    cut = find_cut(model)
    assert cut is model.get_layer("pool").output
    x = np.random.default_rng(0).integers(0, 16, (3, 8, 8, 1)).astype("float32")
    expected = to_numpy(model(x, training=False))
    inside = keras.Model(model.inputs[0], cut).predict_on_batch(x)
    model.behind = Behind(keras.Function(cut, model.outputs[0]))
    model.input_spec = None
    np.testing.assert_allclose(
        to_numpy(model(inside, training=False)), expected, atol=1e-6
    )
