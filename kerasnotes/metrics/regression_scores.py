"""How far measured values are missed, and by what simple rules beside it."""

from typing import Any

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.data.fields import Field
from kerasnotes.data.reading import spread

ROWS = 20_000
"""Training rows that the ridge regression is fitted on, at most."""
WIDEST = 4_096
"""Columns that it is fitted on, at most."""
PENALTIES = np.logspace(-3, 6, 19)


def scores(truth: Array, answer: Array) -> dict[str, float]:
    """Returns MAE, RMSE, R2 and mean relative error of one value.

    Args:
        truth: Array `(N,)`, raw units.
        answer: As many.

    Returns:
        `mae` and `rmse` in raw units; `r2`, `nan` where the truth never
        varies; `mean_relative_error`, the mean of `|answer - y| / |y|`,
        unless a truth is 0.
    """
    error = answer.astype("float64") - truth
    squares = float(np.square(error).sum())
    varied = float(np.square(truth - truth.mean(dtype="float64")).sum())
    found = {
        "mae": float(np.abs(error).mean()),
        "rmse": float(np.sqrt(squares / len(error))),
        "r2": 1.0 - squares / varied if varied else float("nan"),
    }
    if (truth != 0).all():
        relative = np.abs(error / truth.astype("float64"))
        found["mean_relative_error"] = float(relative.mean())
    return found


def quantile_scores(
    truth: Array, answer: Array, quantile: float
) -> dict[str, float]:
    """Returns how well answers are a quantile of the truth.

    Args:
        truth: Array `(N,)`, raw units.
        answer: As many.
        quantile: Between 0 and 1.

    Returns:
        `pinball`, the mean of `max(q e, (q - 1) e)` in raw units, and
        `coverage`, the part of truths at or below the answer.
    """
    error = truth.astype("float64") - answer
    lost = np.maximum(quantile * error, (quantile - 1) * error)
    return {
        "pinball": float(lost.mean()),
        "coverage": float((error <= 0).mean()),
    }


def fit_ridge(x: Array, y: Array, field: Field) -> Any:
    """Fits a ridge regression, its penalty chosen by cross-validation.

    Args:
        x: Raw inputs `(N, ...)`; categories become one column each. Of series
            that differ in length it is told `summaries`.
        y: Measured values `(N, K)`.
        field: What the inputs are.

    Returns:
        From raw inputs `(M, ...)` to values `(M, K)`; `None` if there are
        too many columns.
    """
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    x = summaries(x) if field.varied else x
    places = list(field.categorical)
    width = x[0].size + sum(len(field.columns[p].categories) for p in places)
    if width > WIDEST:
        return None
    numeric = [p for p in range(x[0].size) if p not in places]
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    model = make_pipeline(
        make_column_transformer((StandardScaler(), numeric), (one_hot, places)),
        RidgeCV(alphas=PENALTIES),
    )
    rows = spread(len(x), ROWS)
    flat = x.reshape(len(x), -1).astype("float64")
    model.fit(flat[rows], y[rows].astype("float64"))

    def answer(inputs: Array) -> Array:
        inputs = summaries(inputs) if field.varied else inputs
        columns = inputs.reshape(len(inputs), -1).astype("float64")
        return np.asarray(model.predict(columns)).reshape(len(inputs), -1)

    return answer


def summaries(x: Array) -> Array:
    """Returns what a line can be told of series that differ in length.

    Args:
        x: Array `(N, T, D)`, rows of NaN behind the ends.

    Returns:
        Array `(N, 1 + 6 D)`: rows of each, and of every column the mean, the
        deviation, the least, the greatest, the first and the last value.
    """
    there = ~np.isnan(x).all(axis=2)
    rows = there.sum(axis=1)
    told = [np.nanmean(x, 1), np.nanstd(x, 1), np.nanmin(x, 1), np.nanmax(x, 1)]
    last = x[np.arange(len(x)), rows - 1]
    return np.concatenate([rows[:, None], *told, x[:, 0], last], axis=1)
