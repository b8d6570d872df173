"""The end of a network that reads series; with a line beside it.

With `linear_path` a forecast is what the network says plus one linear map of
each column's own past, the same for all columns:

    f_k = D^{-1}(deep(series)_k + z_k W + b),   z_k = D(column k)

where `D` standardizes. The line begins where least squares puts it
(`data/series/rules.py`), the rest at 0: training starts at the best linear
forecast, and learns what a line cannot say.

Reference:
    Zeng et al., 2023, Are transformers effective for time series
    forecasting? (how far a line goes). https://arxiv.org/abs/2205.13504
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import layers

from kerasnotes.base.types import Tensor
from kerasnotes.data.dataset import Split
from kerasnotes.data.series.rules import fit_linear, target_places
from kerasnotes.data.spec import Spec
from kerasnotes.layers.answer import answer, next_token_logits
from kerasnotes.layers.categories import PickColumns
from kerasnotes.layers.series_inputs import (
    SeriesInputs,
    decode_rows,
    encode_future,
)
from kerasnotes.layers.standardization import standardization


def answer_series(
    features: Tensor,
    given: SeriesInputs,
    spec: Spec,
    linear_path: bool,
    statistics: tuple[Sequence[float], Sequence[float]],
) -> Tensor:
    """Returns what `answer` does, with a line beside it if that is wanted.

    Args:
        features: What the network made of the series, `(B, D)`; or of each
            forecast column by itself, `(B, K, D)`, if nothing is planned.
        given: The raw inputs.
        spec: What is answered.
        linear_path: Whether a linear map of the past is added; forecasts only.
        statistics: Mean and variance of the columns of the series.
    """
    if spec.target.kind == "next_token":
        return next_token_logits(features, spec)
    known = None
    if given.future is not None:
        known = encode_future(given.future, spec, *statistics)
    if spec.target.kind != "series":
        return answer(features, spec)
    wide = _line(given.series, spec) if linear_path else None

    def end(units: int, name: str, dtype: str | None) -> Any:
        def deep(x: Tensor) -> Tensor:
            if known is not None:
                return decode_rows(x, known, spec, wide is None, dtype)
            apart = len(x.shape) == 3
            x = layers.Dense(
                spec.target.shape[0] if apart else units,
                use_bias=wide is None,
                kernel_initializer="glorot_uniform"
                if wide is None
                else "zeros",
                name=name if wide is None else "deep",
                dtype=dtype,
            )(x)
            return _by_row(x, dtype) if apart else x

        if wide is None:
            return deep
        add = layers.Add(name=name, dtype=dtype)
        return lambda x: add([deep(x), wide])

    return answer(features, spec, end)


def _by_row(x: Tensor, dtype: str | None) -> Tensor:
    """Returns `(B, K, H)`, column after column, as `(B, H K)`, row by row."""
    x = layers.Permute((2, 1), name="deep_by_row", dtype=dtype)(x)
    return layers.Flatten(name="deep_line", dtype=dtype)(x)


def _line(series: Tensor, spec: Spec) -> Tensor:
    """Returns one linear map of each column's past, flat, `(B, H K)`."""
    horizon = spec.target.shape[0]
    columns = spec.target.columns
    x = PickColumns(target_places(spec.input, spec.target), name="past")(series)
    x = standardization(
        [column.mean for column in columns],
        [column.deviation**2 for column in columns],
        "standardize_past",
    )(x)
    x = layers.Permute((2, 1), name="by_column")(x)
    x = layers.Dense(
        horizon, kernel_initializer="zeros", dtype="float32", name="wide"
    )(x)
    x = layers.Permute((2, 1), dtype="float32", name="by_row")(x)
    return layers.Flatten(dtype="float32", name="line")(x)


def start_at_line(model: Any, train: Split) -> str:
    """Sets the line of a forecast in closed form; says so.

    Args:
        model: A network made by `answer_series`.
        train: The training part.

    Returns:
        A sentence; nothing if there is no line.
    """
    wide = next((one for one in model.layers if one.name == "wide"), None)
    if wide is None or not len(train):
        return ""
    found = fit_linear(train, model.spec.input, model.spec.target)
    wide.kernel.assign(np.asarray(found.kernel, "float32"))
    wide.bias.assign(np.asarray(found.bias, "float32"))
    return "The linear path starts at the least-squares forecast."
