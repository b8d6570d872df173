"""Drawing from a served generator, one network call a step.

`kn sample` compiles the whole chain. A server must let other requests take
their turn, so here the chain is a loop in NumPy, and each of its rows is a
request of its own, batched and queued as any other. Seeds mean what they
mean to `kn sample`: picture `i` has a generator of its own, seeded by
`(seed, i)`, that draws its first noise and then that of each noisy row.

Imports no framework.
"""

import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import numpy as np

from kerasnotes.diffusion.samplers.table import Table
from kerasnotes.diffusion.sigmas import time_of_sigma
from kerasnotes.serving.drawing.generator import ServedGenerator
from kerasnotes.serving.drawing.sampling_plan import SamplingPlan
from kerasnotes.serving.engine.offload import offload
from kerasnotes.serving.engine.signature import DEFAULT, Tensors

Array = np.ndarray[Any, Any]

TOGETHER = 64
"""Most pictures of one network call."""
NUMBERS = 2**14
"""Most values of one network call: others wait while it runs."""


@dataclasses.dataclass(frozen=True)
class State:
    """How far drawing has come.

    Args:
        done: Network calls of each picture that are done.
        total: Network calls of each picture.
        values: Array `(N, ...)` in raw units, where a picture was asked for;
            always at the end.
    """

    done: int
    total: int
    values: Array | None = None


async def draw(
    core: Any, generator: ServedGenerator, plan: SamplingPlan, frames: int = 0
) -> AsyncIterator[State]:
    """Draws examples, and tells how far it is.

    Args:
        core: The server, whose `predict` is asked.
        generator: What draws.
        plan: What to draw, and how.
        frames: Pictures of the trajectory, evenly over the steps; 0 for the
            last one only.

    Yields:
        The state after every network call; the last holds the examples.

    Raises:
        ServingError: If a network call is refused.
    """

    async def ask(signature: str, tensors: Tensors) -> Array:
        return await _ask(core, generator, signature, tensors)

    if plan.table is None:
        noise = _Noise(plan.seed, plan.count, generator.noise_shape).draw()
        inputs = generator.latent_inputs(noise, plan.labels)
        values = await ask(DEFAULT, inputs)
        yield State(1, 1, generator.clip(values))
        return
    chain = _Chain(generator, plan, plan.table)
    stops = _stops(plan.table, frames)
    if frames:
        yield State(0, chain.rows, generator.to_raw(chain.x_t()))
    for row in range(chain.rows):
        answer = await ask("denoise", chain.inputs(row))
        await offload(answer.nbytes, chain.advance, row, answer)
        is_stop = row + 1 in stops
        picture = generator.to_raw(chain.x_t()) if is_stop else None
        yield State(row + 1, chain.rows, picture)


async def _ask(
    core: Any, generator: ServedGenerator, signature: str, tensors: Tensors
) -> Array:
    """Asks about all examples, a part at a time; returns the only output."""
    count = len(next(iter(tensors.values())))
    part = min(count, _together(generator.spec_size), core.limits.max_rows)
    answers = []
    for first in range(0, count, part):
        some = {k: v[first : first + part] for k, v in tensors.items()}
        answer = await core.predict(generator.servable, signature, some)
        answers.append(next(iter(answer.values())))
    return np.concatenate(answers) if len(answers) > 1 else answers[0]


def _together(size: int) -> int:
    return min(TOGETHER, max(1, NUMBERS // size))


def _stops(table: Table, frames: int) -> frozenset[int]:
    """Returns after how many rows a picture is shown, the last included."""
    ends = table.step_rows
    steps = np.round(np.linspace(0, len(ends), max(2, frames))).astype(int)
    return frozenset(int(ends[step - 1]) for step in steps[1:] if step)


class _Noise:
    """Standard normal noise, each example's from its own generator."""

    def __init__(self, seed: int, count: int, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self.each = [np.random.default_rng([seed, i]) for i in range(count)]

    def draw(self) -> Array:
        """Returns the next noise, `(N, ...)`, float32."""
        draws = [
            rng.standard_normal(self.shape, "float32") for rng in self.each
        ]
        return np.stack(draws)


class _Chain:
    """The registers of a sampler, and where it is in its table.

    Reference:
        `diffusion/sampling_loop.py`, whose numbers these are.
    """

    def __init__(
        self, generator: ServedGenerator, plan: SamplingPlan, table: Table
    ) -> None:
        self.generator, self.plan, self.table = generator, plan, table
        self.weights = table.weights.astype("float32")
        self.times = time_of_sigma(generator.schedule, table.sigmas)
        self.noise = _Noise(plan.seed, plan.count, generator.shape)
        self.sigma = float(table.sigmas[0])
        x = self.noise.draw() * np.float32(np.sqrt(1.0 + self.sigma**2))
        rest = [np.zeros_like(x) for _ in range(table.registers - 1)]
        self.registers = np.stack([x, *rest])

    @property
    def rows(self) -> int:
        return self.table.evaluations

    def inputs(self, row: int) -> Tensors:
        """Returns what the network is asked at a row of the table."""
        count = self.plan.count
        return {
            "x": self.registers[0],
            "sigma": np.full(count, self.table.sigmas[row], "float32"),
            "time": np.full(count, self.times[row], "float32"),
            **self.generator.conditions(
                count, self.plan.labels, self.plan.guidance
            ),
        }

    def advance(self, row: int, denoised: Array) -> None:
        """Sums the new registers from the old ones and the answer."""
        terms = [self.registers, denoised[None]]
        if self.table.noisy[row]:
            terms.append(self.noise.draw()[None])
        stacked = np.concatenate(terms)
        weights = self.weights[row][:, : len(stacked)]
        self.registers = np.tensordot(weights, stacked, axes=1)
        self.sigma = float(self.table.after[row])

    def x_t(self) -> Array:
        """Returns the point as the network sees it, `(N, ...)`."""
        return np.asarray(
            self.registers[0] / np.float32(np.sqrt(1.0 + self.sigma**2))
        )
