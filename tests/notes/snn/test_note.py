"""The note: what it refuses, what goes through it, what an answer takes."""

import numpy as np
import pytest
from keras import layers

from kerasnotes.base.errors import UsageError
from kerasnotes.data import fields
from kerasnotes.data.fields import Column
from kerasnotes.data.spec import Spec
from kerasnotes.notes.snn.config import SNNConfig, check_fits, steps_for
from kerasnotes.notes.snn.note import SNN
from kerasnotes.notes.snn.operations import fan_out, windows
from tests.checks import to_numpy

RNG = np.random.default_rng(0)
CLASSES = fields.one_class("pqr")
IMAGES = Spec("s", (fields.image((6, 6, 1), "uint8"),), (CLASSES,))
SERIES = Spec("s", (fields.series(5, [Column("a"), Column("b")]),), (CLASSES,))
TABLE = Spec(
    "s",
    (fields.table(["a", "b"]),),
    (fields.values([Column("m", mean=3, deviation=2)]),),
)


def make(spec, columns=1, **given):
    """A network of weights that are the same on every backend."""
    model = SNN(SNNConfig(**given), spec, [4.0] * columns, [9.0] * columns)
    rng = np.random.default_rng(1)
    for weight in model.trainable_variables:
        weight.assign(rng.normal(0.1, 0.5, weight.shape))
    return model


def step_by_step(model, x, steps, beta, threshold):
    """A dense network as snnTorch's tutorials write it, float64."""
    w1, b1, w2, b2 = (w.astype("float64") for w in model.get_weights())
    count = x.shape[1]
    mem1, mem2 = np.zeros((count, len(b1))), np.zeros((count, len(b2)))
    spk1, spk2, found = np.zeros_like(mem1), np.zeros_like(mem2), []
    for t in range(steps):
        mem1 = beta * mem1 + x[t] @ w1 + b1 - spk1 * threshold
        spk1 = (mem1 > threshold).astype(float)
        mem2 = beta * mem2 + spk1 @ w2 + b2 - spk2 * threshold
        spk2 = (mem2 > threshold).astype(float)
        found.append(spk2)
    return np.stack(found)


@pytest.mark.parametrize("spec", [IMAGES, SERIES], ids=["images", "series"])
def test_it_is_what_is_written_step_by_step(spec):
    series = spec is SERIES
    columns = 2 if series else 1
    model = make(spec, columns, widths=[7], steps=5, beta=0.8, threshold=0.4)
    shape = spec.input.shape
    x = RNG.integers(0, 20, (4, *shape)).astype("float32")
    scaled = (x - 4) / 3
    if series:
        given = scaled.swapaxes(0, 1)
    else:
        given = np.repeat(scaled.reshape(1, 4, -1), 5, axis=0)
    spikes = step_by_step(model, given, 5, 0.8, 0.4)
    counts = spikes.sum(axis=0)
    assert counts.any()
    expected = np.exp(counts) / np.exp(counts).sum(-1, keepdims=True)
    found = to_numpy(model(x))
    np.testing.assert_allclose(found, expected, atol=1e-5)
    record = model.spike_record(x)
    np.testing.assert_array_equal(record.spikes["output"], spikes)
    np.testing.assert_array_equal(record.so_far[-1], counts)
    np.testing.assert_array_equal(record.counts, np.cumsum(spikes, axis=0))


def test_measured_values_are_the_mean_membrane():
    model = make(TABLE, 2, widths=[5], steps=4, loss="membrane", beta=0.7)
    x = RNG.normal(4, 3, (6, 2)).astype("float32")
    record = model.spike_record(x)
    mem, spk = record.membranes["output"], record.spikes["dense1"]
    w, b = model.get_weights()[2:]
    charge, expected = 0.0, []
    for t in range(4):
        charge = 0.7 * charge + spk[t] @ w + b
        expected.append(charge)
    np.testing.assert_allclose(mem, np.stack(expected), atol=1e-5)
    np.testing.assert_allclose(
        to_numpy(model(x)), 2 * mem.mean(axis=0) + 3, atol=1e-5
    )
    assert not model.losses


def test_what_an_answer_takes():
    model = make(
        IMAGES,
        network="conv",
        filters=[2],
        kernel_size=3,
        widths=[5],
        steps=3,
        threshold=0.5,
        normalization="batch",
    )
    x = RNG.integers(0, 20, (2, 6, 6, 1)).astype("float32")
    record = model.spike_record(x)
    work = record.work
    maps, hidden = record.spikes["conv1"], record.spikes["dense1"]
    assert maps.shape == (3, 2, 3, 3, 2)
    assert 0 < hidden.mean() < 1
    # A spike is added to 5 and to 3 sums; the convolution sees 16 ^ 2 taps.
    assert work.additions == (maps.sum() * 5 + hidden.sum() * 3) / 2
    assert work.products == 16**2 * 2
    assert work.plain == 16**2 * 2 + 18 * 5 + 5 * 3
    assert work.updates == 3 * (18 + 5 + 3)
    total = sum(float(spk.sum()) for spk in record.spikes.values())
    assert work.spikes == total / 2


@pytest.mark.once
@pytest.mark.parametrize("kernel", [1, 2, 3, 4])
def test_windows_are_a_convolutions(kernel):
    """How often a pixel is seen, told by what a kernel of ones adds up."""
    conv = layers.Conv2D(
        2, kernel, padding="same", use_bias=False, kernel_initializer="ones"
    )
    seen = np.zeros((5, 4, 3))
    for place in np.ndindex(5, 4, 3):
        x = np.zeros((1, 5, 4, 3), "float32")
        x[0][place] = 1
        seen[place] = to_numpy(conv(x)).sum()
    np.testing.assert_array_equal(fan_out(conv, (5, 4, 3)), seen)
    assert windows(5, kernel).sum() <= 5 * kernel


@pytest.mark.once
def test_codes_want_numbers_between_0_and_1():
    assert SNNConfig(encoding="rate").input_scale == "min-max"
    assert SNNConfig().input_scale == "standard"
    assert steps_for(SNNConfig(), SERIES) == 5
    assert steps_for(SNNConfig(), IMAGES) == 25


@pytest.mark.once
@pytest.mark.parametrize(
    ("spec", "given", "hint"),
    [
        (IMAGES, {"encoding": "delta"}, "read_as=rows"),
        (TABLE, {}, "leave it out"),
        (TABLE, {"network": "conv", "loss": "membrane"}, "kn fit mlp"),
        (
            Spec("s", (fields.series(999, [Column("a")]),), (CLASSES,)),
            {},
            "read_as=rows",
        ),
    ],
)
def test_what_it_refuses(spec, given, hint):
    with pytest.raises(UsageError) as caught:
        check_fits(SNNConfig(**given), spec)
    assert caught.value.expected
    assert caught.value.received
    assert hint in caught.value.hint
