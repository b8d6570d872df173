"""The line beside a network that forecasts: where it starts, what it adds."""

import keras
import numpy as np
import pytest

from kerasnotes.data import fields
from kerasnotes.data.fields import Column
from kerasnotes.data.series import rules
from kerasnotes.data.series.windows import WindowSplit
from kerasnotes.data.spec import Spec
from kerasnotes.notes import NOTES
from tests.checks import to_numpy

T, H = 6, 3
RNG = np.random.default_rng(0)
VALUES = np.cumsum(RNG.normal(size=(120, 2)), axis=0).astype("float32")
VALUES = VALUES * np.float32([1, 20]) + np.float32([3, 500])
MEAN, DEVIATION = VALUES.mean(axis=0), VALUES.std(axis=0)
COLUMNS = [Column("a"), Column("b")]
B = Column("b", mean=float(MEAN[1]), deviation=float(DEVIATION[1]))
SPEC = Spec("s", (fields.series(T, COLUMNS),), (fields.forecast(H, [B]),))
SPLIT = WindowSplit(VALUES, [1], T, H, (0, 120))
SMALL = {"rnn": {"widths": (3,)}, "lstm": {"widths": (3,)}}


def make(name, **settings):
    note = NOTES[name]
    given = {**SMALL.get(name, {"filters": 3}), "dropout": 0.0, **settings}
    config = note.config_class()(**given)
    variance = (DEVIATION**2).tolist()
    return note.model_class()(config, SPEC, MEAN.tolist(), variance)


@pytest.mark.parametrize("name", ["rnn", "lstm", "tcn"])
@pytest.mark.parametrize("scale", ["standard", "min-max"])
def test_it_starts_at_least_squares(name, scale):
    model = make(name, normalization_input=scale)
    assert "least-squares" in model.solve_start(SPLIT)
    x, _ = SPLIT.read(np.arange(len(SPLIT)))
    fitted = rules.fit_linear(SPLIT, SPEC.input, SPEC.target)
    found = to_numpy(model(x, training=False))
    assert found.shape == (len(SPLIT), H, 1)
    np.testing.assert_allclose(found, fitted(x[..., 1:]), rtol=1e-4)


def test_without_it_nothing_is_solved():
    model = make("lstm", linear_path=False)
    before = model.get_weights()
    assert model.solve_start(SPLIT) == ""
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    names = [layer.name for layer in model.layers]
    assert "wide" not in names


def test_the_rest_is_added():
    model = make("lstm")
    model.solve_start(SPLIT)
    x, _ = SPLIT.read(np.arange(4))
    line = to_numpy(model(x))
    deep = model.get_layer("deep")
    kernel = RNG.normal(size=deep.kernel.shape).astype("float32")
    deep.kernel.assign(kernel)
    features = keras.Model(model.input, deep.input)(x)
    expected = (to_numpy(features) @ kernel)[..., None] * DEVIATION[1]
    np.testing.assert_allclose(to_numpy(model(x)) - line, expected, atol=1e-3)
