"""Interval network: weights that are intervals, answers with two ends.

    [o_0] = x,   [o_l] = activation([o_{l-1}] [W_l] + [b_l])

by interval arithmetic, so that what any weights within their intervals say
lies between the ends. `mode=uncertainty` learns intervals around the weights of
a trained network (the first paper), `mode=loads` all weights as intervals from
the start (the second), by gradient or by `evolution.py`. Losses of the ends are
in `losses/interval.py`; then one shift of all ends (`metrics/conformal.py`)
gives the coverage that is wanted.

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

Departs from the second:
    - Its criterion has no gradient: gradients follow the interval score, which
      is least at the ends that it asks for; evolution follows a criterion of
      its kind (`losses/coverage_width.py`).
    - Weights have a value between their ends, which the squared error moves
      too; a linear map of the inputs is added, begun as a ridge regression.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

import keras
import numpy as np
from keras import ops

from kerasnotes.base.types import Array, Tensor
from kerasnotes.contracts.capabilities import (
    AnswersIntervals,
    LearnsInStages,
    SolvesEpochs,
    SolvesStart,
)
from kerasnotes.contracts.note import NoteModel
from kerasnotes.data.dataset import Split
from kerasnotes.data.spec import Spec
from kerasnotes.layers.interval.interval_weights import IntervalWeights
from kerasnotes.layers.ridge_start import start_at_ridge
from kerasnotes.layers.table_row import table_row
from kerasnotes.losses.interval import interval_loss, interval_score
from kerasnotes.notes.inn.config import INNConfig
from kerasnotes.notes.inn.evolution import Told, evolve
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

        Of mode=uncertainty neither moves what the other learns: ends are
        computed from weights whose gradient is stopped.
        """
        columns = self.spec.target.columns
        scale = ops.convert_to_tensor([c.deviation for c in columns], "float32")
        mean = ops.convert_to_tensor([c.mean for c in columns], "float32")

        def unit(raw: Tensor) -> Tensor:
            return (ops.cast(raw, "float32") - mean) / scale

        true, value = unit(y), unit(y_pred["values"])
        ends = unit(y_pred["low"]), unit(y_pred["high"])
        squared = ops.mean(ops.square(value - true))
        config = self.note_config
        if config.mode == "loads":
            each = interval_score(true, *ends, config.coverage)
        else:
            each = interval_loss(true, *ends, config.beta)
        interval = ops.mean(each)
        self._squared.update_state(squared)
        self._interval.update_state(interval)
        return squared + interval

    @property
    def interval_weights(self) -> list[IntervalWeights]:
        """Layers whose weights are intervals, in order."""
        return [x for x in self.layers if isinstance(x, IntervalWeights)]

    def turn(self, epochs: int, trained: bool) -> int | None:
        if self.note_config.mode == "loads":
            return None
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

    def solve_start(self, train: Split) -> str:
        """Begins the linear path of mode=loads at a ridge regression."""
        config = self.note_config
        if config.mode == "loads" and config.linear_path:
            start_at_ridge(self, train)
        return ""

    def solve_epoch(
        self, train: Split, validation: Split, epoch: int, seed: int, told: Told
    ) -> None:
        """Lets a population of networks evolve around this one."""
        evolve(self, train, epoch, seed, told)

    @property
    def coverage(self) -> float:
        return self.note_config.coverage

    def set_shift(self, shift: Array) -> None:
        layer = cast(Any, self).get_layer("shift")
        layer.shift.assign(np.asarray(shift, "float32"))


if TYPE_CHECKING:

    class _Offers(
        AnswersIntervals,
        LearnsInStages,
        SolvesEpochs,
        SolvesStart,
        Protocol,
    ): ...

    _: type[_Offers] = INN
