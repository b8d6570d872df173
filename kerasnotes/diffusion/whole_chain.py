"""A sampler as one functional model, noise to data: what is exported."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasnotes.base.types import Shape, Tensor
from kerasnotes.diffusion.process import Process
from kerasnotes.diffusion.samplers.table import Table
from kerasnotes.diffusion.sampling_loop import advance, loop_rows


class WholeChain(keras.layers.Layer):
    """Runs a deterministic sampler from its first level to its last.

    Args:
        process: What is asked.
        table: The sampler at its noise levels.

    Call arguments:
        noise: Tensor `(B, ...)`, `N(0, 1)`.
        conditions: For the network, by name.

    Returns:
        Tensor `(B, ...)`, in the range the network was trained on.

    Raises:
        ValueError: If the sampler adds noise of its own.
    """

    def __init__(
        self, process: Process, table: Table, dtype: str = "float32"
    ) -> None:
        super().__init__(dtype=dtype, autocast=False, name="sampler")
        if table.stochastic:
            raise ValueError(
                "only a sampler without noise of its own is a function of "
                f"its first noise. Received: {int(table.noisy.sum())} noisy "
                "rows"
            )
        self.process, self.network = process, process.network
        self.registers = table.registers
        self.rows = loop_rows(table, process.schedule, dtype)
        self.first_scale = float(np.sqrt(1.0 + table.sigmas[0] ** 2))
        self.last_scale = float(np.sqrt(1.0 + table.after[-1] ** 2))
        self.built = True

    def call(
        self, noise: Tensor, conditions: Mapping[str, Tensor] | None = None
    ) -> Tensor:
        rows = {k: ops.convert_to_tensor(v) for k, v in self.rows.items()}
        given = conditions or {}

        def body(i: Tensor, registers: tuple[Tensor, ...]) -> Any:
            row = {k: ops.take(v, i, axis=0) for k, v in rows.items()}
            return advance(self.process.denoise, registers, row, None, given)

        x = self.first_scale * noise
        rest = [ops.zeros_like(x) for _ in range(self.registers - 1)]
        count = len(self.rows["sigmas"])
        return ops.fori_loop(0, count, body, (x, *rest))[0] / self.last_scale

    def compute_output_shape(
        self, noise_shape: Shape, conditions_shape: Any = None
    ) -> Shape:
        return noise_shape


def chain_model(
    process: Process,
    table: Table,
    *,
    shape: Shape,
    conditions: Mapping[str, Any] | None = None,
) -> Any:
    """Returns a functional model from `noise` to a denoised sample.

    Args:
        process: What is asked.
        table: A sampler without noise of its own.
        shape: Of one sample.
        conditions: Inputs of the network, `keras.Input`, by name.

    Raises:
        ValueError: If the sampler adds noise of its own.
    """
    noise = keras.Input(shape, name="noise")
    chain = WholeChain(process, table)
    given = dict(conditions or {})
    image = chain(noise, given) if given else chain(noise)
    inputs = {"noise": noise, **given} if given else noise
    return keras.Model(inputs, image, name="sampler")
