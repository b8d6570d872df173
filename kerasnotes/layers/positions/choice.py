"""The ways of telling positions, by name."""

from typing import Any, Literal, get_args

from kerasnotes.layers.attention.multi_head import Relative
from kerasnotes.layers.positions.continuous import ContinuousPositions
from kerasnotes.layers.positions.learned import LearnedPositions
from kerasnotes.layers.positions.sinusoidal import Sinusoidal

Positions = Literal[
    "sinusoidal", "learned", "fourier", "rotary", "alibi", "none"
]


def added_positions(kind: Positions, length: int, name: str) -> Any:
    """Returns the layer that adds positions to tokens, or none.

    Args:
        kind: Which way.
        length: Tokens of the longest sequence.
        name: The layer's.
    """
    if kind == "sinusoidal":
        return Sinusoidal(name=name)
    if kind == "learned":
        return LearnedPositions(length, name=name)
    if kind == "fourier":
        return ContinuousPositions(length, name=name)
    return None


def relative_positions(kind: Positions) -> Relative:
    """Returns the way that attention itself knows positions, or `none`."""
    return kind if kind in get_args(Relative) else "none"  # type: ignore[return-value]
