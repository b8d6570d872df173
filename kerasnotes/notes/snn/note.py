"""Spiking network: neurons that fire, over time.

    mem_t = beta mem_{t-1} + W spk'_t + b - spk_{t-1} threshold
    spk_t = 1 if mem_t > threshold else 0

with the spikes `spk'` of the layer before; what the output's neurons do over
T steps is the answer.

Reference:
    Eshraghian et al., 2023, Training spiking neural networks using lessons
    from deep learning. https://arxiv.org/abs/2109.12894
    Zheng et al., 2021 (batch normalization over time and examples).
    https://arxiv.org/abs/2011.05280

Departs from it:
    - Layers of weights do all steps at once; a static input goes through the
      first of them once. The numbers are the same.
    - The losses are means over steps, not sums.
    - Where inputs stay the same, the first kernels start smaller: membranes
      add their currents up.
    - Neurons that answer measured values never fire.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import keras

from kerasnotes.base.types import Array
from kerasnotes.contracts.capabilities import ShowsSpikes
from kerasnotes.contracts.note import NoteModel
from kerasnotes.contracts.spike_record import SpikeRecord
from kerasnotes.data.spec import Spec
from kerasnotes.layers.answer import answer
from kerasnotes.layers.spiking.encode import Encode
from kerasnotes.layers.standardization import standardization
from kerasnotes.notes.snn.config import SNNConfig, check_fits, steps_for
from kerasnotes.notes.snn.network import Builder
from kerasnotes.notes.snn.recorder import Recorder


@keras.saving.register_keras_serializable("kerasnotes")
class SNN(NoteModel):
    """Spiking network for images of one size, rows of a table, or series.

    Args:
        config: The sizes and variants.
        spec: The data: input shape, and classes or measured values.
        mean: Per channel or column, of raw training values.
        variance: Per channel or column, of raw training values.

    Call arguments:
        image: Tensor `(B, H, W, C)` of raw pixels; or
        features: Tensor `(B, D)` of raw columns; or
        series: Tensor `(B, T, D)` of raw rows, one for each step.

    Returns:
        Tensor `(B, K)`, float32: class probabilities, or measured values in
        raw units.

    Raises:
        UsageError: If the data do not fit the network.
    """

    config_class = SNNConfig

    def __init__(
        self,
        config: SNNConfig,
        spec: Spec,
        mean: Sequence[float],
        variance: Sequence[float],
    ) -> None:
        check_fits(config, spec)
        steps, series = steps_for(config, spec), spec.input.kind == "series"
        static = config.encoding == "direct" and not series
        # === Graph ===
        inputs = keras.Input(spec.input.shape, name=spec.input.name)
        x = standardization(mean, variance, "standardize")(inputs)
        if not static:
            x = Encode(
                steps,
                config.encoding,
                series=series,
                threshold=config.encoding_threshold,
                name="encode",
            )(x)
        builder = Builder(config, steps, static)
        end = builder.end(spec.target.kind == "values")
        outputs = answer(builder.hidden(x), spec, end)
        super().__init__(inputs=inputs, outputs=outputs, name="snn")
        # === Config ===
        self.remember(config, spec, mean, variance)
        self._recorder: Recorder | None = None

    def spike_record(self, x: Array) -> SpikeRecord:
        if self._recorder is None:
            config = cast(SNNConfig, self.note_config)
            self._recorder = Recorder(self, config.encoding != "direct")
        return self._recorder(x)


if TYPE_CHECKING:
    _: type[ShowsSpikes] = SNN
