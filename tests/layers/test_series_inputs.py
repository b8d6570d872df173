"""What is known of rows to forecast, inside the network."""

import keras
import numpy as np
import pytest

from kerasnotes.data import fields
from kerasnotes.data.fields import Column
from kerasnotes.data.spec import Spec
from kerasnotes.layers.cycles import Cycles
from kerasnotes.notes import NOTES
from tests.checks import to_numpy

T, H = 5, 4
RNG = np.random.default_rng(0)
FUTURE = (Column("price"), Column("calendar.day_of_week", period=7.0))
SPEC = Spec(
    "s",
    (
        fields.series(T, [Column("load"), Column("price")]),
        fields.future(H, FUTURE),
    ),
    (fields.forecast(H, [Column("load", mean=3.0, deviation=2.0)]),),
)
SMALL = {"rnn": {"widths": (3,)}, "lstm": {"widths": (3,)}}


def make(name, **settings):
    note = NOTES[name]
    given = {**SMALL.get(name, {"filters": 3}), "dropout": 0.0, **settings}
    config = note.config_class()(**given)
    return note.model_class()(config, SPEC, [3.0, 10.0], [4.0, 9.0])


def inputs(count=2):
    plan = np.stack(
        [RNG.normal(10, 3, (count, H)), RNG.integers(0, 7, (count, H))], -1
    )
    series = RNG.normal(size=(count, T, 2)).astype("float32")
    return {"series": series, "future": plan.astype("float32")}


def test_cycles_are_fourier_terms():
    x = np.array([[1.0, 20.0, 6.0], [2.0, 0.0, 0.5]], "float32")
    layer = Cycles([1, 2], [24.0, 7.0], harmonics=2)
    angles = [
        2 * np.pi * k * x[:, place] / period
        for k in (1, 2)
        for place, period in ((1, 24.0), (2, 7.0))
    ]
    expected = np.stack([*map(np.sin, angles), *map(np.cos, angles)], axis=-1)
    found = to_numpy(layer(x))
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert found.shape == layer.compute_output_shape(x.shape)


def test_seven_days_are_told_apart():
    """Any value a day is a linear map of three harmonics."""
    days = np.arange(7, dtype="float32")[:, None]
    terms = np.concatenate([to_numpy(Cycles([0], [7.0])(days)), days**0], 1)
    assert np.linalg.matrix_rank(terms, tol=1e-4) == 7


@pytest.mark.parametrize("name", ["rnn", "lstm", "tcn"])
def test_a_row_is_told_its_own_plan_alone(name, tmp_path):
    model = make(name)
    for weight in model.trainable_weights:
        weight.assign(RNG.normal(size=weight.shape, scale=0.5))
    x = inputs()
    answer = to_numpy(model(x, training=False))
    assert answer.shape == (2, H, 1)
    for place, other in ((0, 50.0), (1, 3.0)):
        changed = {k: v.copy() for k, v in x.items()}
        changed["future"][:, 2, place] += other
        differs = np.abs(to_numpy(model(changed, training=False)) - answer)
        assert (differs[:, 2] > 1e-4).all()
        np.testing.assert_array_equal(np.delete(differs, 2, axis=1), 0)
    # Days come round.
    changed = {k: v.copy() for k, v in x.items()}
    changed["future"][..., 1] += 7
    again = to_numpy(model(changed, training=False))
    np.testing.assert_allclose(again, answer, atol=1e-4)
    path = tmp_path / "m.keras"
    model.save(path)
    loaded = to_numpy(keras.saving.load_model(path)(x, training=False))
    np.testing.assert_allclose(loaded, answer, atol=1e-6)


def test_it_starts_at_the_line():
    model = make("lstm")
    wide = model.get_layer("wide")
    kernel = RNG.normal(size=(T, H))
    wide.kernel.assign(kernel)
    x = inputs()
    past = (x["series"][..., 0] - 3) / 2
    found = to_numpy(model(x, training=False))[..., 0]
    np.testing.assert_allclose(found, past @ kernel * 2 + 3, atol=1e-4)


def test_the_decoder_is_written_out():
    """Without a line: NumPy's answer from the same weights."""
    model = make("rnn", linear_path=False)
    x = inputs()
    named = {layer.name: layer for layer in model.layers}
    features = keras.Model(model.inputs, named["by_steps"].input)
    seen = to_numpy(features(list(map(x.get, ("future", "series")))))

    def dense(name, values):
        kernel, bias = map(to_numpy, named[name].weights)
        return values @ kernel + bias

    steps = dense("by_steps", seen).reshape(2, H, -1)
    angles = 2 * np.pi * x["future"][..., 1:] / 7 * np.arange(1, 4)
    plan = (x["future"][..., :1] - 10) / 3
    known = np.concatenate([plan, np.sin(angles), np.cos(angles)], axis=-1)
    hidden = np.maximum(dense("decode", np.concatenate([steps, known], -1)), 0)
    expected = dense("deep", hidden) * 2 + 3
    found = to_numpy(model(x, training=False))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
