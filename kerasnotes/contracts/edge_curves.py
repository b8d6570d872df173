"""What the edges of a network say, where they are functions."""

import dataclasses

from kerasnotes.base.types import Array


@dataclasses.dataclass(frozen=True)
class EdgeCurves:
    """What the edges of one layer say.

    A layer's units may be more than what the next is given: the last ones are
    then multiplied by pairs.

    Args:
        x: Points, `(P, D)`: of each input over its grid.
        y: What each edge says there, `(P, D, O)`.
        strength: Deviation of what it says of the data, `(D, O)`.
    """

    x: Array
    y: Array
    strength: Array
