"""Drawing samples: NumPy's noise through the compiled loop, in chunks.

Image i has a generator of its own, seeded by `(seed, i)`, that draws its
initial noise and then that of each noisy row. So an image is the same on
every backend, in every batch and among any number of others, and noise for
a thousand steps never has to be in memory at once.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from kerasnotes.base.types import Progress
from kerasnotes.diffusion.noise_schedule import Schedule
from kerasnotes.diffusion.samplers.table import Table
from kerasnotes.diffusion.sampling_loop import SamplingLoop, loop_rows

Array = np.ndarray[Any, Any]

CHUNK_ROWS = 50
"""Network calls in one compiled call; progress comes after each."""

CHUNK_NUMBERS = 2**25
"""Most random numbers in memory at once; 128 MiB in float32."""


@dataclasses.dataclass(frozen=True)
class Samples:
    """What a sampler drew.

    Args:
        values: Array `(N, ...)`, in the range the network was trained on.
        trajectory: Array `(frames, N, ...)` of `x_t`, from noise to the
            values, evenly over the steps; or `None`.
    """

    values: Array
    trajectory: Array | None = None


def draw_samples(
    loop: SamplingLoop,
    table: Table,
    schedule: Schedule,
    *,
    shape: Sequence[int],
    count: int,
    seed: int = 0,
    conditions: Mapping[str, Any] | None = None,
    batch_size: int = 64,
    frames: int = 0,
    progress: Progress | None = None,
) -> Samples:
    """Draws samples with any sampler.

    Args:
        loop: The compiled loop around the network; keep it, to compile
            once.
        table: The sampler at its noise levels.
        schedule: The process that the network was trained on.
        shape: Of one sample.
        count: How many, at least 1.
        seed: Of all noise, at least 0.
        conditions: Arrays `(count, ...)` for the network, or scalars.
        batch_size: Samples at a time; changes no sample.
        frames: Pictures of the trajectory, at least 2; 0 for none.
        progress: Told of network calls.

    Returns:
        The samples.

    Raises:
        ValueError: If a number is out of range.
    """
    if count < 1 or batch_size < 1 or seed < 0 or frames < 0 or frames == 1:
        raise ValueError(
            "`count` and `batch_size` must be at least 1, `seed` at least 0, "
            f"`frames` 0 or at least 2. Received: count={count}, "
            f"batch_size={batch_size}, seed={seed}, frames={frames}"
        )
    size = min(batch_size, count)
    stops = _stops(table, frames)
    parts, done = [], 0
    total = -(-count // size) * table.evaluations
    for first in range(0, count, size):
        # The last batch is filled up: another size would compile anew.
        index = np.minimum(np.arange(first, first + size), count - 1)
        batch = _Batch(loop, table, schedule, tuple(shape), seed, index)
        pictures = [batch.x_t(0)] if frames else []
        given = _rows_of(conditions or {}, index)
        for rows, stop in batch.run(stops, given):
            done += rows
            if stop and frames:
                pictures.append(batch.x_t(batch.position))
            if progress is not None:
                progress("sampling", done, total)
        pictures = pictures or [batch.x_t(batch.position)]
        parts.append(np.stack(pictures)[:, : count - first])
    everything = np.concatenate(parts, axis=1)
    return Samples(everything[-1], everything if frames else None)


def _rows_of(conditions: Mapping[str, Any], index: Array) -> dict[str, Array]:
    """Returns the conditions of one batch; scalars are for all."""
    arrays = {name: np.asarray(value) for name, value in conditions.items()}
    return {k: v[index] if v.ndim else v for k, v in arrays.items()}


def _stops(table: Table, frames: int) -> list[int]:
    """Returns the rows after which a picture is taken, the last included."""
    ends = table.step_rows
    if not frames:
        return [int(ends[-1])]
    steps = np.round(np.linspace(0, len(ends), frames)).astype(int)[1:]
    return [int(ends[step - 1]) if step else 0 for step in steps]


class _Batch:
    """The samples that go through the loop together."""

    def __init__(
        self,
        loop: SamplingLoop,
        table: Table,
        schedule: Schedule,
        shape: tuple[int, ...],
        seed: int,
        index: Array,
    ) -> None:
        self.loop, self.table, self.shape = loop, table, shape
        self.dtype = loop.compute_dtype
        self.rows = loop_rows(table, schedule, self.dtype)
        self.generators = [np.random.default_rng([seed, int(i)]) for i in index]
        scale = np.sqrt(1.0 + table.sigmas[0] ** 2)
        x = (self._noise(1)[0] * scale).astype(self.dtype)
        rest = [np.zeros_like(x) for _ in range(table.registers - 1)]
        self.registers = (x, *rest)
        self.position = 0

    def run(
        self, stops: list[int], conditions: dict[str, Array]
    ) -> Iterator[tuple[int, bool]]:
        """Yields, after each chunk, its rows and whether a stop is there."""
        most = self._chunk_rows()
        for stop in stops:
            if stop == self.position:
                yield 0, True
            while self.position < stop:
                rows = min(most, stop - self.position)
                self._chunk(rows, most, conditions)
                yield rows, self.position == stop

    def x_t(self, position: int) -> Array:
        """Returns the point after so many rows, as the network sees it."""
        last = self.table.after[position - 1]
        sigma = last if position else self.table.sigmas[0]
        scaled = self.registers[0] / np.sqrt(1.0 + sigma**2)
        return np.asarray(scaled, self.dtype)

    def _chunk_rows(self) -> int:
        if not self.table.stochastic:
            return CHUNK_ROWS
        fit = CHUNK_NUMBERS // int(self.registers[0].size)
        return min(CHUNK_ROWS, max(1, fit))

    def _chunk(
        self, rows: int, most: int, conditions: dict[str, Array]
    ) -> None:
        part = slice(self.position, self.position + rows)
        inputs: dict[str, Any] = {
            name: _padded(values[part], most)
            for name, values in self.rows.items()
        }
        inputs["registers"] = self.registers
        inputs["count"] = np.array(rows, "int32")
        if self.table.stochastic:
            noisy = self.table.noisy[part]
            draws = np.maximum(np.cumsum(noisy) - 1, 0).astype("int32")
            inputs["draws"] = _padded(draws, most)
            inputs["noise"] = _padded(self._noise(int(noisy.sum())), most)
        answer = self.loop.predict_on_batch({**inputs, **conditions})
        self.registers = tuple(np.asarray(each) for each in answer)
        self.position += rows

    def _noise(self, rows: int) -> Array:
        """Draws `(rows, B, ...)`, each image from its own generator."""
        each = [
            generator.standard_normal((rows, *self.shape), "float32")
            for generator in self.generators
        ]
        return np.stack(each, axis=1).astype(self.dtype, copy=False)


def _padded(values: Array, length: int) -> Array:
    """Returns `values` with zeros behind: one shape, compiled once."""
    if len(values) == length:
        return values
    padded = np.zeros((length, *values.shape[1:]), values.dtype)
    padded[: len(values)] = values
    return padded
