"""How many bits a diffusion model needs for an example: its bound.

    -log p(x) <= KL(q(x_T|x) || N(0, I))                          prior
               + sum_t KL(q(x_{t-1}|x_t, x) || p(x_{t-1}|x_t))    denoising
               - E log p(x | x_1)                                 decoder

with the means and the fixed variances of the ancestral sampler. The sum over
t is drawn, most often where its terms would be large if the data were
Gaussian; times of neighbouring examples share the range evenly. Pixels
that are whole numbers have the likelihood of their bin, `1/127.5` wide for
8-bit images, the outermost bins without end; other values a density.

Noise comes from NumPy and belongs to the example, `(seed, index)`.

Reference:
    Ho, Jain & Abbeel, 2020, eq. (5), (13). https://arxiv.org/abs/2006.11239

Departs from it:
    - The deviation of the last step, to the data, is fitted to the training
      part, one number: the process' own is right for a network that makes no
      error there. It is never below the process' own.
"""

from collections.abc import Callable

import keras
import numpy as np
from keras import ops
from scipy.special import log_ndtr

from kerasnotes.backends.jit import jit_compile
from kerasnotes.base.types import Tensor
from kerasnotes.contracts.report import Conditions
from kerasnotes.data.dataset import Array, Split
from kerasnotes.diffusion.forward_process import q_sample
from kerasnotes.diffusion.parameterization import coefficients
from kerasnotes.diffusion.process import Process
from kerasnotes.inference.predictor import Predictor

PASSES = 20
"""Times drawn for each example, at most."""
QUICK, MOST = 2_000, 20_000
"""Examples of a quick measurement; times drawn in all of a whole one."""
FITTED = 512
"""Training examples that the decoder's deviation is fitted to."""
BATCH = 256
TYPICAL = 0.25
"""Variance of scaled data, about; it decides which times are drawn."""


Read = Callable[[Split, Array], dict[str, Array]]
"""Examples of a split by number: `x_start`, scaled, and their conditions."""


class Reconstruction(keras.Model):
    """What a process takes for the data in noisy data; `(B, ...)`, scaled.

    Args:
        process: What is asked.

    Call arguments:
        inputs: `x_start`, scaled, `noise` and `t`, and the network's
            conditions.
    """

    def __init__(self, process: Process) -> None:
        super().__init__(name="denoised", dtype="float32")
        self.process, self.network = process, process.network
        self.jit_compile = jit_compile()
        self.built = True

    def call(self, inputs: dict[str, Tensor]) -> Tensor:
        conditions = dict(inputs)
        x_start, noise = conditions.pop("x_start"), conditions.pop("noise")
        t = ops.cast(conditions.pop("t"), "int32")
        schedule = self.process.schedule
        x_t = q_sample(schedule, x_start, t=t, noise=noise)
        prediction = self.process.predict(x_t, t, conditions)
        c = coefficients(schedule, t, x_start)
        return self.process.x_start(c, prediction, x_t)


class Bound:
    """The terms of the bound, in nats per example.

    Args:
        process: What is measured.
        read: Gives the examples.
        bin: Width of a bin, scaled; `None` for values that are not whole
            numbers.
        seed: Of noise and times.

    Attributes:
        deviation: Of the decoder, scaled.
    """

    def __init__(
        self,
        process: Process,
        read: Read,
        *,
        bin: float | None = None,
        seed: int = 0,
    ) -> None:
        self.read, self.bin, self.seed = read, bin, seed
        self.reconstruct = Predictor(Reconstruction(process))
        schedule = self.schedule = process.schedule
        self.deviation = float(np.sqrt(schedule.posterior_variance_clipped[0]))
        # Of the steps t = 1 .. T - 1; at t = 0 stands the decoder.
        true = schedule.posterior_variance[1:]
        large = process.variance == "fixed_large"
        ours = schedule.betas[1:] if large else true
        self.error_weight = schedule.posterior_x_start[1:] ** 2 / (2 * ours)
        self.fixed = 0.5 * (np.log(ours / true) + true / ours - 1.0)
        self.share = self._shares()

    def _shares(self) -> Array:
        """Returns how often each of t = 1 .. T - 1 is drawn."""
        ac = self.schedule.alphas_cumprod[1:]
        error = TYPICAL * (1 - ac) / (ac * TYPICAL + 1 - ac)
        term = self.error_weight * error + self.fixed
        # A part is drawn evenly: no term is ever divided by almost 0.
        shares: Array = 0.8 * term / term.sum() + 0.2 / len(term)
        return shares

    def measure(self, split: Split, conditions: Conditions) -> dict[str, float]:
        """Measures the bound on the examples of a split.

        Args:
            split: The examples.
            conditions: `quick` takes 2,000 examples and draws one time for
                each; otherwise it is all of them, and up to 20 times, 20,000
                in all. `train` is what the decoder's deviation is fitted to.

        Returns:
            Bits per dimension: `bits_per_dim`, and its parts `bits_prior`,
            `bits_denoising` and `bits_decoder`. For tables they are densities
            of standardized columns and may be negative.
        """
        if conditions.train is not None:
            self.fit(conditions.train)
        count = min(len(split), QUICK) if conditions.quick else len(split)
        passes = 1 if conditions.quick else max(1, min(PASSES, MOST // count))
        chosen = np.linspace(0, len(split) - 1, count).round().astype(int)
        parts: list[Array] = []
        for start in range(0, count, BATCH):
            where = chosen[start : start + BATCH]
            parts.append(self.terms(split, where, passes))
            if conditions.progress:
                conditions.progress("bound", start + len(where), count)
        nats = np.concatenate(parts, axis=1).mean(axis=1)
        bits = nats / np.size(split[0][0]) / np.log(2)
        return {
            "bits_per_dim": float(bits.sum()),
            "bits_prior": float(bits[0]),
            "bits_denoising": float(bits[1]),
            "bits_decoder": float(bits[2]),
        }

    def fit(self, train: Split) -> None:
        """Sets the deviation to the error of the last step on `train`."""
        where = np.arange(min(len(train), FITTED))
        inputs, rngs = self.read(train, where), self._generators(where)
        gap = self._ask(inputs, rngs, np.zeros(len(where))) - inputs["x_start"]
        error = float(np.sqrt(np.square(gap, dtype="float64").mean()))
        self.deviation = max(self.deviation, error)

    def terms(self, split: Split, where: Array, passes: int) -> Array:
        """Returns prior, denoising and decoder of examples, `(3, B)`.

        Args:
            split: The examples.
            where: Their numbers, `(B,)`.
            passes: Times drawn for each.
        """
        inputs, rngs = self.read(split, where), self._generators(where)
        x, ends = inputs["x_start"], np.cumsum(self.share)[:-1]
        middle = np.zeros(len(where))
        first = np.random.default_rng(self.seed).random()
        for number in range(passes):
            place = (where / len(split) + first + number / passes) % 1.0
            row = np.searchsorted(ends, place, side="right")
            gap = self._ask(inputs, rngs, row + 1) - x
            squared = _sum(np.square(gap, dtype="float64"))
            term = self.error_weight[row] * squared
            term += self.fixed[row] * x[0].size
            middle += term / self.share[row]
        answer = self._ask(inputs, rngs, np.zeros(len(where)))
        decoder = -_sum(log_likelihood(x, answer, self.deviation, self.bin))
        return np.stack([self._prior(x), middle / passes, decoder])

    def _prior(self, x: Array) -> Array:
        """Returns `KL(q(x_T|x) || N(0, I))`, `(B,)`."""
        ac = self.schedule.alphas_cumprod[-1]
        rest = -np.log1p(-ac) - ac
        return 0.5 * _sum(ac * np.square(x, dtype="float64") + rest)

    def _generators(self, where: Array) -> list[np.random.Generator]:
        return [np.random.default_rng([self.seed, int(i)]) for i in where]

    def _ask(
        self,
        inputs: dict[str, Array],
        rngs: list[np.random.Generator],
        t: Array,
    ) -> Array:
        """Returns the denoised data at times `t`, noise from `rngs`."""
        shape = inputs["x_start"].shape[1:]
        noise = [rng.standard_normal(shape, "float32") for rng in rngs]
        given = {"noise": np.stack(noise), "t": t.astype("int32")}
        answer: Array = self.reconstruct({**inputs, **given})
        return answer


def _sum(x: Array) -> Array:
    total: Array = x.reshape(len(x), -1).sum(axis=1)
    return total


def log_likelihood(
    x: Array, mean: Array, deviation: float, width: float | None
) -> Array:
    """Returns `log N(x; mean, deviation^2)`, nats, elementwise, float64.

    Args:
        x: Scaled values.
        mean: As many.
        deviation: Above 0.
        width: Of a bin, whose probability is taken then: values at -1 and
            1 stand for all beyond. `None`: the density.
    """
    gap = (np.asarray(x, "float64") - mean) / deviation
    if width is None:
        norm = np.log(deviation) + 0.5 * np.log(2 * np.pi)
        density: Array = -0.5 * np.square(gap) - norm
        return density
    half = 0.5 * width / deviation
    # By symmetry both ends lie at or left of 0, where log_ndtr is exact.
    side = np.where(gap > 0, -1.0, 1.0)
    upper, lower = side * gap + half, side * gap - half
    first, last = x <= -1 + 0.5 * width, x >= 1 - 0.5 * width
    open_left = np.where(side > 0, first, last)
    open_right = np.where(side > 0, last, first)
    top = np.where(open_right, 0.0, log_ndtr(upper))
    bottom = np.where(open_left, -np.inf, log_ndtr(lower))
    inside: Array = top + np.log1p(-np.exp(bottom - top))
    return inside
