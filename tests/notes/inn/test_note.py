"""The interval network: exact ends, a frozen base, a shift to a coverage."""

import numpy as np
import pytest

from kerasnotes.data import fields
from kerasnotes.data.fields import Column
from kerasnotes.data.reading import read_batch
from kerasnotes.data.spec import Spec
from kerasnotes.notes import find
from kerasnotes.notes.inn.config import INNConfig
from kerasnotes.notes.inn.note import INN
from kerasnotes.runs import saving
from kerasnotes.runtime import setup
from kerasnotes.training import fit, settings
from kerasnotes.training.job import prepare
from kerasnotes.training.progress import Quiet
from tests.checks import to_numpy

SPEC = Spec(
    "two",
    (fields.table(("a", "b")),),
    (fields.values([Column("y", mean=1.0, deviation=2.0)]),),
)
SOURCE = "noisy-sine:rows=400"


def make(**config):
    return INN(INNConfig(widths=(6, 5), **config), SPEC, [1.0, 2.0], [4.0, 9.0])


def randomize(model, scale=0.5):
    rng = np.random.default_rng(0)
    for weight in model.weights:
        if "standardize" not in weight.path and "variance" not in weight.path:
            drawn = rng.normal(0, scale, tuple(weight.shape))
            weight.assign(drawn.astype("float32"))


def corners(low, high, down, up):
    every = np.stack(
        [a[..., None] * b for a in (low, high) for b in (down, up)]
    )
    return every.min(0).sum(-2), every.max(0).sum(-2)


def by_numpy(model, x, layers):
    """Ends by the corners of every product, float64; a ReLU between."""
    row = (x.astype("float64") - [1, 2]) / [2, 3]
    low = high = row
    for name in layers:
        weights = {
            w.path.split("/")[-1]: to_numpy(w).astype("float64")
            for w in model.get_layer(name).weights
        }

        def ends(part, weights=weights):
            below = np.log1p(np.exp(4 * weights.get(f"{part}_below", -np.inf)))
            above = np.log1p(np.exp(4 * weights.get(f"{part}_above", -np.inf)))
            return weights[part] - below, weights[part] + above

        low, high = corners(low, high, *ends("kernel"))
        low, high = low + ends("bias")[0], high + ends("bias")[1]
        if name != layers[-1]:
            low, high = np.maximum(low, 0), np.maximum(high, 0)
    return 2 * low + 1, 2 * high + 1


@pytest.mark.parametrize("plain", [0, 2])
def test_ends_by_the_corners_of_every_product(plain):
    model = make(interval_layers=3 - plain)
    randomize(model)
    model.set_shift([0.0])
    x = np.random.default_rng(1).normal(1, 3, (7, 2)).astype("float32")
    found = {k: to_numpy(v) for k, v in model(x).items()}
    low, high = by_numpy(model, x, ("dense1", "dense2", "standardized"))
    np.testing.assert_allclose(found["low"], low, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(found["high"], high, rtol=1e-5, atol=1e-5)
    assert (found["low"] <= found["values"]).all()
    assert (found["values"] <= found["high"]).all()


@pytest.mark.parametrize("shift", [0.25, -100.0])
def test_a_shift_is_told_in_deviations_and_never_crosses_the_answer(shift):
    model = make(normalization="batch", linear_path=True, activation="tanh")
    randomize(model)
    x = np.random.default_rng(1).normal(1, 3, (7, 2)).astype("float32")
    model.set_shift([0.0])
    before = {k: to_numpy(v) for k, v in model(x).items()}
    model.set_shift([shift])
    after = {k: to_numpy(v) for k, v in model(x).items()}
    expected = np.maximum(before["high"] + 2 * shift, before["values"])
    np.testing.assert_allclose(after["high"], expected, rtol=1e-5, atol=1e-5)
    expected = np.minimum(before["low"] - 2 * shift, before["values"])
    np.testing.assert_allclose(after["low"], expected, rtol=1e-5, atol=1e-5)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A trained network: an epoch of its own, one of its offsets."""
    folder = tmp_path_factory.mktemp("inn") / "run"
    heard = Heard()
    blocks = {
        "model": {"widths": [8], "coverage": 0.9},
        "data": {"source": SOURCE},
        "train": {"epochs": 2, "batch_size": 64},
    }
    given = settings.make(find("inn"), blocks)
    outcome = fit.start(given, setup.setup(), heard, out=folder, report=False)
    return outcome, heard.said, given


class Heard(Quiet):
    def __init__(self):
        self.said = []

    def say(self, text):
        self.said.append(text)


def test_intervals_hold_what_they_are_to_on_the_validation_part(run):
    outcome, said, given = run
    model = saving.load_model(outcome.run.model_path)
    assert model.spec.target.coverage == 0.9
    job = prepare(given, Quiet())
    x, y = read_batch(
        job.dataset.validation, np.arange(len(job.dataset.validation))
    )
    found = {k: to_numpy(v) for k, v in model(x).items()}
    held = (found["low"] <= y + 1e-5) & (y <= found["high"] + 1e-5)
    count = len(y)
    assert int(held.sum()) == -int(-(count + 1) * 0.9 // 1)
    assert any("From epoch 2 on other weights learn" in line for line in said)
    assert any("offsets of 2 layers learn" in line for line in said)


def test_offsets_learn_around_a_run_that_stays_as_it_was(run, tmp_path):
    outcome, _, _ = run
    blocks = {
        "model": {"widths": [8]},
        "data": {"source": SOURCE},
        "train": {
            "epochs": 1,
            "batch_size": 64,
            "start_from": str(outcome.run.folder),
        },
    }
    given = settings.make(find("inn"), blocks)
    second = fit.start(
        given, setup.setup(), Quiet(), out=tmp_path / "two", report=False
    )
    before, after = (
        {w.path: to_numpy(w) for w in saving.load_model(p).weights}
        for p in (outcome.run.model_path, second.run.model_path)
    )
    moved = {k for k in before if (before[k] != after[k]).any()}
    assert moved
    assert all("_below" in k or "_above" in k or "shift" in k for k in moved)
