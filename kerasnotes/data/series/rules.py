"""Simple forecasts that a network is held against.

    naive      the last value, again and again
    seasonal   the value one season before, again and again
    linear     x_T + (x_1 - x_T, ..., x_{T-1} - x_T) W + b: one linear map
               for all columns, each by itself, in closed form

Reference:
    Hyndman & Athanasopoulos, 2021, Forecasting: principles and practice,
    section 5.2. https://otexts.com/fpp3/
    Toner & Darlow, 2024, An analysis of linear time series forecasting
    models. https://arxiv.org/abs/2403.14587
"""

import dataclasses

import numpy as np

from kerasnotes.data.dataset import Array, Split
from kerasnotes.data.fields import Field
from kerasnotes.data.inputs import main_input
from kerasnotes.data.reading import parts, read_batch, spread

WINDOWS = 20_000
"""Training windows that the linear map is fitted on, at most."""
BATCH = 256
HELD_OUT = 0.2
"""Of the training windows, the last, that choose the penalty."""
PENALTIES = np.logspace(-6, 2, 17)
"""Of the mean square of the inputs."""


def naive(past: Array, horizon: int) -> Array:
    """Returns the last row of windows `(B, T, K)`, `horizon` times."""
    return np.repeat(past[:, -1:], horizon, axis=1)


def seasonal_naive(past: Array, horizon: int, season: int) -> Array | None:
    """Returns the last season again; `None` if windows are shorter.

    Args:
        past: Windows `(B, T, K)`.
        horizon: Rows `H` to forecast.
        season: Rows of a season; 0 if there is none.
    """
    if not 1 <= season <= past.shape[1]:
        return None
    last = past[:, past.shape[1] - season :]
    return last[:, np.arange(horizon) % season]


@dataclasses.dataclass(frozen=True)
class LinearForecast:
    """One linear map from the past of a column to what follows.

    Args:
        kernel: Array `(T, H)`, for standardized values.
        bias: Array `(H,)`.
        mean: Of each column, `(K,)`.
        deviation: Of each column, `(K,)`.
    """

    kernel: Array
    bias: Array
    mean: Array
    deviation: Array

    def __call__(self, past: Array) -> Array:
        """Returns forecasts `(B, H, K)` for windows `(B, T, K)`, raw."""
        z = (past - self.mean) / self.deviation
        found = np.einsum("btk,th->bhk", z, self.kernel, optimize=True)
        raw: Array = found + self.bias[:, None]
        return raw * self.deviation + self.mean


def target_places(given: Field, target: Field) -> list[int]:
    """Returns where the forecast columns stand among the given ones."""
    return [given.names.index(name) for name in target.names]


def fit_linear(train: Split, given: Field, target: Field) -> LinearForecast:
    """Fits the linear map to training windows by least squares.

    The ridge penalty is chosen on the last windows, which lie after the
    others in time; then all are fitted.

    Args:
        train: The training part.
        given: Its inputs.
        target: What is forecast.
    """
    mean = np.array([column.mean for column in target.columns])
    deviation = np.array([column.deviation for column in target.columns])
    places = target_places(given, target)
    chosen = spread(len(train), WINDOWS)
    kept = max(1, round(len(chosen) * (1 - HELD_OUT)))
    sums = []
    for some in (chosen[:kept], chosen[kept:]):
        total = _Sums.zero(int(given.shape[0] or 0), int(target.shape[0] or 0))
        for where in parts(len(some), BATCH):
            x, y = read_batch(train, some[where])
            past = main_input(x, given)
            z = (past[..., places].astype("float64") - mean) / deviation
            total.add(z, (y.astype("float64") - mean) / deviation)
        sums.append(total)
    first, rest = sums
    penalty = PENALTIES[0]
    if rest.count:
        lost = [rest.lost(*first.solve(one)) for one in PENALTIES]
        penalty = PENALTIES[int(np.argmin(lost))]
    kernel, bias = first.joined(rest).solve(penalty)
    # What was said of differences from the last value, of the values.
    kernel = np.concatenate([kernel, 1 - kernel.sum(axis=0, keepdims=True)])
    return LinearForecast(kernel, bias, mean, deviation)


@dataclasses.dataclass
class _Sums:
    """Sums of squares and products: all that least squares needs.

    Args:
        inputs: `sum u u^T`, `(T, T)`; `u` is the window without its last
            row, that row subtracted, and a 1.
        products: `sum u v^T`, `(T, H)`; `v` is what follows, less that row.
        outputs: `sum v^2`.
        count: Of rows.
    """

    inputs: Array
    products: Array
    outputs: float = 0.0
    count: int = 0

    @classmethod
    def zero(cls, window: int, horizon: int) -> "_Sums":
        return cls(np.zeros((window, window)), np.zeros((window, horizon)))

    def add(self, x: Array, y: Array) -> None:
        """Adds windows `(B, T, K)` and what follows them `(B, H, K)`."""
        last = x[:, -1:]
        ones = np.ones_like(last)
        u = np.concatenate([x[:, :-1] - last, ones], axis=1)
        u = np.swapaxes(u, 1, 2).reshape(-1, x.shape[1])
        v = np.swapaxes(y - last, 1, 2).reshape(len(u), -1)
        self.inputs += u.T @ u
        self.products += u.T @ v
        self.outputs += float(np.square(v).sum())
        self.count += len(u)

    def joined(self, other: "_Sums") -> "_Sums":
        return _Sums(
            self.inputs + other.inputs,
            self.products + other.products,
            self.outputs + other.outputs,
            self.count + other.count,
        )

    def solve(self, penalty: float) -> tuple[Array, Array]:
        """Returns the kernel `(T - 1, H)` and the bias `(H,)`."""
        scale = np.trace(self.inputs[:-1, :-1]) / max(1, len(self.inputs) - 1)
        ridge = np.full(len(self.inputs), penalty * scale + 1e-9)
        ridge[-1] = 1e-9
        found = np.linalg.solve(self.inputs + np.diag(ridge), self.products)
        return found[:-1], found[-1]

    def lost(self, kernel: Array, bias: Array) -> float:
        """Returns the sum of squared errors."""
        w = np.concatenate([kernel, bias[None]])
        both = np.einsum("ih,ij,jh->", w, self.inputs, w, optimize=True)
        return float(both - 2 * (w * self.products).sum() + self.outputs)
