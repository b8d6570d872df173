"""Temporal convolutional network: a series convolved with its past.

    y_t = relu(x_t + F(x_t, x_{t-d}, x_{t-2d}, ...)),   d = 1, 2, 4, ...

No step sees the future; all steps are computed at once. The second meaning
that the literature gives "unidirectional convolution" (the first: `ucnn`).
An output depends on `1 + 2 (F - 1) (2^L - 1)` steps; the last one answers,
of a text the mean over its tokens.

Reference:
    Bai, Kolter & Koltun, 2018, An empirical evaluation of generic
    convolutional and recurrent networks for sequence modeling, section 3.
    https://arxiv.org/abs/1803.01271

Departs from it:
    - Kernels begin as of He et al., 2015, with their lengths, the second of
      each block at a tenth of that where no line is forecast (Zhang et al.,
      2019, Fixup: https://arxiv.org/abs/1901.09321), not at a deviation of
      0.01. That of the authors' own code (`init_weights`) is set behind weight
      normalization, which makes the kernel anew: it never comes to use.
    - Whole units are dropped, not whole channels.
    - AdamW with a cosine, not Adam.
    - A forecast is added to a linear map of the past (`linear_path`).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import keras

from kerasnotes.contracts.capabilities import SolvesStart
from kerasnotes.contracts.fitting import check_sequence
from kerasnotes.contracts.sequence_model import SequenceModel
from kerasnotes.data.dataset import Split
from kerasnotes.data.spec import Spec
from kerasnotes.layers.linear_path import answer_series
from kerasnotes.layers.missing_rows import LastPresent
from kerasnotes.layers.sequence_start import begin
from kerasnotes.layers.tokens import MaskedMean
from kerasnotes.notes.tcn.config import TCNConfig
from kerasnotes.notes.tcn.last_step import LastStep
from kerasnotes.notes.tcn.network import SMALL, features
from kerasnotes.notes.tcn.stream import Stream


@keras.saving.register_keras_serializable("kerasnotes")
class TCN(SequenceModel):
    """Temporal convolutional network for series and texts.

    Args:
        config: The sizes.
        spec: The data: shape of the series, and what is answered.
        mean: Per column, of raw training values.
        variance: Per column, of raw training values.

    Call arguments:
        series: Tensor `(B, T, D)`, raw; where series differ in length rows
            of NaN stand behind the end, and count as none; with what is
            known of the rows to forecast, `{"series": ..., "future": (B, H,
            C)}`. Of a text
            numbers of tokens `(B, T)`, of which 0 stands behind the end and
            is seen by none.

    Returns:
        Tensor, float32: class probabilities or measured values `(B, K)`, or
        a forecast `(B, H, K)`, in raw units.

    Raises:
        UsageError: If the data are neither series nor texts.
    """

    config_class = TCNConfig

    def __init__(
        self,
        config: TCNConfig,
        spec: Spec,
        mean: Sequence[float],
        variance: Sequence[float],
    ) -> None:
        check_sequence(spec, "tcn")
        # === Graph ===
        given, x, mask = begin(
            spec, config.embedding, mean, variance, config.dropout
        )
        # What a forecast adds to its line begins at 0 as it is.
        start = 1.0 if spec.target.kind == "series" else SMALL
        x = features(x, config, config.depth(spec), start)
        if mask is None:
            x = LastStep(name="last_step")(x)
        elif spec.input.varied:
            x = LastPresent(name="last_step")(x, mask)
        else:
            x = MaskedMean(name="mean")(x, mask)
        outputs = answer_series(
            x, given, spec, config.has_line, (mean, variance)
        )
        super().__init__(inputs=given.all, outputs=outputs, name="tcn")
        # === Config ===
        self.remember(config, spec, mean, variance)

    @property
    def receptive_field(self) -> int:
        """Steps that an output depends on, its own included."""
        config = cast(TCNConfig, self.note_config)
        return config.receptive_field(self.spec)

    def solve_start(self, train: Split) -> str:
        """Starts the line of a forecast; says how far the network sees."""
        told = super().solve_start(train)
        seen, steps = self.receptive_field, int(self.spec.input.shape[0] or 1)
        if not told or seen >= steps:
            return told
        return f"{told} The rest sees the last {seen:,} of {steps:,} steps."

    def stream(self) -> Stream:
        """Returns what computes the features step by step, as rows come."""
        return Stream(self)


if TYPE_CHECKING:
    _: type[SolvesStart] = TCN
