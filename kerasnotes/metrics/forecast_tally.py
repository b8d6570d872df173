"""How far forecasts are off, summed up window by window.

    MAE    mean |y - f|              RMSE   sqrt(mean (y - f)^2)
    MASE   MAE / mean |y_t - y_{t-m}| of the training part
    sMAPE  mean 200 |y - f| / (|y| + |f|), percent

Reference:
    Hyndman & Koehler, 2006, International Journal of Forecasting 22(4),
    679-688 (MASE, with `m` a season). https://doi.org/10.1016/j.ijforecast.2006.03.001
"""

from collections.abc import Sequence

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.data.fields import Column


class ForecastTally:
    """Errors of forecasts, by step ahead and column.

    Args:
        columns: What is forecast, with deviations and changes.
        horizon: Steps ahead.
    """

    def __init__(self, columns: Sequence[Column], horizon: int) -> None:
        self.columns = columns
        shape = (horizon, len(columns))
        self.count = 0
        self.absolute, self.squared = np.zeros(shape), np.zeros(shape)
        self.relative = np.zeros(shape)
        self._deviations = np.array([one.deviation for one in columns])

    def add(self, truth: Array, answer: Array) -> None:
        """Counts forecasts `(B, H, K)` of `truth`, as large; raw units."""
        y, f = truth.astype("float64"), answer.astype("float64")
        error = np.abs(y - f)
        size = np.abs(y) + np.abs(f)
        self.count += len(y)
        self.absolute += error.sum(axis=0)
        self.squared += np.square(error).sum(axis=0)
        # Nothing forecast as nothing is no error.
        self.relative += (200 * error / np.where(size, size, 1)).sum(axis=0)

    @property
    def by_step(self) -> Array:
        """Mean absolute error `(H,)`, in deviations of the training part."""
        scaled = self.absolute / self._deviations
        return np.asarray(scaled.mean(axis=1) / self.count)

    def overall(self) -> dict[str, float]:
        """Returns the scores whose mean over columns means something."""
        scaled = self.squared / np.square(self._deviations)
        found = {
            "standardized_mse": float(scaled.mean() / self.count),
            "standardized_mae": float(self.by_step.mean()),
        }
        changes = np.array([column.change for column in self.columns])
        if (changes > 0).all():
            mae = self.absolute.mean(axis=0) / self.count
            found["mase"] = float((mae / changes).mean())
        found["smape"] = float(self.relative.mean() / self.count)
        return found

    def each(self) -> list[dict[str, float]]:
        """Returns MAE and RMSE of each column, in its own units."""
        absolute = self.absolute.mean(axis=0) / self.count
        squared = self.squared.mean(axis=0) / self.count
        return [
            {"mae": float(mae), "rmse": float(np.sqrt(mse))}
            for mae, mse in zip(absolute, squared, strict=True)
        ]
