"""Both halves of a batch: the same step as of the whole."""

import keras
import numpy as np
import pytest

from kerasnotes.backends import halves
from kerasnotes.layers.recurrent.stack import Recurrence

pytestmark = pytest.mark.once


def make_model(masked=False):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((None, 2), name="series")
    mask = None
    if masked:
        mask = keras.layers.Lambda(lambda x: x[..., 0] < 1e9)(inputs)
    x = Recurrence("lstm", (5, 4), bidirectional=True)(inputs, mask)
    model = keras.Model(inputs, keras.layers.Dense(3)(x))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss)
    return model


@pytest.mark.parametrize("rows", [1, 2, 7])
@pytest.mark.parametrize("masked", [False, True])
def test_a_step_is_the_same(monkeypatch, rng, rows, masked):
    monkeypatch.setenv(halves.THREADS, "2")
    x = rng.normal(size=(rows, 6, 2)).astype("float32")
    if masked:
        x[-1, 2:] = 1e9
    y, weight = np.arange(rows) % 3, np.linspace(0.5, 2, rows)
    whole, halved = make_model(masked), make_model(masked)
    halves.install(halved)
    assert "call" in vars(halved)
    losses = [m.train_on_batch(x, y, weight) for m in (whole, halved)]
    np.testing.assert_allclose(*losses, rtol=1e-6)
    for one, other in zip(
        whole.get_weights(), halved.get_weights(), strict=True
    ):
        np.testing.assert_allclose(other, one, atol=1e-6)
    # What is asked is not cut.
    np.testing.assert_array_equal(halved.predict(x), halved(x))


def test_a_last_batch_of_one_is_trained_on(monkeypatch, rng):
    monkeypatch.setenv(halves.THREADS, "2")
    x, y = rng.normal(size=(9, 6, 2)).astype("float32"), np.arange(9) % 3
    whole, halved = make_model(), make_model()
    halves.install(halved)
    losses = [
        m.fit(x, y, 4, 2, shuffle=False, verbose=0).history["loss"]
        for m in (whole, halved)
    ]
    np.testing.assert_allclose(*losses, rtol=1e-6)


def test_who_gains_nothing_is_left_alone(monkeypatch):
    alone = make_model()
    monkeypatch.setenv(halves.THREADS, "1")
    halves.install(alone)
    monkeypatch.setenv(halves.THREADS, "2")
    plain = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    halves.install(plain)
    gpu = make_model()
    monkeypatch.setattr(halves, "list_devices", lambda _: [("gpu", "one")])
    halves.install(gpu)
    assert not any("call" in vars(m) for m in (alone, plain, gpu))
