"""What a spiking network does, where it is looked into."""

import dataclasses

from kerasnotes.base.types import Array


@dataclasses.dataclass(frozen=True)
class Work:
    """How much one answer takes, a mean over examples.

    Args:
        spikes: Of all neurons, over all steps.
        additions: Synaptic operations: weights added because of a spike.
        products: Multiply-adds of layers that are given numbers, not spikes.
        updates: Multiply-adds of membranes, one for each neuron and step.
        plain: Multiply-adds of the same layers, once, as a network without
            spikes would take.
    """

    spikes: float
    additions: float
    products: float
    updates: float
    plain: float


@dataclasses.dataclass(frozen=True)
class SpikeRecord:
    """What the neurons do for some examples.

    Args:
        spikes: Of each layer of neurons by name, `(T, B, ...)`, the output
            last.
        membranes: The same neurons', as their spikes.
        threshold: Above which they fire.
        so_far: What would be answered after each step, `(T, B, K)`, larger
            for what is likelier; or standardized values.
        counts: Spikes of each class' output neurons up to each step, `(T, B,
            K)`; of measured values none.
        work: What an answer takes.
    """

    spikes: dict[str, Array]
    membranes: dict[str, Array]
    threshold: float
    so_far: Array
    counts: Array
    work: Work
