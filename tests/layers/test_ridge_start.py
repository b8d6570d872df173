"""The first weights of the linear path against ridge regression in NumPy."""

import numpy as np
import pytest

import kerasnotes as kn
from kerasnotes.contracts.capabilities import SolvesStart
from kerasnotes.data import fields
from kerasnotes.data.dataset import ArraySplit
from kerasnotes.data.fields import Column
from kerasnotes.data.spec import Spec
from kerasnotes.layers import ridge_start
from kerasnotes.notes.mlp.config import MLPConfig
from kerasnotes.notes.mlp.note import MLP
from tests.checks import to_numpy

ROWS, D = 40, 5
RNG = np.random.default_rng(0)
X = (RNG.normal(size=(ROWS, D)) * [1, 2, 3, 4, 5] + [5, 0, 1, 2, 3]).astype(
    "float32"
)
NOISE = RNG.normal(size=(ROWS, 2)) * [4, 0.5]
Y = (X @ RNG.normal(size=(D, 2)) + NOISE).astype("float32")


def spec(y=Y, columns=tuple("vwxyz")):
    measured = [
        Column(f"y{k}", mean=float(m), deviation=float(d))
        for k, (m, d) in enumerate(
            zip(y.mean(axis=0), y.std(axis=0), strict=True)
        )
    ]
    return Spec("t", (fields.table(columns),), (fields.values(measured),))


def model(**changes):
    config = MLPConfig(
        **{"widths": (4,), "normalization": "none", "linear_path": True}
        | changes
    )
    return MLP(config, spec(), X.mean(axis=0), X.var(axis=0))


def ridge(z, t, penalty):
    """Returns coefficients and intercept by the normal equations."""
    centre, middle = z.mean(axis=0), t.mean(axis=0)
    a = (z - centre).T @ (z - centre) + penalty * np.eye(z.shape[1])
    v = np.linalg.solve(a, (z - centre).T @ (t - middle))
    return v, middle - centre @ v


def left_out_error(z, t, penalty):
    errors = []
    for i in range(len(z)):
        others = np.arange(len(z)) != i
        v, b = ridge(z[others], t[others], penalty)
        errors.append(np.square(z[i] @ v + b - t[i]))
    return np.mean(errors)


def test_it_is_the_ridge_regression_that_leaves_out_one_row_best():
    found = model()
    assert isinstance(found, SolvesStart)
    assert "ridge regression" in found.solve_start(ArraySplit(X, Y))
    z = (X.astype("float64") - X.mean(axis=0)) / X.std(axis=0)
    t = (Y.astype("float64") - Y.mean(axis=0)) / Y.std(axis=0)
    errors = [left_out_error(z, t, p) for p in ridge_start.PENALTIES]
    best = int(np.argmin(errors))
    # Neither end of the list: a choice was made.
    assert 0 < best < len(errors) - 1
    v, b = ridge(z, t, ridge_start.PENALTIES[best])
    expected = (z @ v + b) * Y.std(axis=0) + Y.mean(axis=0)
    np.testing.assert_allclose(to_numpy(found(X)), expected, rtol=1e-4)
    np.testing.assert_allclose(
        to_numpy(found.get_layer("wide").kernel), v, atol=1e-5
    )


def test_others_start_as_they_were(monkeypatch):
    plain = model(linear_path=False)
    before = [w.copy() for w in plain.get_weights()]
    assert plain.solve_start(ArraySplit(X, Y)) == ""
    one = model()
    assert one.solve_start(ArraySplit(X[:1], Y[:1])) == ""
    monkeypatch.setattr(ridge_start, "WIDEST", D - 1)
    wide = model()
    assert wide.solve_start(ArraySplit(X, Y)) == ""
    np.testing.assert_array_equal(to_numpy(wide.get_layer("wide").kernel), 0)
    for a, b in zip(before, plain.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.once
def test_a_run_says_so_and_is_no_worse_than_the_line(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    x = RNG.normal(size=(400, 8)).astype("float32")
    y = x @ RNG.normal(size=8) + RNG.normal(size=400)
    run = kn.fit("mlp", data={"x": x, "y": y}, epochs=10)
    assert "starts at a ridge regression" in capsys.readouterr().out
    assert run.metrics["rmse"] < 1.05 * run.metrics["rmse_ridge"]
