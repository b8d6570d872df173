"""Labels that are measured: the values of a regression, with their units."""

import dataclasses
import re
from collections.abc import Sequence

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data import fields
from kerasnotes.data.dataset import Array
from kerasnotes.data.fields import Column, Field
from kerasnotes.data.meaning import labels, precision
from kerasnotes.data.problems import Problems

_UNITS = re.compile(r".*\S\s*[(\[]([^()\[\]]{1,20})[)\]]\s*")
"""`length (cm)`, `length [cm]`."""


def units_of(name: str) -> str:
    """Returns the units that a column's name ends with, or nothing."""
    found = _UNITS.fullmatch(name)
    return found.group(1).strip() if found else ""


def are_measured(values: Array, where: str, config: DataConfig) -> bool:
    """Returns whether labels are measurements, as far as they tell.

    Fractions are; and so are whole numbers, if more than half of them
    differ. The user may say it in `config.labels`.

    Args:
        values: `(N,)` or `(N, K)`.
        where: File or key, for messages.
        config: What the user says of labels.

    Raises:
        DataError: If each row may be one class's probabilities.
    """
    if config.labels is not None:
        return config.labels == "values"
    if values.dtype.kind not in "iuf" or not len(values):
        return False
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    parted = bool((finite % 1 != 0).any())
    if values.ndim == 2 and values.shape[1] > 1:
        if parted and _are_shares(values):
            raise _ask(values, where)
        return parted
    return parted or labels.are_many(len(np.unique(finite)), len(values))


def _are_shares(values: Array) -> bool:
    positive = bool((values >= 0).all())
    return positive and np.allclose(values.sum(axis=1), 1, atol=1e-3)


def _ask(values: Array, where: str) -> DataError:
    return DataError(
        f"Are the labels of {where} probabilities of classes, or measured?",
        expected="a class for every example, or measured values",
        received=f"rows of {values.shape[1]} shares that add up to 1",
        hint="of classes, give the likeliest: y.argmax(axis=1); if they are "
        "measured: --set data.labels=values",
    )


def read(
    values: Array,
    where: str,
    config: DataConfig,
    problems: Problems,
    names: Sequence[str] = (),
) -> tuple[Array, Field]:
    """Returns measured labels as they are trained on, and their field.

    Args:
        values: `(N,)` or `(N, K)`.
        where: File or key, for messages.
        config: What the user says of labels.
        problems: Told of values that float32 cannot tell apart.
        names: Of the `K` values, if the source has any.

    Raises:
        DataError: If one is missing, or no number.
    """
    try:
        numbers = values.reshape(len(values), -1).astype("float64")
    except (TypeError, ValueError) as error:
        raise DataError(
            f"The labels of {where} are not numbers: {error}.",
            expected="measured values, as data.labels=values says",
            received=f"{values.dtype} of shape {values.shape}",
        ) from None
    labels.check_present(~np.isfinite(numbers).all(axis=1), values, where)
    count = numbers.shape[1]
    if len(names) != count:
        plain = [f"value{i}" for i in range(count)]
        names = ["value"] if count == 1 else plain
    return finish(numbers, names, config, problems)


def finish(
    numbers: Array,
    names: Sequence[str],
    config: DataConfig,
    problems: Problems,
) -> tuple[Array, Field]:
    """Returns finite values `(N, K)` as float32, and their field; says so."""
    named = dict(zip(names, numbers.T, strict=True))
    precision.check(named, problems, "and add it to what the model predicts")
    columns = [Column(n, units=config.units or units_of(n)) for n in names]
    told = ", ".join(column.title for column in columns[:8])
    problems.note(
        f"The labels are measured ({told}): a regression. If they are "
        "classes: --set data.labels=classes."
    )
    return numbers.astype("float32"), fields.values(columns)


def measure(
    target: Field, values: Array, where: str, problems: Problems
) -> Field:
    """Returns the field with mean and deviation of the training part.

    Args:
        target: The field.
        values: Of the training part, `(N, K)`.
        where: What the set is called, for messages.
        problems: Told of values that never vary.
    """
    if not len(values):
        return target
    exact = values.astype("float64")
    means, deviations = exact.mean(axis=0), exact.std(axis=0)
    columns = []
    for column, mean, deviation in zip(
        target.columns, means.tolist(), deviations.tolist(), strict=True
    ):
        # What varies by less than float32 tells is told as that.
        lost = problems.told_of(f"column {column.name}", "lost digits")
        if deviation == 0 and not lost:
            text = f"every value of {column.name} is {mean:g}"
            problems.add("constant target", where, text)
        columns.append(
            dataclasses.replace(column, mean=mean, deviation=deviation or 1.0)
        )
    return dataclasses.replace(target, columns=tuple(columns))
