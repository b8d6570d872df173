"""The note: forms, columns apart, what it shows, refusals, step by step."""

import dataclasses

import keras
import numpy as np
import pydantic
import pytest

from kerasnotes.base.errors import UsageError
from kerasnotes.data import fields
from kerasnotes.data.fields import Column
from kerasnotes.data.spec import Spec
from kerasnotes.notes.transformer.config import TransformerConfig
from kerasnotes.notes.transformer.note import Transformer
from kerasnotes.notes.transformer.tokens import (
    ColumnsApart,
    ColumnsTogether,
    Patches,
    Pooling,
    Queries,
    WindowScale,
)
from tests.checks import check_layer, to_numpy

# Their parts are tested on three backends, and the note by tests/parity.
pytestmark = pytest.mark.once

T, D, H = 10, 3, 4
COLUMNS = [Column(name) for name in "abc"]
TARGET = [Column("c", mean=2.0, deviation=3.0), Column("a")]
SERIES = fields.series(T, COLUMNS)
FORECAST = Spec("s", (SERIES,), (fields.forecast(H, TARGET),))
CLASSES = Spec("s", (SERIES,), (fields.one_class("xyz"),))
MEAN, VARIANCE = [1.0, 2.0, 0.0], [4.0, 9.0, 1.0]
RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, T, D)).astype("float32")


def make(spec=CLASSES, **settings):
    keras.utils.set_random_seed(0)
    given = {"width": 8, "heads": 2, "depth": 2, **settings}
    model = Transformer(TransformerConfig(**given), spec, MEAN, VARIANCE)
    for variable in model.trainable_variables:
        change = RNG.normal(0, 0.2, variable.shape)
        variable.assign_add(change.astype("float32"))
    return model


def test_forms_are_equal():
    fused = make(positions="alibi", norm="post")
    written = make(positions="alibi", norm="post", implementation="written")
    written.set_weights(fused.get_weights())
    one, other = (to_numpy(model(X)) for model in (fused, written))
    np.testing.assert_allclose(one, other, atol=1e-6)
    np.testing.assert_allclose(one.sum(axis=1), 1, atol=1e-6)


def test_without_positions_order_does_not_count():
    turned = X[:, ::-1].copy()
    for positions in ("none", "sinusoidal", "rotary", "fourier", "learned"):
        model = make(positions=positions)
        apart = np.abs(to_numpy(model(X)) - to_numpy(model(turned))).max()
        assert (apart < 1e-5) == (positions == "none"), (positions, apart)


def test_columns_apart_know_nothing_of_each_other():
    model = make(FORECAST, patch=4)
    before = to_numpy(model(X))
    assert before.shape == (3, H, 2)
    changed = X.copy()
    changed[..., 1] += RNG.normal(size=(3, T))
    np.testing.assert_allclose(to_numpy(model(changed)), before, atol=1e-5)
    changed[..., 2] = RNG.normal(size=(3, T))
    moved = np.abs(to_numpy(model(changed)) - before).max(axis=(0, 1))
    assert moved[0] > 1e-2
    assert moved[1] < 1e-5


@pytest.mark.parametrize("network", ["encoder", "decoder", "encoder-decoder"])
@pytest.mark.parametrize("columns", ["together", "apart"])
def test_it_starts_at_the_line(network, columns):
    keras.utils.set_random_seed(0)
    config = TransformerConfig(
        width=8, heads=2, depth=1, network=network, columns=columns
    )
    model = Transformer(config, FORECAST, MEAN, VARIANCE)
    line = keras.Model(model.input, model.get_layer("line").output)
    kernel = RNG.normal(size=model.get_layer("wide").kernel.shape)
    model.get_layer("wide").kernel.assign(kernel)
    expected = to_numpy(line(X)).reshape(3, H, 2) * [3.0, 1.0] + [2.0, 0.0]
    np.testing.assert_allclose(to_numpy(model(X)), expected, atol=1e-4)


def test_without_a_line():
    model = make(FORECAST, linear_path=False)
    assert "wide" not in [layer.name for layer in model.layers]
    assert to_numpy(model(X)).shape == (3, H, 2)


@pytest.mark.parametrize("network", ["encoder", "decoder"])
def test_it_shows_what_tokens_look_at(network):
    maps = make(network=network).attention_maps(X)
    assert maps.shape == (2, 3, 2, T, T)
    np.testing.assert_allclose(maps.sum(-1), 1, atol=1e-6)
    assert np.triu(maps, 1).any() == (network == "encoder")
    if network == "encoder":
        apart = make(FORECAST, patch=4, network="encoder-decoder")
        assert apart.attention_maps(X).shape == (2, 3, 2, 3, 3)


@pytest.mark.parametrize("positions", ["sinusoidal", "rotary"])
def test_step_by_step_it_is_the_same(positions):
    model = make(network="decoder", positions=positions, dropout=0.2)
    inside = keras.Model(model.input, model.get_layer("decoder").output)
    expected, stream = to_numpy(inside(X))[0], model.stream()
    found = np.stack([stream.step(row) for row in X[0]])
    np.testing.assert_allclose(found, expected, atol=1e-5)
    with pytest.raises(UsageError, match="longer"):
        stream.step(X[0, 0])


def test_refusals():
    with pytest.raises(UsageError, match="row by row") as caught:
        make().stream()
    assert "network=encoder" in caught.value.received
    with pytest.raises(UsageError, match="more rows"):
        make(patch=T + 1)
    with pytest.raises(UsageError, match="columns=apart"):
        make(columns="apart")
    text = dataclasses.replace(fields.text(), shape=(T,), vocabulary=9)
    texts = Spec("t", (text,), CLASSES.targets)
    for wrong in ({"patch": 2}, {"pooling": "all"}):
        with pytest.raises(UsageError, match="series of one length"):
            make(texts, **wrong)
    with pytest.raises(pydantic.ValidationError, match="heads=3"):
        TransformerConfig(width=8, heads=3)
    with pytest.raises(pydantic.ValidationError, match="even; it is 3"):
        TransformerConfig(width=6, heads=2, positions="rotary")


def test_sizes_follow_the_data():
    long = Spec(
        "s", (fields.series(336, COLUMNS),), (fields.forecast(96, TARGET),)
    )
    config = TransformerConfig()
    assert (config.rows_per_token(long), config.pooled(long)) == (16, "all")
    assert (config.rows_per_token(CLASSES), config.pooled(CLASSES)) == (
        1,
        "mean",
    )
    assert TransformerConfig(network="decoder").pooled(long) == "last"
    assert config.is_apart(long)
    assert not config.is_apart(CLASSES)


def test_the_layers(tmp_path):
    check_layer(Patches(4), [X], (3, 3, 12), tmp_path)
    padded = np.concatenate([X[:, :1], X[:, :1], X], axis=1)
    found = to_numpy(Patches(4)(X))
    np.testing.assert_array_equal(found, padded.reshape(3, 3, 12))
    check_layer(Queries(2), [X], (3, 2, D), tmp_path)
    for kind, expected in (
        ("mean", X.mean(axis=1)),
        ("first", X[:, 0]),
        ("last", X[:, -1]),
        ("all", X.reshape(3, -1)),
    ):
        found = to_numpy(Pooling(kind)(X))
        np.testing.assert_allclose(found, expected, atol=1e-6)
    check_layer(Pooling("all"), [X], (3, T * D), tmp_path)


def test_columns_apart_and_together_again():
    apart = to_numpy(ColumnsApart()(X))
    np.testing.assert_array_equal(apart[1, :, 0], X[0, :, 1])
    together = to_numpy(ColumnsTogether(D)(apart[..., 0]))
    np.testing.assert_array_equal(together, X.transpose(0, 2, 1))
    scaled, deviation = (to_numpy(each) for each in WindowScale()(apart))
    expected = (apart - apart.mean(1, keepdims=True)) / np.sqrt(
        apart.var(1, keepdims=True) + 1e-5
    )
    np.testing.assert_allclose(scaled, expected, atol=1e-5)
    np.testing.assert_allclose(
        deviation[:, 0], np.sqrt(apart[..., 0].var(1) + 1e-5), atol=1e-6
    )
