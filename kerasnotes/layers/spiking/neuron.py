"""What all spiking neurons share: time, the threshold and the reset.

Time is folded into the batch, step by step: `(T B, ...)`, the rows of the
first step first. So layers that know no time, dense ones, convolutions and
poolings, do all steps at once, and only the membrane goes through them one by
one.
"""

import abc
from collections.abc import Sequence
from typing import Any, Literal

import keras
from keras import ops

from kerasnotes.base.types import Shape, Tensor
from kerasnotes.layers.spiking.surrogate import SLOPES, Surrogate, fire

Reset = Literal["subtract", "zero", "none"]
State = tuple[Tensor, ...]


def unfold(x: Tensor, steps: int) -> Tensor:
    """Returns `(T, B, ...)` of what is folded, `(T B, ...)`."""
    return ops.reshape(x, (steps, -1, *x.shape[1:]))


def fold(steps: Sequence[Tensor]) -> Tensor:
    """Returns `(T B, ...)` of T tensors `(B, ...)`."""
    return ops.concatenate(list(steps), axis=0)


class Neuron(keras.layers.Layer, abc.ABC):
    """Base of the neurons.

        spk_t = 1 if mem_t > threshold else 0

    and the membrane is reset one step later, as in snnTorch, or, without
    `delay`, at once. The reset has no gradient; without `delay` it has the
    spike's.

    Args:
        steps: T, how many.
        static: Whether the input is the same current at every step, `(B,
            ...)`, instead of T of them.
        gives: What is returned: spikes, or membranes.
        beta: Part of a membrane that is left after a step, 0 to 1.
        learn_beta: Whether `beta` is learned, one number for the layer.
        threshold: Membrane above which a neuron fires.
        reset: What a spike takes from the membrane: the threshold, all of
            it, or nothing.
        delay: Whether it does so a step later.
        surrogate: The slope of a spike.
        slope: How steep; by default `SLOPES`.
        name: The layer's name.

    Call arguments:
        x: Currents, tensor `(T B, ...)`, or `(B, ...)` if `static`.

    Returns:
        Tensor `(T B, ...)`.

    Reference:
        Eshraghian et al., 2023, Training spiking neural networks using
        lessons from deep learning. https://arxiv.org/abs/2109.12894
    """

    def __init__(
        self,
        steps: int,
        *,
        static: bool = False,
        gives: Literal["spikes", "membranes"] = "spikes",
        beta: float = 0.9,
        learn_beta: bool = False,
        threshold: float = 1.0,
        reset: Reset = "subtract",
        delay: bool = True,
        surrogate: Surrogate = "arctan",
        slope: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.steps, self.static, self.gives = int(steps), bool(static), gives
        self.first_beta, self.learn_beta = float(beta), bool(learn_beta)
        self.threshold = float(threshold)
        self.reset, self.delay = reset, bool(delay)
        self.surrogate, self.slope = surrogate, slope
        self._steepness = SLOPES[surrogate] if slope is None else float(slope)

    def build(self, input_shape: Shape) -> None:
        if self.learn_beta:
            start = keras.initializers.Constant(self.first_beta)
            self.learned_beta = self.add_weight((), start, name="beta")
        self.built = True

    @property
    def beta(self) -> Any:
        """What is left of a membrane after a step: a number, or a tensor."""
        if not self.learn_beta:
            return self.first_beta
        beta = ops.convert_to_tensor(self.learned_beta, self.compute_dtype)
        return ops.clip(beta, 0.0, 1.0)

    @abc.abstractmethod
    def rest(self, zeros: Tensor) -> State:
        """Returns the state before the first step, the membrane first.

        Args:
            zeros: Of a step's shape, `(B, ...)`.
        """

    @abc.abstractmethod
    def advance(
        self, current: Tensor, spk: Tensor, reset: Tensor, state: State
    ) -> State:
        """Returns the state after a step, the membrane first.

        Args:
            current: What comes in, `(B, ...)`.
            spk: The spikes of the step before.
            reset: The same without a gradient: where to reset.
            state: Of the step before.
        """

    def level(self, state: State) -> Any:
        """Returns the threshold that a state's membrane has to pass."""
        return self.threshold

    def decayed(self, reset: Tensor, state: State) -> Tensor:
        """Returns what is left of the membrane, after its reset."""
        mem, beta = state[0], self.beta
        if self.reset == "subtract":
            return beta * mem - reset * self.level(state)
        if self.reset == "zero":
            return beta * (mem - reset * mem)
        return beta * mem

    def run(self, currents: Sequence[Tensor]) -> tuple[list[Any], list[Any]]:
        """Returns spikes and membranes of every step.

        Args:
            currents: T tensors `(B, ...)`.
        """
        spk = ops.zeros_like(currents[0])
        state, all_spk, all_mem = self.rest(spk), [], []
        for current in currents:
            reset = ops.stop_gradient(spk)
            if not self.delay:
                # What is above even after its reset is reset again.
                reset = ops.stop_gradient(self._fire(state))
            state = self.advance(current, spk, reset, state)
            spk = self._fire(state)
            if not self.delay:
                state = self._reset_now(spk - reset, state)
            all_spk.append(spk)
            all_mem.append(state[0])
        return all_spk, all_mem

    def _fire(self, state: State) -> Tensor:
        v = state[0] - self.level(state)
        return fire(v, self.surrogate, self._steepness)

    def _reset_now(self, spk: Tensor, state: State) -> State:
        mem = state[0]
        if self.reset == "subtract":
            mem = mem - spk * self.level(state)
        elif self.reset == "zero":
            mem = mem - spk * mem
        return (mem, *state[1:])

    def currents(self, x: Tensor) -> list[Tensor]:
        """Returns the current of each step, `(B, ...)`."""
        if self.static:
            return [x] * self.steps
        found: list[Tensor] = ops.unstack(unfold(x, self.steps), self.steps)
        return found

    def call(self, x: Tensor) -> Tensor:
        spk, mem = self.run(self.currents(x))
        return fold(spk if self.gives == "spikes" else mem)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, *rest = input_shape
        if self.static and batch is not None:
            batch *= self.steps
        return (batch, *rest)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "steps": self.steps,
            "static": self.static,
            "gives": self.gives,
            "beta": self.first_beta,
            "learn_beta": self.learn_beta,
            "threshold": self.threshold,
            "reset": self.reset,
            "delay": self.delay,
            "surrogate": self.surrogate,
            "slope": self.slope,
        }
