"""Every data source by name or by suffix, and how it is found."""

import dataclasses
import functools
import os
from collections.abc import Callable
from pathlib import Path

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, UsageError, did_you_mean
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.held.arrays import InMemory, check_at_hand
from kerasnotes.data.language.language_making import make_language
from kerasnotes.data.meaning.categories import keep_shown
from kerasnotes.data.meaning.doubts import tell_doubts
from kerasnotes.data.meaning.pixel_columns import tell_pictures
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers import folder, npy, npz, pair_files, ts_file
from kerasnotes.data.readers.tables import table
from kerasnotes.data.resampling import resample, whole
from kerasnotes.data.sequences.making import (
    check_meant as check_sequences_meant,
)
from kerasnotes.data.series import pictures
from kerasnotes.data.series.making import check_meant
from kerasnotes.data.sets import (
    dates,
    digit_scenes,
    digits,
    formula,
    frf_chain,
    keras_sets,
    mackey_glass,
    noisy_sine,
    ring,
    sklearn_sets,
    spring_intervals,
    truss_loads,
)
from kerasnotes.data.sets.source_options import base_name, check_options
from kerasnotes.data.shared_examples import tell_shared
from kerasnotes.data.splitting import check_parts
from kerasnotes.data.text.making import check_meant as check_texts_meant
from kerasnotes.data.text.making import learn

OF_TRAINING = (
    "single class",
    "constant target",
    "too few",
    "no training part",
    "unknown column",
)
"""Problems that nothing is to data that are only measured."""
Named = Callable[[DataConfig, Problems], Dataset | None]
Reader = Callable[[Path, DataConfig, Problems], Dataset | None]


def _read_hdf5(
    path: Path, config: DataConfig, problems: Problems
) -> Dataset | None:
    # Its library takes as long to import as a small table to read.
    from kerasnotes.data.readers import hdf5

    return hdf5.read(path, config, problems)


NAMED: dict[str, Named] = {
    "dates": dates.load,
    "digits": digits.load,
    "digit-scenes": digit_scenes.load,
    "formula": formula.load,
    "frf-chain": frf_chain.load,
    "mackey-glass": mackey_glass.load,
    "noisy-sine": noisy_sine.load,
    "ring": ring.load,
    "spring-chain": spring_intervals.load,
    "truss-loads": truss_loads.load,
    **{name: known.load for name, known in sklearn_sets.SETS.items()},
    **{name: known.load for name, known in keras_sets.SETS.items()},
}
READERS: dict[str, Reader] = {
    ".npz": npz.read,
    ".npy": npy.read,
    ".csv": table.read,
    ".tsv": table.read,
    ".data": table.read,
    ".parquet": table.read,
    ".jsonl": table.read,
    ".ndjson": table.read,
    ".h5": _read_hdf5,
    ".hdf5": _read_hdf5,
    ".ts": ts_file.read,
    ".txt": make_language,
    ".md": make_language,
}


def load(
    config: DataConfig,
    arrays: InMemory | None = None,
    *,
    measured: bool = False,
) -> Dataset:
    """Loads the data set that `config.source` names, or that is in memory.

    Args:
        config: `source` is a name in `NAMED`, with `-` or `_`, or the path
            of a folder or of a file with a suffix in `READERS`.
        arrays: Examples in memory, in place of the source.
        measured: Whether they are only to be measured: a few examples will
            do then, even of one class.

    Raises:
        UsageError: If the name is unknown.
        DataError: If the data are missing or cannot be trained on.
    """
    problems = Problems(OF_TRAINING if measured else ())
    plain = whole(config)
    if arrays is not None:
        data = arrays.read(plain, problems)
        if data is not None:
            tell_doubts(data.spec, plain, problems, in_folder=False)
    else:
        data = read(plain, problems)
    problems.raise_any(config)
    if data is None:
        raise DataError(f"There is no example in {config.source}.")
    if not measured:
        data = learn(keep_shown(data), config, problems)
    # After that: what one fold does not show, others do.
    data = resample(data, config, problems)
    problems.raise_any(config)
    if not measured and (arrays is not None or not find_name(config.source)):
        tell_shared(data, problems)
    remarks = (*data.remarks, *problems.notes)
    return dataclasses.replace(
        data, remarks=remarks, has_test="test" in problems.given
    )


def read(config: DataConfig, problems: Problems) -> Dataset | None:
    """Reads a source as far as it can be read.

    Args:
        config: As for `load`.
        problems: Collects what would stop training.

    Returns:
        What can be used; `None` if nothing can.

    Raises:
        UsageError: If the name is unknown.
        DataError: If there is nothing to read at all.
    """
    data = find(config)(config, problems)
    if data is None:
        return None
    if find_name(config.source) is None:
        folder_there = Path(config.source).expanduser().is_dir()
        tell_doubts(data.spec, config, problems, in_folder=folder_there)
        tell_pictures(data, problems)
    check_meant(config, data.spec)
    check_texts_meant(config, data.spec)
    check_sequences_meant(config, data.spec)
    return pictures.read_as(data, config.read_as or "images")


def find(config: DataConfig) -> Named:
    """Returns what reads a source, without reading it.

    Raises:
        UsageError: If the name is unknown.
        DataError: If there is nothing to read at all.
    """
    _check(config)
    known = find_name(config.source)
    if known is not None:
        return NAMED[known]
    path = Path(config.source).expanduser()
    if path.is_dir():
        return functools.partial(folder.read, path)
    if not path.is_file():
        raise _missing(config.source, path)
    reader = READERS.get(path.suffix.lower())
    if reader is None and (found := pair_files.beside(path)):
        return functools.partial(pair_files.read, path, found)
    if reader is None:
        raise DataError(
            f"{path} is no data set that `kn` can read.",
            expected="a folder, or a file ending in " + ", ".join(READERS),
            received=path.name,
        )
    if not os.access(path, os.R_OK):
        raise DataError(f"{path} cannot be read.", hint="its permissions")
    return functools.partial(reader, path)


def _check(config: DataConfig) -> None:
    if not config.source.strip():
        raise UsageError(
            "The data source has no name.",
            expected="a name, or the path of a folder or file",
            received=repr(config.source),
        )
    check_parts(config)
    check_at_hand(config.source)


def find_name(source: str) -> str | None:
    """Returns the known name that a source means, if any.

    Raises:
        UsageError: If it is a set of measurements, not of classes, or has
            options that the set does not know.
    """
    alike = {name.replace("_", "-"): name for name in NAMED}
    name = base_name(source).replace("_", "-")
    if name in keras_sets.REGRESSION:
        raise UsageError(
            f"{source} is a regression: its targets are prices, not classes.",
            expected="one of " + ", ".join(NAMED),
            received=source,
        )
    if name in alike:
        check_options(source, name)
    return alike.get(name)


def needs_keras(source: str) -> bool:
    """Returns whether a source must be downloaded, which Keras does."""
    known = keras_sets.SETS.get(find_name(source) or "")
    return known is not None and not known.at_hand


def _missing(source: str, path: Path) -> UsageError | DataError:
    if len(path.parts) == 1 and not path.suffix and os.sep not in source:
        return UsageError(
            f"There is no data set called `{source}`, and no such folder.",
            expected="a name, a folder, or a file ending in "
            + ", ".join(READERS),
            received=source,
            hint=did_you_mean(source.replace("_", "-"), NAMED),
        )
    return DataError(
        f"{path} does not exist.",
        expected="a folder, or a file ending in " + ", ".join(READERS),
        received=source,
        hint="check the path; names of built-in sets: " + ", ".join(NAMED),
    )
