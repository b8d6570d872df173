"""Files that a generator mends: rebuilt, filled in, made sharper."""

import dataclasses
import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasnotes.base.errors import DataError
from kerasnotes.base.types import Array, Progress
from kerasnotes.contracts.answering import Answering
from kerasnotes.contracts.capabilities import Encodes, Restores
from kerasnotes.contracts.report import Prediction
from kerasnotes.data.readers.image.image_info import probe
from kerasnotes.data.spec import Spec
from kerasnotes.figures.sample_grid import tile, to_bytes
from kerasnotes.tasks.array_files import SUFFIXES as ARRAYS
from kerasnotes.tasks.image_check import check_images
from kerasnotes.tasks.inputs import Held, Input, read_examples

Restore = Callable[[Array, int], Array]
"""From raw `(B, ...)` and a seed to whole examples, `(B, ...)`."""


@dataclasses.dataclass(frozen=True)
class Restorer:
    """What a model does with examples.

    Args:
        restore: The doing.
        takes: What it takes; a smaller image than it returns, maybe.
        gaps: Whether missing pixels, `nan`, are what it fills in.
    """

    restore: Restore
    takes: Spec
    gaps: bool = False


def find_restorer(model: Answering, spec: Spec) -> Restorer | None:
    """Returns what the model does with examples, or `None` if nothing.

    It fills in or sharpens (`Restores`); or it encodes them, and decodes
    the mean of the code (`Encodes`).

    Args:
        model: The generator.
        spec: What the model was trained on.

    Raises:
        UsageError: If it could restore, but was not trained to.
    """
    if isinstance(model, Restores):
        return Restorer(model.restore, model.damaged_spec(), model.fills_gaps)
    if isinstance(model, Encodes):
        return Restorer(functools.partial(_reconstruct, model), spec)
    return None


def _reconstruct(model: Encodes, values: Array, seed: int) -> Array:
    return model.decode(model.encode(values, seed)["mean"])


def restore_files(
    restorer: Restorer,
    paths: Sequence[Input],
    spec: Spec,
    batch_size: int,
    progress: Progress | None = None,
) -> list[Prediction]:
    """Returns what the model makes of files.

    Args:
        restorer: What the model does with them.
        paths: Images, or tables of rows.
        spec: What the model was trained on.
        batch_size: Examples at once.
        progress: Told how many files are done.

    Returns:
        For an image the picture `restored`; for a row its new values. Both
        with `change`, the root mean square difference in raw units; images
        that were filled in with `filled`, the part of the pixels, and
        enlarged ones with `enlarged`, how many times, and both with a
        picture `compared` of before and after.

    Raises:
        DataError: If a file cannot be read as an input.
    """
    if spec.input.kind == "image":
        check_images(paths, spec)
    small = restorer.takes.input.shape != spec.input.shape
    for path in paths:
        if not small or isinstance(path, Held):
            continue
        if path.suffix.lower() not in ARRAYS:
            _check_size(path, restorer.takes)
    predictions: list[Prediction] = []
    for done, path in enumerate(paths, start=1):
        examples = _read(path, restorer)
        for start in range(0, len(examples), batch_size):
            before = examples[start : start + batch_size]
            after = np.asarray(restorer.restore(before, 0), "float32")
            for i, pair in enumerate(zip(before, after, strict=True)):
                row: dict[str, Any] = {"file": str(path)}
                if len(examples) > 1:
                    row["row"] = start + i + 1
                predictions.append(_answer(path, row, pair, restorer, spec))
        if progress:
            progress("restoring", done, len(paths))
    return predictions


def _read(path: Input, restorer: Restorer) -> Array:
    """Reads the examples of a file, `(N, ...)`, float32."""
    spec = restorer.takes
    examples = read_examples(path, spec, gaps=restorer.gaps)
    values = np.asarray(examples, "float32")
    low, high = spec.input.limits
    beyond = (values < low) | (values > high)
    if (
        spec.input.kind == "image"
        and spec.input.dtype != "float32"
        and beyond.any()
    ):
        raise DataError(
            f"{path} has pixels that the training images cannot have.",
            expected=f"{low:g} to {high:g}",
            received=f"{np.nanmin(values):g} to {np.nanmax(values):g}",
            hint="scale the pixels as in the training images",
        )
    if restorer.gaps and not np.isnan(values).any():
        raise DataError(
            f"Nothing is missing in {path}.",
            expected="an image with transparent pixels, or an .npz with nan",
            hint="erase what is to be filled in, and save it as PNG",
        )
    return values


def _check_size(path: Path, takes: Spec) -> None:
    height, width = takes.input.shape[:2]
    size = probe(path).size
    if size != (height, width):
        raise DataError(
            f"{path} is not of the size that this model enlarges.",
            expected=f"{height} x {width} pixels",
            received=f"{size[0]} x {size[1]} pixels",
            hint="shrink it by averaging blocks of pixels",
        )


def _answer(
    path: Input,
    row: dict[str, Any],
    pair: tuple[Array, Array],
    restorer: Restorer,
    spec: Spec,
) -> Prediction:
    before, after = pair
    factor = len(after) // len(before)
    if restorer.gaps:
        row["filled"] = float(np.isnan(before).any(axis=-1).mean())
    elif factor > 1:
        row["enlarged"] = factor
    else:
        row["change"] = float(np.sqrt(np.mean(np.square(after - before))))
    if spec.input.kind != "image":
        row |= {
            n: float(v) for n, v in zip(spec.input.names, after, strict=True)
        }
        return Prediction(path, row)
    images = {"restored": to_bytes(after, spec.input.limits)}
    if "change" not in row:
        damaged = show_damaged(before, spec, factor)
        images["compared"] = tile(np.stack([damaged, images["restored"]]), 2)
    return Prediction(path, row, images)


def show_damaged(image: Array, spec: Spec, factor: int = 1) -> Array:
    """Returns an 8-bit picture of an image with gaps, or of a small one.

    Args:
        image: `(H, W, C)`, raw; where `nan`, a chessboard is shown.
        spec: What the model was trained on.
        factor: How many times it is enlarged, by repeating pixels.
    """
    image = image.repeat(factor, axis=0).repeat(factor, axis=1)
    picture = to_bytes(image, spec.input.limits)
    board = 96 + 64 * (np.indices(picture.shape[:2]).sum(axis=0) % 2)
    missing = np.isnan(image).any(axis=-1)
    picture[missing] = board[missing].reshape(-1, *(1,) * (picture.ndim - 2))
    return picture
