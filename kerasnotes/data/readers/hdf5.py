"""HDF5 files: keys as in `.npz`, read block by block, never whole."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data import fields, memory, splitting
from kerasnotes.data.dataset import Array, Dataset
from kerasnotes.data.fields import Field
from kerasnotes.data.masks import mask_values
from kerasnotes.data.masks.mask_encoder import Encoder
from kerasnotes.data.masks.mask_survey import survey
from kerasnotes.data.meaning import (
    axes,
    labels,
    part_inputs,
    part_labels,
    precision,
    regression,
    unlabelled,
)
from kerasnotes.data.meaning.keys import (
    NO_LABELS,
    find_keys,
    has_none,
    tell,
)
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.hdf5_split import BLOCK_BYTES, BlockReader, H5Split
from kerasnotes.data.spec import Spec

IN_MEMORY = 256 * 2**20
"""Up to so many bytes, rows are split and shuffled one by one."""
DEEPEST = 4
"""Groups within groups that are looked into."""
LOOKED_AT = 1000
"""Rows of a table that digits are counted of."""
SCALED = 32
"""Rows of each part whose range of values is compared."""
FEWEST_BLOCKS = 100
"""Blocks that a split by blocks should have to choose from."""


def read(path: Path, config: DataConfig, problems: Problems) -> Dataset | None:
    """Opens an HDF5 file as a data set. Inputs are read when asked for.

    Raises:
        DataError: If it is no HDF5 file, lacks the keys, or reaches outside
            of itself by links.
    """
    try:
        file = h5py.File(path, "r", rdcc_nbytes=64 * 2**20, rdcc_w0=1.0)
        keys = find_keys(list(_names(file)), config.target, str(path))
        tell(keys, problems)
        readers = {
            part: _reader(file, *pair, path, problems)
            for part, pair in keys.items()
        }
        bare = unlabelled.target(config) if has_none(keys) else None
        return _dataset(path, readers, bare, config, problems)
    except (OSError, RuntimeError, KeyError) as error:
        raise DataError(
            f"{path} cannot be read as HDF5: {error}.",
            expected="a whole HDF5 file with keys x and y",
            received=str(path),
        ) from error


def _names(group: Any, above: str = "", deep: int = 0) -> Iterator[str]:
    """Yields the keys of all datasets, those in groups as `train/x`.

    A link that leads elsewhere is a key, and is followed by nobody here.
    """
    for key in group:
        link = group.get(key, getlink=True)
        real = isinstance(link, h5py.HardLink)
        if real and isinstance(group[key], h5py.Group) and deep < DEEPEST:
            yield from _names(group[key], f"{above}{key}/", deep + 1)
        else:
            yield above + key


def _reader(
    file: Any, x_key: str, y_key: str, path: Path, problems: Problems
) -> BlockReader:
    x = _inside(file, x_key, path)
    where = f"{path.name} ({x_key}, {y_key or 'no labels'})"
    if y_key == NO_LABELS:
        y = unlabelled.labels(x, where)
    else:
        y = _inside(file, y_key, path)
    if x.ndim == 0 or y.ndim == 0 or len(x) != len(y) or len(x) == 0:
        raise DataError(
            f"Inputs and labels of {where} differ in number.",
            expected="one label, or one mask, per input",
            received=f"inputs {x.shape}, labels {y.shape}",
        )
    turned = x.ndim == 4 and axes.is_channels_first(x.shape, where)
    whole = x.shape
    if turned:
        axes.tell_turned(x.shape, problems)
        whole = (len(x), *x.shape[2:], x.shape[1])
    shape = memory.input_shape(whole, where)
    dtype = memory.value_type(x.dtype, where)
    if x.ndim == 2 and x.dtype != dtype:
        _check_digits(x, problems)
    return BlockReader(
        x,
        y,
        shape=shape,
        dtype=dtype,
        rows=_block_rows(x),
        channels_first=turned,
    )


def _check_digits(x: Any, problems: Problems) -> None:
    """Looks at rows spread over a table: all of it may exceed the memory."""
    rows = x[:: max(1, len(x) // LOOKED_AT)]
    named = dict(zip(memory.column_names(x.shape[1]), rows.T, strict=True))
    precision.check(named, problems)


def _inside(file: Any, key: str, path: Path) -> Any:
    """Returns a dataset whose values all lie in this file.

    Links and external storage could make a file from elsewhere read any
    file of this machine.
    """
    link = file.get(key, getlink=True)
    if isinstance(link, h5py.ExternalLink):
        raise _outside(path, key)
    dataset = file[key]
    if not isinstance(dataset, h5py.Dataset):
        raise DataError(
            f"{path} holds a group at {key}.",
            expected="a dataset",
            received=", ".join(list(dataset)[:10]) or "an empty group",
        )
    sources = dataset.virtual_sources() if dataset.is_virtual else []
    if (
        dataset.file.filename != file.filename
        or dataset.external
        or any(source.file_name != "." for source in sources)
    ):
        raise _outside(path, key)
    return dataset


def _outside(path: Path, key: str) -> DataError:
    return DataError(
        f"{path} keeps {key} in another file, which is not followed.",
        expected="values inside the file itself",
        received=f"an external link or virtual dataset at {key}",
        hint="copy the values into one file",
    )


def _block_rows(x: Any) -> int:
    """Returns rows per block: whole chunks, about `BLOCK_BYTES` of them."""
    chunk = x.chunks[0] if x.chunks else 1
    row = max(1, int(np.prod(x.shape[1:])) * x.dtype.itemsize)
    wanted = max(1, BLOCK_BYTES // row)
    if x.size * x.dtype.itemsize > IN_MEMORY:
        # Many blocks make a good split, but no block less than a chunk.
        wanted = min(wanted, max(1, len(x) // FEWEST_BLOCKS))
    return int(chunk * max(1, wanted // chunk))


def _dataset(
    path: Path,
    readers: dict[str, BlockReader],
    bare: Field | None,
    config: DataConfig,
    problems: Problems,
) -> Dataset | None:
    """Returns the data set; `bare` is its target if it has no labels."""
    first = next(iter(readers.values()))
    _check_alike(readers, path)
    if bare is not None:
        targets: list[Array | None] = [r.y for r in readers.values()]
        target = bare
    elif first.has_masks:
        targets = [None] * len(readers)
        values = _mask_values(readers, config, problems)
        if not values:
            return None
        names = labels.rename([str(v) for v in values], config.classes)
        target = mask_values.to_field(first.shape, names, values, config)
        for reader in readers.values():
            reader.encoder = Encoder(values, config)
    else:
        numbers, target = _labels(readers, path, config, problems)
        targets = list(numbers)
    splits, digest = _splits(readers, targets, target, config, problems)
    if target.kind == "values":
        shown = splits["train"].y
        target = regression.measure(target, shown, path.name, problems)
    given = memory.input_field(first.shape, first.dtype)
    return Dataset(
        spec=Spec(path.stem, (given,), (target,)),
        train=splits["train"],
        validation=splits["validation"],
        test=splits["test"],
        fingerprint=digest,
    )


def _check_alike(readers: dict[str, BlockReader], path: Path) -> None:
    kinds = {(r.shape, r.dtype, r.has_masks) for r in readers.values()}
    if len(kinds) > 1:
        shapes = [f"{n} {r.shape} {r.dtype}" for n, r in readers.items()]
        raise DataError(
            f"The parts of {path} differ in shape or type.",
            expected="equal shapes and types in every part",
            received=", ".join(shapes),
        )
    samples = {k: _sample(r.x) for k, r in readers.items()}
    part_inputs.check_scales(samples, path.name)
    for reader in readers.values():
        y = reader.y
        if not reader.has_masks:
            continue
        shape = y.shape[:3] if y.ndim == 4 and y.shape[3] == 1 else y.shape
        memory.check_masks(shape, y.dtype, reader.shape[:2], path.name)


def _sample(x: Any) -> Array:
    """Returns a few rows from all over a dataset: it may exceed the memory."""
    rows: Array = x[:: max(1, len(x) // SCALED)]
    return rows


def _labels(
    readers: dict[str, BlockReader],
    path: Path,
    config: DataConfig,
    problems: Problems,
) -> tuple[list[Array], Field]:
    """Returns class numbers, or measured values, by part, and their field."""
    where = path.name
    raw = {part: reader.y[()] for part, reader in readers.items()}
    whole = part_labels.join(raw, where, config, problems)
    ends = np.cumsum([len(reader) for reader in readers.values()])[:-1]
    if regression.are_measured(whole, where, config):
        numbers, target = regression.read(whole, where, config, problems)
        return np.split(numbers, ends), target
    numbers, names = labels.encode(whole, where, config, problems)
    target = fields.one_class(labels.rename(names, config.classes))
    own = np.split(numbers, ends)
    told = dict(zip(readers, own, strict=True))
    part_labels.tell_absent(told, target.classes, where, problems)
    return own, target


def _mask_values(
    readers: dict[str, BlockReader], config: DataConfig, problems: Problems
) -> tuple[int, ...]:
    found = [
        survey(f"{part} #{row}", mask)
        for part, reader in readers.items()
        for row, mask in _masks(reader)
    ]
    return mask_values.choose(found, None, config, problems)


def _masks(reader: BlockReader) -> Iterator[tuple[int, Array]]:
    for start in range(0, len(reader), reader.rows):
        block = reader.y[start : start + reader.rows]
        yield from enumerate(block, start)


def _splits(
    readers: dict[str, BlockReader],
    targets: list[Array | None],
    target: Field,
    config: DataConfig,
    problems: Problems,
) -> tuple[dict[str, H5Split], str]:
    """Splits by rows what is small, by blocks what is not.

    Blocks keep the rows of each part together on the disk; they are
    stratified by their commonest class.

    Returns:
        The parts, and the data's fingerprint.
    """
    large = sum(reader.bytes for reader in readers.values()) > IN_MEMORY
    sizes = [r.rows if large else 1 for r in readers.values()]
    strata = {
        part: _commonest(
            labels if target.kind == "class" else None, len(reader), size
        )
        for (part, reader), labels, size in zip(
            readers.items(), targets, sizes, strict=True
        )
    }
    # A stratum of blocks is no class: a single block is nothing to tell of.
    told = None if large else target.classes
    where = splitting.assign(strata, config, problems, told)
    lengths = [len(reader) for reader in readers.values()]
    reader = np.repeat(np.arange(len(lengths), dtype="int16"), lengths)
    rows = np.concatenate([np.arange(length) for length in lengths])
    first = np.cumsum([0, *(len(s) for s in strata.values())])
    unit = first[reader] + rows // np.array(sizes)[reader]
    splits = {}
    for part, units in where.items():
        here = np.isin(unit, units)
        splits[part] = H5Split(
            list(readers.values()), targets, reader[here], rows[here]
        )
    return splits, splitting.stamp(_fingerprint(readers), strata, where)


def _commonest(target: Array | None, count: int, size: int) -> Array:
    """Returns the commonest class of each run of `size` rows."""
    if target is None:
        return np.zeros(-(-count // size), "int32")
    if size == 1:
        return target
    starts = range(0, count, size)
    return np.array(
        [np.bincount(target[s : s + size]).argmax() for s in starts], "int32"
    )


def _fingerprint(readers: dict[str, BlockReader]) -> str:
    """Returns a digest of all labels and of a sample of the inputs."""
    arrays: list[Array] = []
    for reader in readers.values():
        step = max(1, len(reader) // 16)
        arrays += [np.array([len(reader), *reader.shape])]
        arrays += [reader.x[row] for row in range(0, len(reader), step)]
        if not reader.has_masks:
            arrays.append(np.asarray(reader.y[()]).astype("S"))
    return memory.fingerprint(*arrays)
