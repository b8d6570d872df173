"""`.npz` files: `x` and `y`, `x_train` and `y_train`, and other names."""

import zipfile
import zlib
from pathlib import Path

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Array, Dataset
from kerasnotes.data.meaning import unlabelled
from kerasnotes.data.meaning.key_names import INPUTS
from kerasnotes.data.meaning.keys import (
    NO_LABELS,
    find_keys,
    find_lengths,
    has_none,
    tell,
)
from kerasnotes.data.memory import Parts, make_dataset
from kerasnotes.data.problems import Problems
from kerasnotes.data.restricted_pickle import load_objects
from kerasnotes.data.sequences import from_arrays
from kerasnotes.data.sequences.from_arrays import (
    are_sequences,
    cut,
    without_nan,
)

DAMAGE = (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error)
"""What NumPy lets out when a `.npz` file is damaged."""


def read(path: Path, config: DataConfig, problems: Problems) -> Dataset | None:
    """Reads a `.npz` file; no program that is pickled in it is ever run.

    Inputs that are arrays of arrays, or padded and have their lengths beside
    them, are sequences.

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
                part: _pair(archive, *pair, path) for part, pair in keys.items()
            }
            lengths = {
                part: _array(archive, key, path)
                for part, key in find_lengths(archive.files, keys).items()
            }
    except DAMAGE as error:
        raise _broken(path, str(error)) from None
    tell(keys, problems)
    if has_none(keys):
        target = unlabelled.target(config)
        return make_dataset(
            parts,
            config,
            problems,
            name=path.stem,
            target=target,
            strange=True,
        )
    parts = _as_sequences(parts, lengths, path.stem, problems)
    if all(are_sequences(x) for x, _ in parts.values()):
        return from_arrays.read(parts, config, problems, name=path.stem)
    return make_dataset(parts, config, problems, name=path.stem, strange=True)


def read_inputs(path: Path) -> Array:
    """Returns the inputs of a file that a model of sequences is asked about.

    They are called as in training, or are the only array; padded ones that
    have their lengths beside them are cut.

    Raises:
        DataError: If it is damaged, or names no inputs.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            keys = list(archive.files)
            named = (key for key in INPUTS if key in keys)
            key = next(named, keys[0] if len(keys) == 1 else None)
            if key is None:
                raise _broken(path, f"it names no inputs: {', '.join(keys)}")
            x = _inputs(archive, key, path)
            rows = find_lengths(keys, {"all": (key, "")}).get("all")
            return cut(x, _array(archive, rows, path), key) if rows else x
    except DAMAGE as error:
        raise _broken(path, str(error)) from None


def _as_sequences(
    parts: Parts, lengths: dict[str, Array], name: str, problems: Problems
) -> Parts:
    """Returns padded inputs as sequences, where lengths or NaN tell so."""
    if lengths and lengths.keys() == parts.keys():
        return {k: (cut(x, lengths[k], name), y) for k, (x, y) in parts.items()}
    bare = {part: without_nan(x) for part, (x, _) in parts.items()}
    if all(x is None for x in bare.values()):
        return parts
    problems.note("Rows of NaN are padding: the inputs are read as sequences.")
    rows = {k: np.full(len(x), x.shape[1]) for k, (x, _) in parts.items()}
    found = {}
    for part, (x, y) in parts.items():
        one = bare[part]
        found[part] = (cut(x, rows[part], name) if one is None else one, y)
    return found


def _pair(
    archive: np.lib.npyio.NpzFile, x_key: str, y_key: str, path: Path
) -> tuple[Array, Array]:
    x = _inputs(archive, x_key, path)
    if y_key == NO_LABELS:
        return x, unlabelled.labels(x, str(path))
    return x, _array(archive, y_key, path)


def _inputs(archive: np.lib.npyio.NpzFile, key: str, path: Path) -> Array:
    """Returns inputs; arrays of arrays are read without running anything."""
    try:
        return _array(archive, key, path)
    except DataError as error:
        if "pickled" not in error.message:
            raise
        try:
            found = load_objects(path, key)
        except DataError:
            raise error from None
        if not are_sequences(found):
            raise
        return found


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
