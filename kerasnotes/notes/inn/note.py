"""Interval network: around a trained network's weights, intervals learn.

    [o_0] = x,   [o_l] = activation([o_{l-1}] [W_l] + [b_l])

by interval arithmetic, so that what any weights within their intervals say
lies between the ends. The loss of the ends is `losses/interval.py`; then one
shift of all ends (`metrics/conformal.py`) gives the coverage that is wanted.

The notes write `f(sum [v] u - [l])`: a difference of intervals changes ends,
`[a, b] - [c, d] = [a - d, b - c]`, a product has four corners, and `f` must
never fall. Their link is the paper below; their equation, and the loads that
it identifies, are those of Cao et al. (`data/sets/truss_loads.py`).

Reference:
    Oala et al., 2020, Interval Neural Networks: Uncertainty Scores.
    https://arxiv.org/abs/2003.11566
    Cao et al., 2024, An Interval Neural Network Method for Identifying Static
    Concentrated Loads in a Population of Structures.
    https://doi.org/10.3390/aerospace11090770

Departs from the first:
    - Inputs of any sign, exactly; the paper's code takes none below 0.
    - The network that is frozen may be trained in the same run before: its
      weights learn by the squared error alone, whatever the ends do.
    - Ends are shifted to a coverage. `beta` is none.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

import keras
import numpy as np
from keras import ops

from kerasnotes.base.types import Array, Tensor
from kerasnotes.contracts.capabilities import AnswersIntervals, LearnsInStages
from kerasnotes.contracts.note import NoteModel
from kerasnotes.data.spec import Spec
from kerasnotes.layers.interval.interval_weights import IntervalWeights
from kerasnotes.layers.table_row import table_row
from kerasnotes.losses.interval import interval_loss
from kerasnotes.notes.inn.config import INNConfig
from kerasnotes.notes.inn.network import answers, hidden, standardized

SECOND = 0.5
"""Part of the epochs after which only offsets learn."""


@keras.saving.register_keras_serializable("kerasnotes")
class INN(NoteModel):
    """Interval network for measured values of a table or of images.

    Args:
        config: The sizes, the price of width, the coverage.
        spec: The data: input shape, and measured values.
        mean: Per channel or column, of raw training values.
        variance: Per channel or column, of raw training values.

    Call arguments:
        image: Tensor `(B, H, W, C)` of raw pixels; or
        features: Tensor `(B, D)` of raw columns, categories by number.

    Returns:
        `values`, `low` and `high`, tensors `(B, K)`, float32, in raw units.
    """

    config_class = INNConfig
    note_config: INNConfig
    head = ("standardized", "deep", "wide")
    entry = ("dense1", "wide", "categories")

    def __init__(
        self,
        config: INNConfig,
        spec: Spec,
        mean: Sequence[float],
        variance: Sequence[float],
    ) -> None:
        # === Graph ===
        inputs = keras.Input(spec.input.shape, name=spec.input.name)
        row = table_row(inputs, spec, mean, variance, config.hidden_categories)
        if len(spec.input.shape) > 1:
            row = keras.layers.Flatten(name="flatten")(row)
        units = len(spec.target.columns)
        end = standardized(row, hidden(row, config), config, units)
        super().__init__(inputs=inputs, outputs=answers(end, spec), name="inn")
        # === Config ===
        self.remember(config, spec, mean, variance)
        # === Metrics ===
        self._squared = keras.metrics.Mean(name="squared_error")
        self._interval = keras.metrics.Mean(name="interval_loss")

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Tensor:
        """Returns the squared error of values plus the loss of ends.

        Neither moves what the other learns: ends are computed from weights
        whose gradient is stopped.
        """
        columns = self.spec.target.columns
        scale = ops.convert_to_tensor([c.deviation for c in columns], "float32")
        mean = ops.convert_to_tensor([c.mean for c in columns], "float32")

        def unit(raw: Tensor) -> Tensor:
            return (ops.cast(raw, "float32") - mean) / scale

        true, value = unit(y), unit(y_pred["values"])
        ends = unit(y_pred["low"]), unit(y_pred["high"])
        squared = ops.mean(ops.square(value - true))
        interval = ops.mean(interval_loss(true, *ends, self.note_config.beta))
        self._squared.update_state(squared)
        self._interval.update_state(interval)
        return squared + interval

    @property
    def interval_weights(self) -> list[IntervalWeights]:
        """Layers whose weights are intervals, in order."""
        return [x for x in self.layers if isinstance(x, IntervalWeights)]

    def turn(self, epochs: int, trained: bool) -> int | None:
        if trained:
            return 0
        return max(1, round(SECOND * epochs)) if epochs > 1 else None

    def enter(self, stage: int) -> str:
        """Freezes the network, from the second stage on; offsets learn."""
        intervals = self.interval_weights
        for layer in self.layers:
            if layer not in intervals:
                layer.trainable = not stage
        for layer in intervals:
            for weight in layer.values:
                weight.trainable = not stage
        if not stage:
            return ""
        count = sum(
            int(np.prod(w.shape)) for layer in intervals for w in layer.offsets
        )
        return (
            f"The network is frozen; {count:,} offsets of {len(intervals)} "
            "layers learn."
        )

    @property
    def coverage(self) -> float:
        return self.note_config.coverage

    def set_shift(self, shift: Array) -> None:
        layer = cast(Any, self).get_layer("shift")
        layer.shift.assign(np.asarray(shift, "float32"))


if TYPE_CHECKING:

    class _Offers(AnswersIntervals, LearnsInStages, Protocol): ...

    _: type[_Offers] = INN
