import numpy as np
import pytest

from kerasnotes.data import fields
from kerasnotes.data.fields import Column
from kerasnotes.data.spec import Spec
from kerasnotes.notes.mlp.config import MLPConfig
from kerasnotes.notes.mlp.note import MLP
from tests.checks import check_saving, to_numpy
from tests.specs import flat

TABLE = flat("t", "table", (5,), "float32", "class", ("a", "b", "c"))
IMAGE = flat("i", "image", (4, 6, 2), "uint8", "class", ("a", "b"))


@pytest.mark.parametrize("normalization", ["batch", "layer", "none"])
@pytest.mark.parametrize("spec", [TABLE, IMAGE])
def test_shapes_and_saving(spec, normalization, tmp_path):
    config = MLPConfig(widths=(7, 3), normalization=normalization)
    channels = spec.input.shape[-1]
    model = MLP(config, spec, [0.5] * channels, [2.0] * channels)
    x = np.random.default_rng(0).normal(size=(3, *spec.input.shape))
    twin = check_saving(model, x.astype("float32"), tmp_path)
    assert twin.note_config == config
    assert twin.spec == spec


def test_equal_to_the_formula_in_numpy():
    config = MLPConfig(
        widths=(4,), activation="tanh", normalization="none", dropout=0.5
    )
    mean, variance = [1.0, 2, 3, 4, 5], [1.0, 4, 9, 16, 25]
    model = MLP(config, TABLE, mean, variance)
    x = np.random.default_rng(0).normal(size=(6, 5)).astype("float32")
    w1, b1, w2, b2 = model.get_weights()[:4]
    hidden = np.tanh((x - mean) / np.sqrt(variance) @ w1 + b1)
    logits = hidden @ w2 + b2
    expected = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    found = to_numpy(model(x, training=False))
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_linear_path_is_added_and_starts_at_the_mean():
    columns = [Column("a", mean=7, deviation=2), Column("b", mean=-3)]
    spec = Spec(
        "measured",
        inputs=(fields.table([*"vwxyz"]),),
        targets=(fields.values(columns),),
    )
    given = {"normalization": "none", "dropout": 0.0}
    assert MLPConfig().model_defaults(spec)["linear_path"]
    config = MLPConfig(widths=(4,), linear_path=True, **given)
    mean, variance = [1.0, 2, 3, 4, 5], [1.0, 4, 9, 16, 25]
    model = MLP(config, spec, mean, variance)
    x = np.random.default_rng(0).normal(size=(6, 5)).astype("float32")
    np.testing.assert_allclose(to_numpy(model(x)), [[7.0, -3.0]] * 6)
    rng = np.random.default_rng(1)
    values = [rng.normal(size=w.shape) for w in model.get_weights()]
    model.set_weights(values)
    named = {w.path.partition("/")[0]: [] for w in model.weights}
    for weight, value in zip(model.weights, values, strict=True):
        named[weight.path.partition("/")[0]].append(value)
    row = (x - mean) / np.sqrt(variance)
    (w1, b1), (w2, b2), (v,) = (
        named[name] for name in ("dense1", "deep", "wide")
    )
    standardized = np.maximum(row @ w1 + b1, 0) @ w2 + b2 + row @ v
    expected = standardized * [2, 1] + [7, -3]
    np.testing.assert_allclose(to_numpy(model(x)), expected, atol=1e-4)
