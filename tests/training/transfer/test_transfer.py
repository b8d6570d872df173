"""What begins with another network's weights, and which of them learn."""

import keras
import numpy as np
import pytest

from kerasnotes.base.config import TrainConfig
from kerasnotes.base.errors import DataError, StorageError, UsageError
from kerasnotes.data import fields
from kerasnotes.data.fields import Column
from kerasnotes.data.spec import Spec
from kerasnotes.notes import find
from kerasnotes.notes.cnn.config import CNNConfig
from kerasnotes.notes.cnn.note import CNN
from kerasnotes.notes.mlp.config import MLPConfig
from kerasnotes.notes.mlp.note import MLP
from kerasnotes.training.transfer import source as sources
from kerasnotes.training.transfer.copying import copy_weights, same_scale
from kerasnotes.training.transfer.freezing import (
    Stage,
    choose_layers,
    freeze,
    rate_factors,
    stage_of,
)
from tests.checks import to_numpy
from tests.specs import flat


def images(side=8, channels=1, classes="0123456789", low=0.0, high=16.0):
    return flat(
        "i",
        "image",
        (side, side, channels),
        "uint8",
        "class",
        tuple(classes),
        value_range=(low, high),
    )


def network(spec, seed=0, **settings):
    keras.utils.set_random_seed(seed)
    channels = spec.input.shape[-1]
    config = CNNConfig(width=0.2, **settings)
    return CNN(config, spec, [5.0] * channels, [9.0] * channels)


def weights(model, layer):
    return [to_numpy(w) for w in model.get_layer(layer).weights]


def test_all_but_another_head_is_copied():
    source, model = network(images()), network(images(classes="abc"), seed=1)
    done = copy_weights(source, model)
    assert done.fresh == ("logits",)
    assert len(done.layers) == 12
    for layer in ("stage1_conv1", "stage3_conv2_norm"):
        for one, other in zip(
            weights(source, layer), weights(model, layer), strict=True
        ):
            np.testing.assert_array_equal(one, other)
    assert done.tell("RUN") == (
        "12 of 13 layers begin with the weights of RUN; new: logits."
    )


def test_as_many_other_classes_need_a_new_head():
    letters = images(classes="abcdefghij")
    source, model = network(letters), network(images(classes="klmnopqrst"), 1)
    before = weights(model, "logits")
    assert copy_weights(source, model).fresh == ("logits",)
    np.testing.assert_array_equal(before[0], weights(model, "logits")[0])
    same = network(letters, seed=1)
    assert copy_weights(source, same).fresh == ()
    x = np.random.default_rng(0).uniform(0, 16, (3, 8, 8, 1)).astype("float32")
    np.testing.assert_array_equal(
        to_numpy(source(x, training=False)), to_numpy(same(x, training=False))
    )


def test_numbers_do_not_tell_that_classes_are_the_same():
    done = copy_weights(network(images()), network(images(), seed=1))
    assert done.fresh == ("logits",)


def test_other_sizes_are_new_and_nothing_in_common_is_refused():
    source = network(images())
    colour = network(images(side=12, channels=3), seed=1)
    assert copy_weights(source, colour).fresh == ("stage1_conv1", "logits")
    table = flat("t", "table", (3,), "float32", "class", ("a", "b"))
    other = MLP(MLPConfig(widths=(4,)), table, [0.0] * 3, [1.0] * 3)
    with pytest.raises(UsageError, match="No layer of that network"):
        copy_weights(source, other)


@pytest.mark.once
def test_statistics_are_kept_for_the_same_scale_only():
    kept = ([5.0], [9.0])
    alike = ([9.0], [16.0])
    assert same_scale(images(), images(side=28, classes="ab"), kept, alike)
    assert not same_scale(images(), images(high=255.0), kept, kept)
    assert not same_scale(images(), images(channels=3), kept, kept)
    # Far away, and much wider.
    assert not same_scale(images(), images(), kept, ([50.0], [9.0]))
    assert not same_scale(images(), images(), kept, ([5.0], [900.0]))
    one, other = (
        Spec("t", (fields.table(names),), (fields.one_class("ab"),))
        for names in (("a", "b"), ("b", "a"))
    )
    two = ([0.0, 0.0], [1.0, 0.0])
    assert same_scale(one, one, two, two)
    assert not same_scale(one, other, two, two)


def test_frozen_layers_stay_and_normalize_by_kept_statistics():
    model = network(images(), seed=3)
    names = choose_layers(model, ["stage1_*"], ())
    assert names == (
        "stage1_conv1",
        "stage1_conv1_norm",
        "stage1_conv2",
        "stage1_conv2_norm",
    )
    freeze(model, names, Stage(0, 0, 2))
    model.compile("sgd", "sparse_categorical_crossentropy")
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 16, (32, 8, 8, 1)).astype("float32")
    before = {name: weights(model, name) for name in (*names, "stage2_conv1")}
    model.fit(x, rng.integers(0, 10, 32), epochs=1, verbose=0)
    for name in names:
        for one, other in zip(before[name], weights(model, name), strict=True):
            np.testing.assert_array_equal(one, other)
    moved = weights(model, "stage2_conv1")[0]
    assert (moved != before["stage2_conv1"][0]).any()
    freeze(model, names, Stage(1, 2, 4))
    assert model.get_layer("stage1_conv1").trainable


@pytest.mark.once
def test_patterns_that_mean_nothing_or_everything_are_refused():
    model = network(images())
    with pytest.raises(UsageError, match="no layer `conv9`"):
        choose_layers(model, ["conv9"], ())
    with pytest.raises(UsageError, match="Nothing would be left"):
        choose_layers(model, ["*"], ())
    assert choose_layers(model, ["copied"], ["logits"]) == ("logits",)


@pytest.mark.once
def test_stages():
    plain = TrainConfig.model_validate({})
    assert stage_of(None, plain, 10, 3) == Stage(0, 0, 10)
    train = TrainConfig.model_validate({"freeze": "a,b", "unfreeze_after": 4})
    assert train.freeze == ("a", "b")
    assert stage_of(None, train, 10, 3) == Stage(0, 0, 4)
    assert stage_of(None, train, 10, 4) == Stage(1, 4, 10)
    assert stage_of(None, train, 4, 2) == Stage(0, 0, 4)


@pytest.mark.once
def test_rates_rise_with_depth():
    model = network(images())
    factors = rate_factors(model, 0.01)
    assert factors["stage1_conv1/kernel"] == pytest.approx(0.01)
    assert factors["logits/kernel"] == factors["logits/bias"] == 1.0
    values = list(factors.values())
    assert values == sorted(values)
    assert rate_factors(model, None) is None


def open_foreign(name, note):
    return sources.open_source(name, note, note.config_class()())


@pytest.mark.once
def test_sources_that_are_none(tmp_path, monkeypatch):
    cnn = find("cnn")
    with pytest.raises(StorageError):
        sources.read_settings(str(tmp_path), cnn)
    with pytest.raises(UsageError, match="vgg16 with keras.applications"):
        open_foreign("keras.applications:VGG16", cnn)
    with pytest.raises(UsageError, match="cannot begin with"):
        open_foreign("keras.applications:Nothing", find("vgg16"))

    def offline(weights):
        raise OSError("no route to host\nand more")

    monkeypatch.setattr(keras.applications, "VGG16", offline)
    with pytest.raises(DataError, match="cannot be had"):
        open_foreign("keras.applications:VGG16", find("vgg16"))


@pytest.mark.once
def test_a_network_of_keras_is_a_source(monkeypatch):
    make = keras.applications.ResNet50

    def random(weights):
        return make(weights=None, classes=4, input_shape=(64, 64, 3))

    monkeypatch.setattr(keras.applications, "ResNet50", random)
    note = find("resnet")
    source = open_foreign("keras.applications:ResNet50", note)
    model = note.model_class()(
        source.note_config,
        images(side=64, channels=3, classes="ab", high=255.0),
        [0.0] * 3,
        [1.0] * 3,
    )
    done = copy_weights(source, model)
    assert done.fresh == ("logits",)


@pytest.mark.once
@pytest.mark.parametrize(
    "columns",
    [
        ["b", "a"],
        ["a", "b2"],
        ["a", Column("b", ("x", "y"))],
    ],
)
def test_other_columns_need_new_first_layers(columns):
    def make(names, seed):
        keras.utils.set_random_seed(seed)
        spec = Spec("t", (fields.table(names),), (fields.one_class("pq"),))
        return MLP(MLPConfig(widths=(4, 4)), spec, [0.0] * 2, [1.0] * 2)

    source = make(["a", "b"], 0)
    assert copy_weights(source, make(["a", "b"], 1)).fresh == ()
    done = copy_weights(source, make(columns, 1))
    assert "dense1" in done.fresh
    assert "dense2" in done.layers


@pytest.mark.once
def test_networks_that_cannot_tell_what_reads_columns_are_refused():
    one, other = (
        Spec("t", (fields.table(names),), (fields.one_class("pq"),))
        for names in (("a", "b"), ("b", "a"))
    )
    source, model = (
        MLP(MLPConfig(widths=(4,)), spec, [0.0] * 2, [1.0] * 2)
        for spec in (one, other)
    )
    model.entry = ()
    with pytest.raises(UsageError, match="other columns"):
        copy_weights(source, model)
