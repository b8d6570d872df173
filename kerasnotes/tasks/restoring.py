"""Files that a generator mends: rebuilt, filled in, made sharper."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasnotes.data.dataset import Array
from kerasnotes.data.spec import Spec
from kerasnotes.tasks.base import Prediction
from kerasnotes.tasks.inputs import check_images, read_examples
from kerasnotes.tasks.sample_grid import to_bytes
from kerasnotes.types import Progress

Restore = Callable[[Array, int], Array]
"""From raw `(B, ...)` and a seed to the same shape."""


def encodes(model: Any) -> bool:
    """Returns whether a generator also finds the latents of examples."""
    return hasattr(model, "encode") and hasattr(model, "decode")


def find_restore(model: Any) -> Restore | None:
    """Returns what the model does with examples, or `None` if nothing.

    It fills in or sharpens (`restore`); or it encodes them, and decodes the
    mean of the code.
    """
    if hasattr(model, "restore"):
        found: Restore = model.restore
        return found
    if not encodes(model):
        return None

    def reconstruct(values: Array, seed: int) -> Array:
        rebuilt: Array = model.decode(model.encode(values, seed)["mean"])
        return rebuilt

    return reconstruct


def restore_files(
    restore: Restore,
    paths: Sequence[Path],
    spec: Spec,
    batch_size: int,
    progress: Progress | None = None,
) -> list[Prediction]:
    """Returns what the model makes of files.

    Args:
        restore: What the model does with them.
        paths: Images, or tables of rows.
        spec: What the model was trained on.
        batch_size: Examples at once.
        progress: Told how many files are done.

    Returns:
        For an image the picture `restored`; for a row its new values. Both
        with `change`, the root mean square difference in raw units.

    Raises:
        DataError: If a file cannot be read as an input.
    """
    if spec.input == "image":
        check_images(paths, spec)
    found: list[Prediction] = []
    for done, path in enumerate(paths, start=1):
        examples = np.asarray(read_examples(path, spec), "float32")
        for start in range(0, len(examples), batch_size):
            before = examples[start : start + batch_size]
            after = np.asarray(restore(before, 0), "float32")
            found += [
                _answer(path, start + i, pair, spec, len(examples) > 1)
                for i, pair in enumerate(zip(before, after, strict=True))
            ]
        if progress:
            progress("restoring", done, len(paths))
    return found


def _answer(
    path: Path,
    number: int,
    pair: tuple[Array, Array],
    spec: Spec,
    numbered: bool,
) -> Prediction:
    before, after = pair
    row: dict[str, Any] = {"file": str(path)}
    if numbered:
        row["row"] = number + 1
    row["change"] = float(np.sqrt(np.mean(np.square(after - before))))
    if spec.input == "image":
        return Prediction(path, row, {"restored": to_bytes(after, spec.limits)})
    row |= {n: float(v) for n, v in zip(spec.features, after, strict=True)}
    return Prediction(path, row)
