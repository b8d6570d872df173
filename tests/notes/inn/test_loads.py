"""mode=loads: all weights intervals, by gradient and by evolution."""

import keras
import numpy as np
import pytest

from kerasnotes.base.config import TrainConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.data.dataset import ArraySplit
from kerasnotes.losses.coverage_width import coverage_width
from kerasnotes.metrics.interval_scores import interval_scores
from kerasnotes.notes import find
from kerasnotes.notes.inn import evolution
from kerasnotes.notes.inn.config import INNConfig
from kerasnotes.notes.inn.note import INN
from kerasnotes.notes.inn.population import NUMPY, Layer, Population
from kerasnotes.runs import saving
from kerasnotes.runtime import setup
from kerasnotes.training import fit, settings
from kerasnotes.training.progress import Quiet
from kerasnotes.training.transfer.freezing import check_own_stages
from tests.checks import to_numpy
from tests.notes.inn.test_note import SPEC, randomize

RNG = np.random.default_rng(4)
X = RNG.normal(1, 3, (40, 2)).astype("float32")
Y = (X @ [[1.0], [-2.0]] + RNG.normal(0, 0.5, (40, 1))).astype("float32")
ROW = (X - [1, 2]) / [2, 3]


def make(**config):
    config = INNConfig(mode="loads", widths=(4, 3), **config)
    return INN(config, SPEC, [1.0, 2.0], [4.0, 9.0])


@pytest.mark.parametrize("linear_path", [False, True])
def test_a_population_answers_as_its_networks_do(linear_path):
    model = make(activation="tanh", linear_path=linear_path)
    randomize(model)
    model.set_shift([0.0])
    layers = [Layer.of(layer) for layer in model.interval_weights]
    population = Population(layers, "tanh")
    genes = population.genes()
    members = np.stack([genes, genes + RNG.normal(0, 0.3, genes.shape)])
    found = population.ends(members, ROW)
    for member, low, high in zip(members, *found, strict=True):
        population.put(member)
        np.testing.assert_array_equal(population.genes(), member)
        for layer, own in zip(model.interval_weights, layers, strict=True):
            own.write(layer)
        answer = {k: to_numpy(v) for k, v in model(X).items()}
        np.testing.assert_allclose(answer["low"], 2 * low + 1, atol=2e-4)
        np.testing.assert_allclose(answer["high"], 2 * high + 1, atol=2e-4)
        assert (answer["low"] <= answer["values"]).all()


@pytest.mark.parametrize("name", NUMPY)
def test_functions_are_those_of_keras(name):
    x = np.linspace(-5, 5, 31).astype("float32")
    expected = to_numpy(keras.activations.get(name)(x))
    np.testing.assert_allclose(NUMPY[name](x), expected, atol=1e-5)


def test_the_loss_is_the_squared_error_and_the_interval_score():
    model = make(coverage=0.8)
    found = {
        "values": Y + 0.5,
        "low": (Y - 1 + RNG.normal(size=Y.shape)).astype("float32"),
        "high": Y + 1,
    }
    truth, low, high = (a[:, 0] / 2 for a in (Y, found["low"], found["high"]))
    score = interval_scores(truth, low, high, 0.8)["interval_score"]
    loss = float(to_numpy(model.compute_loss(X, Y, found)))
    assert loss == pytest.approx(0.25**2 + score, rel=1e-5)


def test_it_starts_at_a_line():
    model = make(linear_path=True)
    assert model.solve_start(ArraySplit(X, Y)) == ""
    rows = np.c_[X, np.ones(len(X))]
    line = rows @ np.linalg.lstsq(rows, Y, rcond=None)[0]
    np.testing.assert_allclose(to_numpy(model(X)["values"]), line, atol=0.05)


def test_all_its_weights_learn_from_the_start(tmp_path):
    blocks = {
        "model": {"mode": "loads", "widths": [4], "coverage": 0.9},
        "data": {"source": "truss-loads:cases=150"},
        "train": {"epochs": 3, "batch_size": 64},
    }
    given = settings.make(find("inn"), blocks)
    outcome = fit.start(
        given, setup.setup(), Quiet(), out=tmp_path / "run", report=False
    )
    model = saving.load_model(outcome.run.model_path)
    assert model.note_config.linear_path
    assert model.spec.target.coverage == 0.9
    assert (to_numpy(model.get_layer("deep").kernel) != 0).all()
    for layer in model.interval_weights:
        # A lower end behind a ReLU counts only once weights are above 0.
        above = [each for each in layer.offsets if "above" in each.path]
        for offset in above:
            assert (to_numpy(offset) != np.float32(layer.initial)).any()


@pytest.mark.once
def test_no_epoch_of_evolution_is_worse(monkeypatch):
    monkeypatch.setattr(evolution, "GENERATIONS", 4)
    model = make(linear_path=True)
    split = ArraySplit(X, Y)
    model.solve_start(split)
    heard = []

    def criterion():
        answer = {k: to_numpy(v) for k, v in model(X).items()}
        ends = (answer[name].astype("float64") for name in ("low", "high"))
        return coverage_width(Y, *ends, 0.95).item()

    values = [criterion()]
    for epoch in range(2):
        model.solve_epoch(
            split, split, epoch, 0, lambda part, value: heard.append(value)
        )
        values.append(criterion())
    assert values == sorted(values, reverse=True)
    assert values[-1] < values[0]
    assert values[-1] == pytest.approx(heard[-1], rel=1e-4)
    again = make(linear_path=True)
    again.set_weights(model.get_weights())
    monkeypatch.setattr(evolution, "MOST", 10)
    with pytest.raises(UsageError, match="too large to evolve"):
        again.solve_epoch(split, split, 0, 0, lambda part, value: False)


@pytest.mark.once
def test_evolution_trains_a_run(tmp_path, monkeypatch):
    monkeypatch.setattr(evolution, "GENERATIONS", 2)
    blocks = {
        "model": {"mode": "loads", "widths": [3], "coverage": 0.9},
        "data": {"source": "truss-loads:cases=150"},
        "train": {"optimizer": "evolution", "epochs": 2},
    }
    given = settings.make(find("inn"), blocks)
    outcome = fit.start(
        given, setup.setup(), Quiet(), out=tmp_path / "run", report=False
    )
    assert outcome.record["epochs"] == 2
    model = saving.load_model(outcome.run.model_path)
    assert model.spec.target.coverage == 0.9
    for wrong in ({"mode": "uncertainty"}, {"normalization": "batch"}):
        blocks = {**blocks, "model": {**blocks["model"], **wrong}}
        given = settings.make(find("inn"), blocks)
        with pytest.raises(UsageError, match="evolution cannot train `inn`"):
            fit.start(given, setup.setup(), Quiet(), out=tmp_path / "none")


@pytest.mark.once
def test_stages_are_of_uncertainty_alone():
    limited = TrainConfig(time_limit=9, epochs=5)
    check_own_stages(make(), limited)
    model = INN(INNConfig(widths=(4,)), SPEC, [1.0, 2.0], [4.0, 9.0])
    with pytest.raises(UsageError, match="stages of its own"):
        check_own_stages(model, limited)


@pytest.mark.once
def test_only_uncertainty_has_layers_without_intervals():
    with pytest.raises(ValueError, match="for mode=uncertainty"):
        INNConfig(mode="loads", interval_layers=1)
