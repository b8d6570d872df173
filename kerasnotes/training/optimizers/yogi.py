"""Yogi: Adam whose second moment moves by bounded steps."""

from typing import Any

import keras
from keras import ops

from kerasnotes.backends.keras_internals import adam_slots

START = 1e-6
"""Of the second moment."""


class Yogi(keras.optimizers.Adam):
    """Adam, with a second moment that grows no faster than it shrinks.

        v_t = v_{t-1} - (1 - beta_2) sign(v_{t-1} - g_t^2) g_t^2

    Reference:
        Zaheer et al., 2018, algorithm 2.
        https://papers.nips.cc/paper/8186

    Departs from it: moments are corrected for their start, as Adam's are.
    """

    def build(self, variables: list[Any]) -> None:
        if not self.built:
            super().build(variables)
            for variable in variables:
                _, velocity = adam_slots(self, variable)
                velocity.assign(ops.full(velocity.shape, START))

    def update_step(
        self, gradient: Any, variable: Any, learning_rate: Any
    ) -> None:
        momentum, velocity = adam_slots(self, variable)
        dtype = variable.dtype
        g, rate = ops.cast(gradient, dtype), ops.cast(learning_rate, dtype)
        step = ops.cast(self.iterations + 1, dtype)
        first = 1 - ops.power(ops.cast(self.beta_1, dtype), step)
        second = 1 - ops.power(ops.cast(self.beta_2, dtype), step)
        square = ops.square(g)
        self.assign_add(momentum, (g - momentum) * (1 - self.beta_1))
        self.assign_sub(
            velocity, (1 - self.beta_2) * ops.sign(velocity - square) * square
        )
        rate = rate * ops.sqrt(second) / first
        self.assign_sub(
            variable, rate * momentum / (ops.sqrt(velocity) + self.epsilon)
        )
