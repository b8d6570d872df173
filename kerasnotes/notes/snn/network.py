"""The layers of the spiking networks, from currents or spikes to the answer.

Every layer of weights does all steps at once; see
`kerasnotes.layers.spiking.neuron`. What is the same at every step goes
through its layer once.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

from keras import initializers, layers

from kerasnotes.base.types import Tensor
from kerasnotes.layers.batch_norm import BatchNorm
from kerasnotes.layers.dropout import dropout
from kerasnotes.layers.spiking.catalog import NEURONS
from kerasnotes.layers.spiking.lif import LIF
from kerasnotes.layers.spiking.readout import OF_MEMBRANES, Readout
from kerasnotes.notes.snn.config import SNNConfig

STATIC = 0.04
"""Variance of the first currents, of standardized inputs that stay."""


@dataclasses.dataclass
class Builder:
    """Puts layers one upon another.

    Args:
        config: The sizes and variants.
        steps: T.
        static: Whether the next layer's input is the same at every step, and
            so time is not folded into the batch yet.
    """

    config: SNNConfig
    steps: int
    static: bool

    def hidden(self, x: Tensor) -> Tensor:
        """Returns the spikes of the last hidden layer, a row a step."""
        config = self.config
        if config.network == "conv":
            for number, filters in enumerate(config.filters, start=1):
                x = self._conv(x, filters, f"conv{number}")
        if len(x.shape) > 2:
            x = layers.Flatten(name="flatten")(x)
        for number, units in enumerate(config.widths, start=1):
            name = f"dense{number}"
            bias = config.normalization == "none"
            x = layers.Dense(
                units,
                use_bias=bias,
                kernel_initializer=self._start(),
                name=name,
            )(x)
            x = self._dropped(self._neurons(x, name), name)
        return x

    def _conv(self, x: Tensor, filters: int, name: str) -> Tensor:
        x = layers.Conv2D(
            filters,
            self.config.kernel_size,
            padding="same",
            use_bias=self.config.normalization == "none",
            kernel_initializer=self._start(),
            name=name,
        )(x)
        # Currents are pooled: fewer neurons, and once if they are static. Of
        # one pixel, one is left.
        padding = "same" if min(x.shape[1:3]) < 2 else "valid"
        x = layers.MaxPooling2D(2, padding=padding, name=f"{name}_pool")(x)
        return self._dropped(self._neurons(x, name), name)

    def _start(self) -> Any:
        """Returns what kernels start from: PyTorch's bounds, as snnTorch's.

        A current that is the same at every step adds up, and starts smaller.
        """
        scale = STATIC if self.static else 1 / 3
        return initializers.VarianceScaling(scale, "fan_in", "uniform")

    def _neurons(self, x: Tensor, name: str) -> Tensor:
        config = self.config
        if config.normalization == "batch":
            x = BatchNorm(momentum=0.9, epsilon=1e-5, name=f"{name}_norm")(x)
        given = self._settings(f"{name}_neurons")
        if config.neuron in ("synaptic", "alpha"):
            given["alpha"] = config.synapse
        if config.neuron == "parallel":
            given["reset"] = "none"
        x = NEURONS[config.neuron](self.steps, **given)(x)
        self.static = False
        return x

    def _settings(self, name: str) -> dict[str, Any]:
        config = self.config
        return {
            "static": self.static,
            "beta": config.beta,
            "learn_beta": config.learn_beta,
            "threshold": config.threshold,
            "reset": config.reset,
            "delay": config.delay,
            "surrogate": config.surrogate,
            "slope": config.slope,
            "name": name,
        }

    def _dropped(self, x: Tensor, name: str) -> Tensor:
        if not self.config.dropout:
            return x
        return dropout(self.config.dropout, f"{name}_dropout")(x)

    def end(self, measured: bool) -> Callable[..., Any]:
        """Returns what makes the output: see `kerasnotes.layers.answer`.

        Args:
            measured: Whether values are answered: then the output's neurons
                never fire, and all steps together are held to the truth.
        """

        def make(
            units: int, name: str, dtype: str | None
        ) -> Callable[..., Tensor]:
            config = self.config
            population = 1 if measured else config.population
            given = self._settings("output_neurons")
            if config.loss in OF_MEMBRANES:
                given["gives"] = "membranes"
            if measured:
                given |= {"reset": "none", "delay": True}
            chain = (
                layers.Dense(units * population, name=name, dtype=dtype),
                LIF(self.steps, dtype=dtype, **given),
                Readout(
                    self.steps,
                    units,
                    config.loss,
                    each_step=not measured,
                    name="readout",
                ),
            )

            def apply(x: Tensor) -> Tensor:
                for layer in chain:
                    x = layer(x)
                return x

            return apply

        return make
