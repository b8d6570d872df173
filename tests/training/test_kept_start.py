"""A start in closed form is kept where the network is not better."""

import types

import numpy as np
import pytest

from kerasnotes.base.config import TrainConfig
from kerasnotes.data.dataset import ArraySplit, Dataset
from kerasnotes.notes.mlp.config import MLPConfig
from kerasnotes.notes.mlp.note import MLP
from kerasnotes.tasks.regression import Regression
from kerasnotes.training.kept_start import better_start
from tests.layers.test_ridge_start import D, spec

RNG = np.random.default_rng(3)
X = RNG.normal(size=(120, D)).astype("float32")


def job(y, validation=40):
    y = y.astype("float32").reshape(-1, 1)
    told = spec(y[:80])
    config = MLPConfig(widths=(8,), normalization="none", linear_path=True)
    model = MLP(config, told, np.zeros(D), np.ones(D))
    train = ArraySplit(X[:80], y[:80])
    last = slice(80, 80 + validation)
    dataset = Dataset(told, train, ArraySplit(X[last], y[last]), train, "")
    train = TrainConfig.model_validate({})
    return types.SimpleNamespace(
        model=model,
        dataset=dataset,
        task=Regression(told),
        settings=types.SimpleNamespace(train=train),
    )


def test_a_network_that_learned_noise_gives_way():
    given = job(X @ np.arange(D) + RNG.normal(size=120))
    given.model.solve_start(given.dataset.train)
    wide = given.model.get_layer("wide").kernel
    wide.assign(wide + 0.5)
    kept = better_start(given)
    assert kept is not None
    assert len(kept) == len(given.model.variables)


def test_a_network_that_is_clearly_better_stays():
    given = job(np.abs(X[:, 0]) * 10)
    # |x| is relu(x) + relu(-x): two hidden units say it all.
    hidden, deep = (given.model.get_layer(n) for n in ("dense1", "deep"))
    kernel = np.zeros((D, 8), "float32")
    kernel[0, :2] = 1, -1
    hidden.set_weights([kernel, np.zeros(8)])
    column = given.dataset.spec.target.columns[0]
    out = np.zeros((8, 1), "float32")
    out[:2] = 10 / column.deviation
    deep.set_weights([out, np.array([-column.mean / column.deviation])])
    assert better_start(given) is None


@pytest.mark.once
def test_without_validation_or_a_start_nothing_is_compared():
    assert better_start(job(X[:, 0], validation=0)) is None
    plain = job(X[:, 0])
    plain.model = types.SimpleNamespace()
    assert better_start(plain) is None
