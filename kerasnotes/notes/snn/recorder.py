"""Looking into a spiking network: what its neurons do, and what that takes."""

from typing import Any, cast

import keras
import numpy as np
from keras import layers, ops

from kerasnotes.base.types import Array
from kerasnotes.contracts.spike_record import SpikeRecord, Work
from kerasnotes.layers.spiking.neuron import Neuron
from kerasnotes.layers.spiking.readout import (
    OF_MEMBRANES,
    Readout,
    by_class,
    so_far,
)
from kerasnotes.layers.spiking.recurrent_lif import RecurrentLIF
from kerasnotes.notes.snn.operations import fan_out

SUFFIX = "_neurons"
"""Of the names of layers of neurons."""


class Recorder:
    """Asks a network for what goes into its layers.

    Args:
        model: The note's network.
        codes: Whether its input is told in spikes.

    Call arguments:
        x: Array `(B, ...)` of raw inputs.
    """

    def __init__(self, model: Any, codes: bool) -> None:
        of_kind = {
            kind: [each for each in model.layers if isinstance(each, kind)]
            for kind in (Neuron, layers.Dense, layers.Conv2D, Readout)
        }
        self.neurons: list[Neuron] = of_kind[Neuron]
        self.weights = [*of_kind[layers.Conv2D], *of_kind[layers.Dense]]
        (self.readout,) = of_kind[Readout]
        self.codes = codes
        asked = [each.input for each in (*self.neurons, *self.weights)]
        self._inside = keras.Model(model.inputs[0], asked)

    def __call__(self, x: Array) -> SpikeRecord:
        given = self._inside.predict_on_batch(np.asarray(x, "float32"))
        given = [np.asarray(each, "float32") for each in given]
        currents = given[: len(self.neurons)]
        inputs = given[len(self.neurons) :]
        spikes, membranes = {}, {}
        for layer, current in zip(self.neurons, currents, strict=True):
            name = layer.name.removesuffix(SUFFIX)
            spikes[name], membranes[name] = _run(layer, current)
        output = self.neurons[-1].name.removesuffix(SUFFIX)
        return SpikeRecord(
            spikes,
            membranes,
            self.neurons[-1].threshold,
            self._read(spikes[output], membranes[output]),
            self._counts(spikes[output]),
            self._work(inputs, spikes, len(x)),
        )

    def _read(self, spk: Array, mem: Array) -> Array:
        reading = self.readout.reading
        values = mem if reading in OF_MEMBRANES else spk
        found = so_far(values, reading)
        return _numpy(by_class(found, self.readout.units, reading))

    def _counts(self, spk: Array) -> Array:
        found = np.cumsum(spk, axis=0)
        return _numpy(by_class(found, self.readout.units, "count"))

    def _work(
        self, inputs: list[Array], spikes: dict[str, Array], count: int
    ) -> Work:
        steps = self.readout.steps
        additions = products = plain = 0.0
        for number, (layer, x) in enumerate(
            zip(self.weights, inputs, strict=True)
        ):
            fan = fan_out(layer, x.shape[1:])
            plain += fan.sum()
            if number or self.codes:
                additions += float((np.count_nonzero(x, 0) * fan).sum())
            else:
                products += len(x) * fan.sum()
        for layer in self.neurons:
            if isinstance(layer, RecurrentLIF):
                spk = spikes[layer.name.removesuffix(SUFFIX)]
                additions += float(spk[:-1].sum()) * spk.shape[-1]
        neurons = sum(spk[0, 0].size for spk in spikes.values())
        return Work(
            spikes=sum(float(spk.sum()) for spk in spikes.values()) / count,
            additions=additions / count,
            products=products / count,
            updates=float(steps * neurons),
            plain=float(plain),
        )


def _run(layer: Neuron, current: Array) -> tuple[Array, Array]:
    """Returns spikes and membranes `(T, B, ...)`."""
    steps = layer.currents(ops.convert_to_tensor(current))
    spk, mem = layer.run(steps)
    return _stacked(spk), _stacked(mem)


def _stacked(found: Any) -> Array:
    return np.stack([_numpy(each) for each in found])


def _numpy(tensor: Any) -> Array:
    return cast(Array, np.asarray(ops.convert_to_numpy(tensor), "float32"))
