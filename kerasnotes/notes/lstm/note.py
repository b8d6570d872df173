"""Recurrent networks with gates: what is kept is added to, not multiplied.

    c_t = f_t c_{t-1} + i_t tanh(x_t W_g + h_{t-1} U_g + b_g)
    h_t = o_t tanh(c_t),   the last `h` answers

The gates `i`, `f`, `o` lie between 0 and 1, each a sigmoid of the input and
of `h`: while `f` is near 1, gradients pass many steps as they are.
`cell=gru` has two gates and no memory beside its state. All equations are in
`layers/recurrent/cells.py`; `implementation=written` runs those.

Reference:
    Hochreiter & Schmidhuber, 1997, Neural Computation 9(8), 1735-1780.
    https://doi.org/10.1162/neco.1997.9.8.1735
    Gers, Schmidhuber & Cummins, 2000 (forget gate).
    https://doi.org/10.1162/089976600300015015
    Cho et al., 2014 (GRU). https://arxiv.org/abs/1406.1078

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
from kerasnotes.notes.lstm.config import LSTMConfig


@keras.saving.register_keras_serializable("kerasnotes")
class LSTM(RecurrentModel):
    """LSTM or GRU for series and texts.

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

    config_class = LSTMConfig

    def __init__(
        self,
        config: LSTMConfig,
        spec: Spec,
        mean: Sequence[float],
        variance: Sequence[float],
    ) -> None:
        check_sequence(spec, "lstm")
        config.check_causal(spec)
        # === Graph ===
        inputs, outputs = recurrent_network(
            config.cell, config, spec, mean, variance
        )
        super().__init__(inputs=inputs, outputs=outputs, name="lstm")
        # === Config ===
        self.remember(config, spec, mean, variance)


if TYPE_CHECKING:
    _: type[SolvesStart] = LSTM
    _carries: type[CarriesState] = LSTM
    _steps: type[ReadsSteps] = LSTM
    _translates: type[Translates] = LSTM
