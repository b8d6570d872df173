"""Aliases that Keras, which ships no types, leaves to its users."""

from collections.abc import Callable
from typing import Any

import numpy as np

Tensor = Any
Array = np.ndarray[Any, Any]
Shape = tuple[int | None, ...]
Progress = Callable[[str, int, int], None]
"""Called as `progress(what, done, total)` while something long runs."""
