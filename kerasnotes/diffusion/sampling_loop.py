"""The reverse process as one compiled loop, whatever the sampler."""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasnotes.backends.jit import jit_compile
from kerasnotes.base.types import Tensor
from kerasnotes.diffusion.noise_schedule import Schedule
from kerasnotes.diffusion.samplers.table import Table
from kerasnotes.diffusion.sigmas import time_of_sigma

Denoise = Callable[[Tensor, Tensor, Tensor, Mapping[str, Tensor]], Tensor]
"""`(x, sigma, t, conditions) -> x_start`, as `Process.denoise`."""

Registers = tuple[Tensor, ...]


class SamplingLoop(keras.Model):
    """Runs rows of a sampler's table around a network.

    The table is an input, so one compiled loop serves every sampler with
    the same number of registers, at any number of steps.

    Args:
        denoise: What is asked.
        network: The layer whose weights `denoise` reads, if any.
        dtype: `float32` or `float64`, of the whole loop.

    Call arguments:
        inputs: A dictionary of
            `registers`: n tensors `(B, ...)`, `x = x_start + sigma n`
            first;
            `weights`: `(R, n, n + 2)`, `sigmas` and `times`: `(R,)`;
            `count`: scalar, how many of the R rows to run;
            `noise`: `(M, B, ...)`, and `draws`: `(R,)`, the entry of
            `noise` that a row uses; both or neither;
            and conditions, for `denoise`.

    Returns:
        The registers after the last row, n tensors `(B, ...)`.
    """

    def __init__(
        self, denoise: Denoise, network: Any = None, *, dtype: str = "float32"
    ) -> None:
        super().__init__(dtype=dtype, autocast=False, name="sampling_loop")
        self.denoise, self.network = denoise, network
        self.jit_compile = jit_compile()
        self.built = True

    def call(self, inputs: dict[str, Any]) -> Registers:
        given = dict(inputs)
        registers = tuple(given.pop("registers"))
        count = given.pop("count")
        rows = {name: given.pop(name) for name in ROWS if name in given}
        noise = given.pop("noise", None)

        def body(i: Tensor, registers: Registers) -> Registers:
            row = {name: values[i] for name, values in rows.items()}
            draw = None if noise is None else noise[row["draws"]]
            return advance(self.denoise, registers, row, draw, given)

        return tuple(ops.fori_loop(0, count, body, registers))


ROWS = ("weights", "sigmas", "times", "draws")


def advance(
    denoise: Denoise,
    registers: Registers,
    row: Mapping[str, Tensor],
    noise: Tensor | None,
    conditions: Mapping[str, Tensor],
) -> Registers:
    """Runs one row: asks the network, and sums the new registers.

    Args:
        denoise: What is asked.
        registers: n tensors `(B, ...)`, `x` first.
        row: `weights` `(n, n + 2)`, scalars `sigmas` and `times`.
        noise: Tensor `(B, ...)`, or `None` for a row without noise.
        conditions: For `denoise`.

    Returns:
        The new registers.
    """
    x = registers[0]
    terms = [*registers, denoise(x, row["sigmas"], row["times"], conditions)]
    if noise is not None:
        terms.append(noise)
    # Sums, not a matrix product: those are of low precision on a GPU.
    sums = []
    for j in range(len(registers)):
        total = row["weights"][j, 0] * x
        for k in range(1, len(terms)):
            total = total + row["weights"][j, k] * terms[k]
        sums.append(total)
    return tuple(sums)


def loop_rows(
    table: Table, schedule: Schedule, dtype: str
) -> dict[str, np.ndarray[Any, Any]]:
    """Returns a table's arrays as the loop takes them, without noise."""
    return {
        "weights": table.weights.astype(dtype),
        "sigmas": table.sigmas.astype(dtype),
        "times": time_of_sigma(schedule, table.sigmas).astype(dtype),
    }
