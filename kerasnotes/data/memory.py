"""Arrays held in memory to a data set: NumPy files and built-in sets."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data import fields, splitting
from kerasnotes.data.dataset import Array, Dataset
from kerasnotes.data.fields import Column, Field
from kerasnotes.data.masks import mask_values
from kerasnotes.data.masks.mask_encoder import Encoder
from kerasnotes.data.masks.mask_survey import survey
from kerasnotes.data.meaning import (
    axes,
    columns,
    labels,
    part_inputs,
    part_labels,
    precision,
    regression,
    suspicions,
)
from kerasnotes.data.meaning.finite import infinite
from kerasnotes.data.memory_split import take
from kerasnotes.data.problems import Problems
from kerasnotes.data.spec import Spec

Parts = dict[str, tuple[Array, Array]]
"""Inputs and labels by part: `all`, or `train` and any of the others."""


def make_dataset(
    parts: Parts,
    config: DataConfig,
    problems: Problems,
    *,
    name: str,
    target: Field | None = None,
    features: Sequence[str | Column] = (),
    values: Sequence[str] = (),
    value_range: tuple[float, ...] | None = None,
    strange: bool = False,
) -> Dataset | None:
    """Makes a data set of whole arrays.

    Args:
        parts: Inputs `(N, D)`, `(N, H, W)` or `(N, H, W, C)` with labels
            `(N,)`, or one-hot `(N, K)`, or measured values `(N, K)`, or masks
            `(N, H, W)`. Channels may come first.
        config: Split and class names.
        problems: Told what would stop training.
        name: What the set is called.
        target: What the labels are, class numbers, measured values, or zeros
            in place of labels; by default that is found out.
        features: Columns of a table; those with categories hold their
            numbers, from 1.
        values: What measured labels are called, if the source says so.
        value_range: Smallest and largest raw value that is possible; by
            default that of the type, or of what is there.
        strange: Whether the data are somebody's own, not a set that is known
            here: what columns of tables may be is told then.

    Raises:
        DataError: If shapes or types are not those of a data set.
    """
    for part, (x, y) in parts.items():
        check_lengths(name if part == "all" else f"{name} {part}", x, y)
    if all(x.dtype == np.bool_ for x, _ in parts.values()):
        value_range = (0.0, 1.0)
    inputs = {k: _inputs(x, name, problems) for k, (x, _) in parts.items()}
    part_inputs.check_shapes(inputs, name)
    part_inputs.check_scales({k: x for k, (x, _) in parts.items()}, name)
    x = _join(list(inputs.values()))
    given_labels = {part: y for part, (_, y) in parts.items()}
    raw = part_labels.join(given_labels, name, config, problems)
    if x.ndim == 2 and x.dtype.kind == "f" and not features:
        columns.tell_numbered(x, problems)
    targets = _targets(raw, x.shape[1:], name, target, config, problems, values)
    if targets is None:
        return None
    y, target = targets
    if value_range is None and x.ndim > 2:
        value_range = _value_range(x)
    given_by = input_field(x.shape[1:], str(x.dtype), features, value_range)
    with ThreadPoolExecutor(1) as pool:
        # Hashing leaves the interpreter to others.
        digest = pool.submit(_digest, x, y, given_by)
        _check_finite(x, name, problems)
        ends = np.cumsum([len(part[0]) for part in parts.values()])[:-1]
        strata = y if target.kind == "class" else np.zeros(len(y), "int32")
        given = dict(zip(parts, np.split(strata, ends), strict=True))
        if target.kind == "class":
            part_labels.tell_absent(given, target.classes, name, problems)
        where = splitting.assign(given, config, problems, target.classes)
    stamp = splitting.stamp(digest.result(), given, where)
    _tell_given(parts, problems)
    if strange and given_by.kind == "table" and not problems.fatal:
        suspicions.tell(x, y, given_by.columns, target, problems)
    if target.kind == "values":
        target = regression.measure(target, y[where["train"]], name, problems)
    splits = {part: take(x, y, rows) for part, rows in where.items()}
    return Dataset(
        spec=Spec(name, (given_by,), (target,)),
        train=splits["train"],
        validation=splits["validation"],
        test=splits["test"],
        fingerprint=stamp,
    )


def input_field(
    shape: tuple[int, ...],
    dtype: str,
    features: Sequence[str | Column] = (),
    value_range: tuple[float, ...] | None = None,
) -> Field:
    """Returns the field of raw inputs `(D,)` or `(H, W, C)`."""
    if len(shape) == 1:
        return fields.table(features or column_names(*shape), dtype)
    return fields.image(shape, dtype, value_range or ())


def _digest(x: Array, y: Array, field: Field) -> str:
    """Returns the data's fingerprint, of what categories are called as well."""
    texts = [column.categories for column in field.columns]
    if not any(texts):
        return fingerprint(x, y)
    named = repr(texts).encode()
    return fingerprint(x, y, np.frombuffer(named, "uint8"))


def _tell_given(parts: Parts, problems: Problems) -> None:
    if "test" in parts:
        problems.note(
            f"The {len(parts['test'][0]):,} test examples are those of the "
            "source; data.test is not used."
        )


def _join(arrays: list[Array]) -> Array:
    """Returns arrays one after the other; a single one is not copied."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


MOST = 1000
"""Examples that are told of one by one."""
USUAL = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0), (0.0, 65535.0))
"""Ranges that floating-point pixels usually have, the narrowest first."""


def _value_range(x: Array) -> tuple[float, ...]:
    """Returns the range of floating-point pixels, which no type tells.

    It is a guess: the usual range that they fill more than half of, else
    what is there. It says what black and white are in files of images.
    """
    if x.dtype.kind != "f":
        return ()
    low, high = float(x.min()), float(x.max())
    for least, most in USUAL:
        if least <= low and most / 2 < high <= most:
            return least, most
    return low, high


def check_lengths(name: str, x: Array, y: Array) -> None:
    """Raises a `DataError` unless there is one label per input."""
    if x.ndim == 0 or y.ndim == 0 or len(x) != len(y):
        last = x.ndim == 4 and y.ndim > 0 and x.shape[-1] == len(y)
        raise DataError(
            f"Inputs and labels of {name} differ in number.",
            expected="one label, or one mask, per input",
            received=f"inputs {x.shape}, labels {y.shape}",
            hint="the examples are the last axis: x = numpy.moveaxis(x, -1, 0)"
            if last
            else None,
        )
    if len(x) == 0:
        raise DataError(f"{name} holds no examples.", received="0 rows")


def value_type(dtype: np.dtype[np.generic], name: str) -> str:
    """Returns the type that raw inputs of `dtype` are handed on in.

    Raises:
        DataError: If they are not numbers.
    """
    if dtype in (np.uint8, np.uint16):
        return str(dtype)
    if dtype == np.bool_:
        return "uint8"
    if dtype.kind in "iuf":
        return "float32"
    raise DataError(
        f"The inputs of {name} are not numbers.",
        expected="integers or floating point numbers",
        received=f"dtype {dtype}",
    )


def input_shape(shape: tuple[int, ...], name: str) -> tuple[int, ...]:
    """Returns the shape of one input: `(D,)` or `(H, W, C)`.

    Raises:
        DataError: If it is neither a table nor images.
    """
    if len(shape) == 3:
        shape = (*shape, 1)
    if len(shape) not in (2, 4) or 0 in shape:
        raise DataError(
            f"The inputs of {name} are neither a table nor images.",
            expected="shape (N, D), (N, H, W) or (N, H, W, C)",
            received=f"shape {shape}",
        )
    if len(shape) == 4 and shape[-1] > axes.MOST:
        raise DataError(
            f"The images of {name} have {shape[-1]} channels.",
            expected=f"channels last, (N, H, W, C), at most {axes.MOST}",
            received=f"shape {shape}",
        )
    return shape[1:]


def column_names(count: int) -> tuple[str, ...]:
    """Returns `x0`, `x1` ... for a table without names."""
    return tuple(f"x{i}" for i in range(count))


def _inputs(x: Array, name: str, problems: Problems) -> Array:
    if x.ndim == 4:
        x = axes.turn(x, name, problems)
    shape = input_shape(x.shape, name)
    kind = value_type(x.dtype, name)
    if x.ndim == 2 and x.dtype != kind:
        named = dict(zip(column_names(x.shape[1]), x.T, strict=True))
        precision.check(named, problems)
    # What float32 cannot hold becomes infinite, and is refused as such.
    with np.errstate(over="ignore"):
        return x.reshape(len(x), *shape).astype(kind, copy=False)


def _targets(
    raw: Array,
    shape: tuple[int, ...],
    name: str,
    target: Field | None,
    config: DataConfig,
    problems: Problems,
    values: Sequence[str],
) -> tuple[Array, Field] | None:
    """Returns targets as they are trained on, and what they are."""
    if target is not None and target.kind == "none":
        return raw, target
    if target is not None and target.kind == "values":
        return raw.reshape(len(raw), -1).astype("float32"), target
    if raw.ndim < 3:
        if target is not None:
            y, names = raw.reshape(-1).astype("int32"), target.classes
        elif regression.are_measured(raw, name, config):
            return regression.read(raw, name, config, problems, values)
        else:
            y, names = labels.encode(raw, name, config, problems)
        return y, fields.one_class(labels.rename(names, config.classes))
    masks = axes.without_channel(raw)
    check_masks(masks.shape, masks.dtype, shape[:2], name)
    found = [survey(f"#{i}", mask) for i, mask in enumerate(masks)]
    before = len(problems.fatal)
    raw_values = mask_values.choose(found, None, config, problems)
    if len(problems.fatal) > before:
        return None
    y = Encoder(raw_values, config)(masks, name)
    names = labels.rename([str(v) for v in raw_values], config.classes)
    return y, mask_values.to_field(shape, names, raw_values, config)


def check_masks(
    shape: tuple[int, ...],
    dtype: np.dtype[np.generic],
    size: tuple[int, ...],
    name: str,
) -> None:
    """Raises a `DataError` unless masks fit images of `size` (H, W)."""
    if len(shape) != 3 or shape[1:] != tuple(size) or dtype.kind not in "biu":
        raise DataError(
            f"The masks of {name} do not fit its images.",
            expected=f"whole numbers of shape (N, {size[0]}, {size[-1]})",
            received=f"{dtype} of shape {shape}",
        )


def _check_finite(x: Array, name: str, problems: Problems) -> None:
    rows = np.flatnonzero(infinite(x))
    if len(rows) > MOST:
        told = (
            f"NaN or infinity in {len(rows):,} examples, #{rows[0]} the first"
        )
        problems.add("not finite", name, told)
        return
    for row in rows:
        problems.add("not finite", f"#{row}", f"NaN or infinity in {name}")


def fingerprint(*arrays: Array) -> str:
    """Returns a digest of shapes, types and values."""
    digest = hashlib.blake2b(digest_size=16)
    for array in arrays:
        digest.update(f"{array.shape} {array.dtype}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
