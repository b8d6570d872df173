"""The unidirectional network: one axis at a time, shown by permutations."""

import keras
import numpy as np
import pytest

from kerasnotes.base.errors import UsageError
from kerasnotes.data import fields
from kerasnotes.data.fields import Column
from kerasnotes.data.spec import Spec
from kerasnotes.notes.ucnn.config import UCNNConfig
from kerasnotes.notes.ucnn.note import UCNN
from tests.checks import check_saving, to_numpy
from tests.specs import flat

STIFFNESS = Column("stiffness", units="kN/m", mean=8.0, deviation=2.0)


def responses(*shape):
    image = fields.image(shape, "float32", (-4.0, 2.0))
    return Spec("frf", (image,), (fields.values([STIFFNESS]),))


def make(spec, **settings):
    channels = spec.input.shape[-1]
    keras.utils.set_random_seed(0)
    return UCNN(
        UCNNConfig(**settings), spec, [0.5] * channels, [2.0] * channels
    )


def make_whole(spec, **settings):
    """Returns a network of small whole numbers, and inputs of such.

    Their sums are exact in whichever order a processor adds.
    """
    channels = spec.input.shape[-1]
    rng = np.random.default_rng(0)
    config = UCNNConfig(activation="relu", **settings)
    model = UCNN(config, spec, [0.0] * channels, [1.0] * channels)
    for weight in model.trainable_variables:
        weight.assign(rng.integers(-1, 2, weight.shape))
    x = rng.integers(-2, 3, (3, *spec.input.shape))
    return model, x.astype("float32")


def inputs(*shape):
    rng = np.random.default_rng(0)
    return rng.normal(size=(3, *shape)).astype("float32")


def until(model, layer):
    return keras.Model(model.inputs[0], model.get_layer(layer).output)


@pytest.mark.parametrize("place", ["rows_conv1", "rows_conv2", "rows_whole"])
def test_the_stage_of_the_rows_commutes_with_any_permutation(place):
    model, x = make_whole(responses(61, 11, 2), filters=5, units=12)
    stage = until(model, f"{place}_activation")
    order = np.random.default_rng(1).permutation(11)
    moved = to_numpy(stage(x[:, :, order], training=False))
    plain = to_numpy(stage(x, training=False))
    np.testing.assert_array_equal(moved, plain[:, :, order])
    assert 0 < plain.max() < 2**24
    # It is no accident: the rows do not commute.
    turned = to_numpy(stage(x[:, ::-1], training=False))
    assert not np.array_equal(turned, plain[:, ::-1])


def test_columns_first_commutes_with_permutations_of_rows():
    spec = responses(9, 40, 2)
    model, x = make_whole(spec, axes="columns-first", filters=3, units=6)
    stage = until(model, "columns_whole_activation")
    order = np.random.default_rng(1).permutation(9)
    moved = to_numpy(stage(x[:, order], training=False))
    plain = to_numpy(stage(x, training=False))
    np.testing.assert_array_equal(moved, plain[:, order])


def test_it_is_its_formula():
    spec = responses(12, 4, 2)
    model = make(spec, filters=2, units=4, depth=2, activation="relu", whole=5)
    x = inputs(12, 4, 2)
    named = {w.path: to_numpy(w) for w in model.weights}

    def layer(y, name):
        return y @ named[f"{name}/kernel"] + named[f"{name}/bias"]

    y = (x.astype("float64") - 0.5) / np.sqrt(2)
    # 12 rows, kernel 5, stride 2: 4 are left.
    kernel = named["rows_conv1/kernel"][:, 0]
    y = np.stack(
        [
            np.einsum("nvpd,vdc->npc", y[:, s : s + 5], kernel)
            for s in (0, 2, 4, 6)
        ],
        axis=1,
    )
    y = np.maximum(y + named["rows_conv1/bias"], 0)
    kernel = named["rows_whole/kernel"][:, 0]
    y = np.einsum("nvpd,vdc->npc", y, kernel) + named["rows_whole/bias"]
    kernel = named["columns_whole/kernel"][0]
    y = np.einsum("npd,pdc->nc", np.maximum(y, 0), kernel)
    y = np.maximum(y + named["columns_whole/bias"], 0)
    y = np.maximum(layer(y, "dense1"), 0)
    y = y + np.maximum(layer(y, "dense2"), 0)
    expected = 8 + 2 * layer(y, "standardized")
    found = to_numpy(model(x, training=False))
    np.testing.assert_allclose(found, expected, atol=2e-4)


@pytest.mark.once
def test_of_the_chains_it_has_fewer_weights_than_allowed():
    image = fields.image((61, 11, 2), "float32")
    columns = [Column(name) for name in "abcd"]
    model = make(Spec("frf", (image,), (fields.values(columns),)))
    assert model.count_params() == 202_876 <= 320_000


@pytest.mark.parametrize(
    ("shape", "settings"),
    [
        ((8, 8, 1), {}),
        ((1, 1, 3), {"depth": 0}),
        ((3, 70, 1), {"axes": "rows-only", "dropout": 0.1}),
        ((40, 33, 2), {"kernel_size": 20, "whole": 2}),
    ],
)
def test_images_of_any_size_and_saving(shape, settings, tmp_path):
    spec = flat("i", "image", shape, "float32", "class", ("a", "b", "c"))
    model = make(spec, filters=2, units=4, **settings)
    x = inputs(*shape)
    out = to_numpy(model(x, training=False))
    np.testing.assert_allclose(out.sum(axis=1), 1, atol=1e-5)
    check_saving(model, x, tmp_path)


@pytest.mark.once
def test_tables_are_refused():
    with pytest.raises(UsageError, match="does not fit ucnn"):
        UCNNConfig().model_defaults(
            flat("t", "table", (5,), "float32", "class", ("a", "b"))
        )
