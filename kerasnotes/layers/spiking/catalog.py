"""Every spiking neuron by name. The only list of its kind."""

from typing import Literal

from kerasnotes.layers.spiking.adaptive import Adaptive
from kerasnotes.layers.spiking.alpha import Alpha
from kerasnotes.layers.spiking.lif import LIF
from kerasnotes.layers.spiking.neuron import Neuron
from kerasnotes.layers.spiking.parallel import Parallel
from kerasnotes.layers.spiking.recurrent_lif import RecurrentLIF
from kerasnotes.layers.spiking.synaptic import Synaptic

NeuronName = Literal[
    "lif", "synaptic", "alpha", "adaptive", "recurrent", "parallel"
]
NEURONS: dict[NeuronName, type[Neuron]] = {
    "lif": LIF,
    "synaptic": Synaptic,
    "alpha": Alpha,
    "adaptive": Adaptive,
    "recurrent": RecurrentLIF,
    "parallel": Parallel,
}
