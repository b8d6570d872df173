"""The learning rate as a function of the step.

Of a run of T steps with the peak `a`, after a linear warm-up from a / 100:

    constant     a
    cosine       half a cosine from a to a / 100
    exponential  a factor a step, from a to a / 100
    step         a, and a tenth of what it was from T / 2 and from 3 T / 4 on
    one-cycle    half a cosine from a / 25 to a in the first 0.3 T, then one
                 to a / 10,000; no warm-up besides
    cyclic       half a cosine from a to 0 in each of M cycles of T / M steps,
                 or as many whole epochs
    noam         up by equal steps to a, which is reached with the last step
                 of the warm-up, w; then a sqrt(w / n) at step n. The paper's
                 a is 1 / sqrt(d w), for tokens of d numbers

Reference:
    Loshchilov & Hutter, 2017, eq. (5). https://arxiv.org/abs/1608.03983
    He et al., 2016, section 4.2 (step). https://arxiv.org/abs/1512.03385
    Smith & Topin, 2018 (one cycle). https://arxiv.org/abs/1708.07120
    Vaswani et al., 2017, eq. (3) (noam). https://arxiv.org/abs/1706.03762
    Huang et al., 2017, eq. (2) (cyclic). https://arxiv.org/abs/1704.00109
"""

import math
from typing import Any

import keras
from keras import ops

from kerasnotes.base.config import TrainConfig
from kerasnotes.base.types import Tensor

LAST = 0.01
"""Of the peak, at the end, and at the start of a warm-up."""
DROPS = (0.5, 0.75)
"""Parts of the run at which `step` divides by ten."""
RISE, FIRST, FINAL = 0.3, 1 / 25, 1e-4
"""Of one cycle: the part that rises, and the rates at its ends."""


def make_schedule(train: TrainConfig, total_steps: int) -> Any:
    """Returns the learning rate as a function of the step, or one number.

    Args:
        train: Peak, warm-up and kind.
        total_steps: Steps of the whole run.
    """
    peak = train.learning_rate
    warmup = int(train.warmup * total_steps)
    if train.schedule == "cyclic":
        each = total_steps // train.epochs
        return Cycles(peak, [each * end for end in train.cycle_ends], warmup)
    if train.schedule not in ("constant", "cosine"):
        return Schedule(train.schedule, peak, total_steps, warmup)
    if train.schedule == "constant" and not warmup:
        return peak
    # CosineDecay keeps its last value; alpha = 1 keeps the peak instead.
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=LAST * peak if warmup else peak,
        decay_steps=max(1, total_steps - warmup),
        alpha=LAST if train.schedule == "cosine" else 1.0,
        warmup_target=peak if warmup else None,
        warmup_steps=warmup,
    )


class Schedule(keras.optimizers.schedules.LearningRateSchedule):
    """The schedules that Keras has not.

    Args:
        kind: `exponential`, `step`, `one-cycle` or `noam`.
        peak: The highest rate.
        total_steps: Steps of the whole run.
        warmup: Steps of a linear warm-up; not of one cycle.
    """

    def __init__(
        self, kind: str, peak: float, total_steps: int, warmup: int
    ) -> None:
        super().__init__()
        self.kind, self.peak = kind, peak
        self.total_steps, self.warmup = total_steps, warmup

    def __call__(self, step: Any) -> Tensor:
        step = ops.cast(step, "float32")
        shape = {
            "exponential": self._exponential,
            "step": self._step,
            "one-cycle": self._one_cycle,
            "noam": self._noam,
        }[self.kind]
        return self.peak * shape(step)

    def get_config(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "peak": self.peak,
            "total_steps": self.total_steps,
            "warmup": self.warmup,
        }

    def _exponential(self, step: Tensor) -> Tensor:
        rest = max(1, self.total_steps - self.warmup)
        part = ops.clip((step - self.warmup) / rest, 0.0, 1.0)
        return self._warmed(step, ops.exp(math.log(LAST) * part))

    def _step(self, step: Tensor) -> Tensor:
        rate = ops.ones_like(step)
        for part in DROPS:
            late = step >= math.ceil(part * self.total_steps)
            rate = rate * ops.where(late, 0.1, 1.0)
        return self._warmed(step, rate)

    def _warmed(self, step: Tensor, rate: Tensor) -> Tensor:
        if not self.warmup:
            return rate
        rising = LAST + (1 - LAST) * step / self.warmup
        return ops.where(step < self.warmup, rising, rate)

    def _noam(self, step: Tensor) -> Tensor:
        # The paper counts from 1.
        part = (step + 1.0) / max(1, self.warmup)
        return ops.minimum(ops.rsqrt(part), part)

    def _one_cycle(self, step: Tensor) -> Tensor:
        top = max(1.0, RISE * self.total_steps)
        rest = max(1.0, self.total_steps - top)
        up = _between(FIRST, 1.0, ops.clip(step / top, 0.0, 1.0))
        down = _between(1.0, FINAL, ops.clip((step - top) / rest, 0.0, 1.0))
        return ops.where(step < top, up, down)


class Cycles(keras.optimizers.schedules.LearningRateSchedule):
    """A rate that falls to zero and begins anew.

    Args:
        peak: The highest rate.
        ends: Steps done at the end of each cycle.
        warmup: Steps of a linear warm-up, in the first.
    """

    def __init__(self, peak: float, ends: list[int], warmup: int) -> None:
        super().__init__()
        self.peak, self.ends, self.warmup = peak, ends, warmup

    def __call__(self, step: Any) -> Tensor:
        step = ops.cast(step, "float32")
        starts = [0, *self.ends[:-1]]
        part = ops.zeros_like(step)
        for start, end in zip(starts, self.ends, strict=True):
            place = (step - start) / max(1, end - start)
            part = ops.where(step >= start, place, part)
        rate = _between(1.0, 0.0, ops.clip(part, 0.0, 1.0))
        if self.warmup:
            rising = LAST + (1 - LAST) * step / self.warmup
            rate = ops.minimum(rate, rising)
        return self.peak * rate

    def get_config(self) -> dict[str, Any]:
        return {"peak": self.peak, "ends": self.ends, "warmup": self.warmup}


def _between(first: float, last: float, part: Tensor) -> Tensor:
    """Returns a half cosine from `first`, at part 0, to `last`, at 1."""
    return last + (first - last) * 0.5 * (1.0 + ops.cos(math.pi * part))
