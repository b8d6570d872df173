"""What a layer of edges was given, and what its edges know of it."""

import dataclasses

from kerasnotes.base.types import Array
from kerasnotes.notes.kan.edges import Edges, silu


@dataclasses.dataclass
class Seen:
    """One layer's part of a pass through the network.

    Args:
        x: What it was given, `(N, D)`.
        first: The first basis that each input sees.
        values: Of that basis and the next k, `(N, D)` each.
        slopes: Theirs.
        bases: Values of all, `(N, G + k, D)`.
        smooth: SiLU of the inputs, `(N, D)`.
        sums: What it adds up for each unit, `(N, O)`.
    """

    x: Array
    first: Array
    values: list[Array]
    slopes: list[Array]
    bases: Array
    smooth: Array
    sums: Array

    @classmethod
    def of(cls, edges: Edges, x: Array) -> "Seen":
        """Returns what a layer knows of its inputs `(N, D)`."""
        first, values, slopes = edges.seen(x)
        bases = edges.bases(first, values)
        smooth = silu(x)
        sums = edges.summed(bases, smooth)
        return cls(x, first, values, slopes, bases, smooth, sums)
