"""`.npz` files: `x` and `y`, or `x_train`, `y_train`, `x_test`, `y_test`."""

import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, did_you_mean
from kerasnotes.data.dataset import Array, Dataset
from kerasnotes.data.memory import Parts, make_dataset
from kerasnotes.data.problems import Problems

INPUTS = ("x", "X", "images", "data", "inputs")
TARGETS = ("y", "Y", "labels", "masks", "target", "targets")
DAMAGE = (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error)
"""What NumPy lets out when a `.npz` file is damaged."""
_PARTS = {
    "train": ("_train",),
    "validation": ("_validation", "_val"),
    "test": ("_test",),
}


def find_keys(
    keys: Collection[str], target: str | None, where: str
) -> dict[str, tuple[str, str]]:
    """Finds which keys hold inputs and labels.

    Returns:
        Input key and label key by part: `all`, or `train` and others.

    Raises:
        DataError: If there are no such keys.
    """
    targets = (target,) if target else TARGETS
    found: dict[str, tuple[str, str]] = {}
    for part, endings in {"all": ("",), **_PARTS}.items():
        x = _first(keys, [key + end for key in INPUTS for end in endings])
        y = _first(keys, [key + end for key in targets for end in endings])
        if x is not None and y is not None and x != y:
            found[part] = (x, y)
    if "all" in found:
        return {"all": found["all"]}
    if "train" in found:
        return found
    hint = "rename the arrays, or name the labels' key: --set data.target=KEY"
    if target and target not in keys:
        hint = did_you_mean(target, keys) if keys else hint
    raise DataError(
        f"{where} does not hold inputs and labels.",
        expected="keys x and y (or images and labels, images and masks, "
        "x_train and y_train)" + (f", labels in {target}" if target else ""),
        received="keys " + (", ".join(sorted(keys)[:20]) or "none"),
        hint=hint,
    )


def _first(keys: Collection[str], wanted: list[str]) -> str | None:
    return next((key for key in wanted if key in keys), None)


def read(path: Path, config: DataConfig, problems: Problems) -> Dataset | None:
    """Reads a `.npz` file; pickled objects in it are never loaded.

    Raises:
        DataError: If it is damaged, or its arrays are no data set.
    """
    try:
        if not zipfile.is_zipfile(path):
            # NumPy would take it for a pickle, and say so.
            raise _broken(path, "it is no zip archive")
        with open(path, "rb") as file:
            archive = np.load(file, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise _broken(path, "not a .npz archive")
            keys = find_keys(archive.files, config.target, str(path))
            parts: Parts = {
                part: (_array(archive, x, path), _array(archive, y, path))
                for part, (x, y) in keys.items()
            }
    except DAMAGE as error:
        raise _broken(path, str(error)) from None
    return make_dataset(parts, config, problems, name=path.stem)


def _array(archive: np.lib.npyio.NpzFile, key: str, path: Path) -> Array:
    try:
        array: Array = archive[key]
        return array
    except ValueError as error:
        if "allow_pickle" not in str(error):
            raise
        raise DataError(
            f"{path} holds pickled Python objects, which are not loaded: "
            "they could run any program.",
            expected="plain arrays of numbers or text",
            received=f"key {key} with dtype object",
            hint="save it again from arrays of one shape and type",
        ) from None
    except MemoryError:
        raise _broken(path, f"key {key} claims more than the memory") from None


def _broken(path: Path, reason: str) -> DataError:
    return DataError(
        f"{path} cannot be read as .npz: {reason.rstrip('.')}.",
        expected="a file written by numpy.savez",
        received=str(path),
    )
