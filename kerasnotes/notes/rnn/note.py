"""Recurrent network: a state that each step changes.

    h_t = tanh(x_t W + h_{t-1} U + b),   the last state answers

Its gradient is a product of as many factors as there are steps, so it fades
or grows: what lies far back is hardly learned (Bengio et al., 1994).

Reference:
    Elman, 1990, Finding structure in time, Cognitive Science 14(2), 179-211.
    https://doi.org/10.1207/s15516709cog1402_1

Departs from it:
    - Several layers, both ways, dropout; AdamW through all steps at once.
    - A forecast is added to a linear map of the past (`linear_path`).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import keras

from kerasnotes.contracts.capabilities import (
    CarriesState,
    ReadsSteps,
    SolvesStart,
    Translates,
)
from kerasnotes.contracts.fitting import check_sequence
from kerasnotes.contracts.recurrent_model import (
    RecurrentModel,
    recurrent_network,
)
from kerasnotes.data.spec import Spec
from kerasnotes.notes.rnn.config import RNNConfig


@keras.saving.register_keras_serializable("kerasnotes")
class RNN(RecurrentModel):
    """Plain recurrent network for series and texts.

    Args:
        config: The sizes and variants.
        spec: The data: shape of the series, and what is answered.
        mean: Per column, of raw training values.
        variance: Per column, of raw training values.

    Call arguments:
        series: Tensor `(B, T, D)`, raw; where series differ in length rows
            of NaN stand behind the end, and count as none; with what is
            known of the rows to forecast, `{"series": ..., "future": (B, H,
            C)}`. Of a text
            numbers of tokens `(B, T)`, of which 0 stands behind the end and
            leaves the state as it is; of a language windows of any length.

    Returns:
        Tensor, float32: class probabilities or measured values `(B, K)`, or
        a forecast `(B, H, K)`, in raw units; of a language, logits of the
        next token at every place, `(B, T, V)`; of a translation, which is
        told `{"x": (B, S), "y": (B, T)}`, those of its targets.

    Raises:
        UsageError: If the data are neither series nor texts.
    """

    config_class = RNNConfig

    def __init__(
        self,
        config: RNNConfig,
        spec: Spec,
        mean: Sequence[float],
        variance: Sequence[float],
    ) -> None:
        check_sequence(spec, "rnn")
        config.check_causal(spec)
        # === Graph ===
        inputs, outputs = recurrent_network("rnn", config, spec, mean, variance)
        super().__init__(inputs=inputs, outputs=outputs, name="rnn")
        # === Config ===
        self.remember(config, spec, mean, variance)


if TYPE_CHECKING:
    _: type[SolvesStart] = RNN
    _carries: type[CarriesState] = RNN
    _steps: type[ReadsSteps] = RNN
    _translates: type[Translates] = RNN
