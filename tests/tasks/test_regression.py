"""Regression by the multilayer perceptron: numbers, files, signatures."""

import keras
import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from kerasnotes.base.config import TrainConfig
from kerasnotes.contracts.report import Conditions
from kerasnotes.data import fields
from kerasnotes.data.dataset import ArraySplit
from kerasnotes.data.fields import Column
from kerasnotes.data.spec import Spec
from kerasnotes.layers.categories import Categories, length
from kerasnotes.losses.regression import StandardizedSquaredError
from kerasnotes.metrics.r2 import R2
from kerasnotes.metrics.regression_scores import fit_ridge, scores, summaries
from kerasnotes.notes.mlp.config import MLPConfig
from kerasnotes.notes.mlp.note import MLP
from kerasnotes.runs.saving import load_model
from kerasnotes.tasks.catalog import make_task
from tests.checks import to_numpy

TOWNS = ("Bonn", "Köln", "Ulm")
PRICE = Column("price", units="EUR", mean=2000.0, deviation=400.0)
SPEC = Spec(
    "homes",
    (fields.table([Column("size"), Column("town", TOWNS), "age"]),),
    (fields.values([PRICE]),),
)


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    config = MLPConfig(widths=(8,), dropout=0)
    return MLP(config, SPEC, [50.0, 0.0, 30.0], [100.0, 1.0, 25.0])


def rows(count=40):
    rng = np.random.default_rng(0)
    x = rng.normal((50, 0, 30), (10, 1, 5), (count, 3)).astype("float32")
    x[:, 1] = rng.integers(1, 4, count)
    y = 10 * x[:, :1] + 200 * x[:, 1:2] + rng.normal(size=(count, 1))
    return x, y.astype("float32")


def test_loss_and_r2_are_those_written_out():
    rng = np.random.default_rng(0)
    y = rng.normal((1e5, -3), (10, 2), (50, 2)).astype("float32")
    p = (y + rng.normal(0, (4, 1), (50, 2))).astype("float32")
    error = y.astype("float64") - p
    expected = np.mean((error / [10, 2]) ** 2)
    loss = StandardizedSquaredError([10, 2])
    assert float(to_numpy(loss(y, p))) == pytest.approx(expected, rel=1e-4)
    metric = R2([1e5, -3], [10, 2])
    for part in np.array_split(np.arange(50), 4):
        metric.update_state(y[part], p[part])
    exact = [scores(y[:, k], p[:, k])["r2"] for k in range(2)]
    assert float(metric.result()) == pytest.approx(np.mean(exact), abs=1e-4)


def test_scores_are_in_raw_units():
    metrics = scores(np.array([1.0, 2, 3, 6]), np.array([1.0, 2, 5, 4]))
    assert metrics["mae"] == 1
    assert metrics["rmse"] == pytest.approx(np.sqrt(2))
    assert metrics["r2"] == pytest.approx(1 - 8 / 14)


def test_the_model_takes_raw_rows_and_answers_in_raw_units(model, tmp_path):
    x, _ = rows()
    answer = model.predict_on_batch(x)
    assert answer.shape == (40, 1)
    weights = {w.path.split("/", 1)[-1]: to_numpy(w) for w in model.weights}
    vectors = next(v for k, v in weights.items() if "column1" in k)
    assert vectors.shape == (4, length(3))
    unknown = x.copy()
    unknown[:, 1] = 0
    beyond = x.copy()
    beyond[:, 1] = 9
    np.testing.assert_allclose(
        model.predict_on_batch(beyond), model.predict_on_batch(unknown)
    )
    assert np.abs(model.predict_on_batch(unknown) - answer).max() > 1
    model.save(tmp_path / "m.keras")
    again = load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(again.predict_on_batch(x), answer, rtol=1e-5)


def test_categories_are_vectors_and_some_are_hidden_in_training():
    layer = Categories([0, 3, 0], hidden=0.5, seed=1)
    x = rows(400)[0]
    shown = to_numpy(layer(x))
    table = to_numpy(layer.tables[0])
    np.testing.assert_allclose(shown, table[x[:, 1].astype(int)], rtol=1e-6)
    trained = to_numpy(layer(x, training=True))
    hidden = (trained == table[0]).all(axis=1)
    assert 0.35 < hidden.mean() < 0.65
    np.testing.assert_allclose(trained[~hidden], shown[~hidden])


def test_ridge_is_scikit_learns_with_a_column_a_category():
    x, y = rows(200)
    one_hot = np.concatenate(
        [x[:, [0, 2]], np.eye(4)[x[:, 1].astype(int)][:, 1:]], axis=1
    )
    exact = LinearRegression().fit(one_hot, y).predict(one_hot)
    answers = fit_ridge(x, y, SPEC.input)(x)
    np.testing.assert_allclose(answers, exact, atol=0.5)


def test_the_report_stands_beside_simple_rules(model, tmp_path):
    x, y = rows(60)
    split = ArraySplit(x, y)
    task = make_task("regression", SPEC)
    report = task.evaluate(model, split, Conditions(train=split))
    answer = model.predict_on_batch(x)
    assert report.metrics["mae"] == pytest.approx(np.abs(answer - y).mean())
    deviation = y.astype("float64").std()
    assert report.metrics["rmse_constant"] == pytest.approx(deviation)
    assert report.metrics["rmse_ridge"] < 10
    remarks = " ".join(report.remarks)
    assert "in EUR" in remarks
    assert "ridge regression is better" in remarks
    told = make_task("regression", SPEC, TrainConfig(loss="quantile"))
    remarks = told.evaluate(model, split, Conditions(train=split)).remarks
    better = [r for r in remarks if "is better" in r]
    assert all("pinball" in remark for remark in better)
    for name, draw in report.figures.items():
        draw(tmp_path / f"{name}.png")
    task.draw_predictions(model, split, tmp_path / "p.png")
    assert len(list(tmp_path.iterdir())) == 2


def test_files_are_answered_with_units(model, tmp_path):
    path = tmp_path / "ask.csv"
    path.write_text("age,size,town\n30,50,Ulm\n30,50,Trier\n", "utf-8")
    task = make_task("regression", SPEC)
    first, second = task.predict(model, [path], 8)
    expected = model.predict_on_batch(np.array([[50, 3, 30], [50, 0, 30]]))
    assert first.row["predicted price (EUR)"] == pytest.approx(expected[0, 0])
    assert second.row["predicted price (EUR)"] == pytest.approx(expected[1, 0])


def test_a_ridge_regression_of_series_that_differ_in_length():
    """It is told the length, and what every column does: NumPy's numbers."""
    x = np.array([[[1.0], [3], [np.nan]], [[2], [4], [9]]], "float32")
    told = [[2, 2, 1, 1, 3, 1, 3], [3, 5, x[1].std(), 2, 9, 2, 9]]
    np.testing.assert_allclose(summaries(x), told, rtol=1e-6)
