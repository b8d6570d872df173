"""What a network that reads series is given: the past, and what is planned.

What is known of the rows to forecast is decoded row by row, the same way for
each: features of the past and the plan of one row make that row's forecast.

    r = reshape(U features, (H, p)),   y_h = V relu(W [r_h, plan_h] + b)

Reference:
    Das et al., 2023, Long-term forecasting with TiDE, section 4.2 (temporal
    decoder). https://arxiv.org/abs/2304.08424
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from kerasnotes.base.types import Shape, Tensor
from kerasnotes.data.fields import Field
from kerasnotes.data.spec import Spec
from kerasnotes.layers.categories import PickColumns
from kerasnotes.layers.cycles import Cycles
from kerasnotes.layers.standardization import standardization

KEPT = 8
"""Numbers `p` that the features tell each row."""
WIDTH = 64
"""Units of the decoder of a row."""


@dataclasses.dataclass(frozen=True)
class SeriesInputs:
    """The symbolic inputs of a network.

    Args:
        series: The past `(B, T, D)`, raw, of any length where they differ
            in it; or a text `(B, T)`, int32, or
            windows of a language, `(B, T)`, of any length.
        future: What is known of the rows to forecast `(B, H, C)`, raw, if
            anything is.
    """

    series: Tensor
    future: Tensor | None = None

    @classmethod
    def of(cls, spec: Spec) -> "SeriesInputs":
        """Makes the inputs of the fields of some data."""
        made = [
            keras.Input(
                _shape(field),
                dtype="int32" if field.kind in ("text", "tokens") else None,
                name=field.name,
            )
            for field in spec.inputs
        ]
        return cls(*made)

    @property
    def all(self) -> Any:
        """What `keras.Model` is told: one tensor, or several by name."""
        if self.future is None:
            return self.series
        return {"series": self.series, "future": self.future}


def _shape(field: Field) -> Shape:
    """Returns the shape that inputs have; `None` where examples differ."""
    if field.kind == "tokens":
        return (None,)
    return (None, *field.shape[1:]) if field.varied else field.shape


def encode_future(
    future: Tensor, spec: Spec, mean: Sequence[float], variance: Sequence[float]
) -> Tensor:
    """Returns what is known `(B, H, C)` as a network reads it.

    Args:
        future: Raw.
        spec: The data.
        mean: Of the columns of the series, which planned ones are among.
        variance: Likewise.
    """
    columns = spec.future.columns if spec.future else ()
    plain = [k for k, c in enumerate(columns) if not c.period]
    round_ = [k for k, c in enumerate(columns) if c.period]
    found = []
    if plain:
        own = [spec.input.names.index(columns[k].name) for k in plain]
        x = PickColumns(plain, name="planned")(future)
        found.append(
            standardization(
                [mean[k] for k in own],
                [variance[k] for k in own],
                "standardize_planned",
            )(x)
        )
    if round_:
        periods = [columns[k].period for k in round_]
        found.append(Cycles(round_, periods, name="calendar")(future))
    if len(found) == 1:
        return found[0]
    return layers.Concatenate(name="known", dtype="float32")(found)


def decode_rows(
    features: Tensor, known: Tensor, spec: Spec, bias: bool, dtype: str | None
) -> Tensor:
    """Returns what is said of each row, flat, `(B, H K)`.

    Args:
        features: Of the past, `(B, D)`.
        known: Of the rows, as `encode_future` returns it.
        spec: What is forecast, `(H, K)`.
        bias: Whether the last layer has one; without, it starts at 0.
        dtype: Of that layer.
    """
    horizon, columns = (side or 1 for side in spec.target.shape)
    x = layers.Dense(horizon * KEPT, name="by_steps")(features)
    x = layers.Reshape((horizon, KEPT), name="steps")(x)
    x = layers.Concatenate(name="told")([x, known])
    x = layers.Dense(WIDTH, activation="relu", name="decode")(x)
    x = layers.Dense(
        columns,
        use_bias=bias,
        kernel_initializer="glorot_uniform" if bias else "zeros",
        name="deep",
        dtype=dtype,
    )(x)
    return layers.Flatten(name="rows_told", dtype=dtype)(x)
