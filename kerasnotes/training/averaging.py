"""Putting the averaged weights into a model, and taking them out again."""

from typing import Any

import keras

from kerasnotes.backends.keras_internals import moving_averages
from kerasnotes.training.optimizers.phase_optimizer import PhaseOptimizer
from kerasnotes.training.state import to_numpy


class AveragedWeights(keras.callbacks.Callback):
    """Validates with the optimizer's moving average of the weights.

    Keras' own `SwapEMAWeights` swaps through `convert_to_numpy`, which on
    the Torch backend is a view of the weight it then overwrites: the
    weights are lost. Here they are copied.
    """

    def swap(self) -> None:
        """Exchanges the weights and their averages."""
        optimizer = self.model.optimizer
        if isinstance(optimizer, PhaseOptimizer):
            averages = optimizer.averages()
        else:
            averages = moving_averages(optimizer)
        pairs = zip(self.model.trainable_variables, averages, strict=True)
        for weight, average in pairs:
            if average is None:
                # Of several optimizers, not every one averages.
                continue
            value = to_numpy(weight)
            weight.assign(to_numpy(average))
            average.assign(value)

    def on_test_begin(self, logs: Any = None) -> None:
        self.swap()

    def on_test_end(self, logs: Any = None) -> None:
        self.swap()
