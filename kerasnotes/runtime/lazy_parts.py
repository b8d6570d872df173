"""Parts of Keras that wait until somebody asks for them.

Nothing here uses its wrappers and galleries, yet with them every start would
import scikit-learn, SciPy's statistics and Matplotlib: a second of processor
time, of two and a half on JAX.
"""

import contextlib
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

# Names that a later Keras lacks are no mistake: nobody looks for them.
PARTS = frozenset(
    {
        "keras.visualization",
        "keras.wrappers",
        "keras._tf_keras.keras.visualization",
        "keras._tf_keras.keras.wrappers",
        "keras.src.visualization",
    }
)


@contextlib.contextmanager
def lazy_parts(names: frozenset[str] = PARTS) -> Iterator[None]:
    """Has modules that are imported meanwhile run when first looked into.

    Args:
        names: Of the modules, in full; others are imported as ever.
    """
    finder = _LazyFinder(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _LazyFinder:
    """A finder that finds what the others find, and puts its code off."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if fullname not in self.names:
            return None
        others = (f for f in sys.meta_path if f is not self)
        found = (f.find_spec(fullname, path, target) for f in others)
        spec = next((spec for spec in found if spec is not None), None)
        if spec is not None and spec.loader is not None:
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec
