"""Label values, numbers or text, to class numbers and names."""

import re
from collections.abc import Sequence

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.base.spelling import composed, folded
from kerasnotes.data.dataset import Array
from kerasnotes.data.meaning.missing import missing_labels
from kerasnotes.data.problems import Problems

DIGITS = 10
"""Up to so many whole numbers are classes, however often each comes."""
FEW = 20
"""Up to so many are classes, unless they come as counts do."""
LEAST_BELL, ALIKE = 5, 0.7
"""How many times the examples of the most frequent number are those of the
ends, and how far neighbours' logarithms correlate, where numbers are counts."""
SHOWN = 10
"""Examples or labels named in one error."""
_NOTHING = ("NAType", "NaTType")
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,17})(\.0*)?")
"""Text that a whole number of 64 bits is written as; `0010` is a code."""


def encode(
    values: Array, where: str, config: DataConfig, problems: Problems
) -> tuple[Array, tuple[str, ...]]:
    """Numbers the distinct labels in their sorted order.

    Args:
        values: `(N,)`, whole numbers, booleans or text; or one-hot `(N, K)`.
        where: File or key, for messages.
        config: What the user says of labels and classes.
        problems: Told of a single class.

    Returns:
        Class numbers `(N,)`, int32, and the classes' names.

    Raises:
        DataError: If a label is missing, two differ by their spelling only,
            or they are measurements, not classes.
    """
    if values.ndim == 2 and values.shape[1] > 1:
        return _one_hot(values, where)
    plain = _as_plain(values, where)
    known, codes = np.unique(plain, return_inverse=True)
    codes = codes.reshape(-1)
    if known.dtype.kind == "U":
        gone = missing_labels(known.tolist(), config)
        check_present(np.isin(plain, sorted(gone)), plain, where)
        known = np.array(_tidy(known.tolist(), where, config))
    return _number(known, codes, where, config, problems)


def encode_texts(
    known: Sequence[str],
    codes: Array,
    where: str,
    config: DataConfig,
    problems: Problems,
) -> tuple[Array, tuple[str, ...]]:
    """Numbers labels that a file holds as text.

    Whole numbers are sorted as numbers; a text of digits that no number is
    written as, `0010`, stays the text that it is.

    Args:
        known: The different labels; none is missing.
        codes: Which of them each example has, `(N,)`.
        where: As of `encode`.
        config: As of `encode`.
        problems: As of `encode`.

    Returns:
        As `encode`.

    Raises:
        DataError: As `encode`.
    """
    plain = _as_numbers(_tidy(known, where, config))
    return _number(plain, codes, where, config, problems)


def _number(
    known: Array,
    codes: Array,
    where: str,
    config: DataConfig,
    problems: Problems,
) -> tuple[Array, tuple[str, ...]]:
    """Returns class numbers and names of distinct labels `known[codes]`."""
    known, places = np.unique(known, return_inverse=True)
    numbers = places.reshape(-1)[codes].astype("int32")
    if config.labels != "classes":
        counts = np.bincount(numbers, minlength=len(known))
        _check_classes(known, counts, where)
    if len(known) == 1:
        problems.add("single class", where, f"every label is {known[0]}")
    return numbers, tuple(str(value) for value in known)


def are_many(distinct: int, total: int) -> bool:
    """Returns whether so many different labels can be no classes."""
    return distinct > max(FEW, total // 2)


def _check_classes(known: Array, counts: Array, where: str) -> None:
    """Refuses what is more likely measured, or a name of each example."""
    total = int(counts.sum())
    if are_many(len(known), total):
        received = f"{len(known)} different labels of {total} examples"
        raise _refuse_names(where, received)
    if known.dtype.kind not in "iu" or len(known) <= DIGITS:
        return
    # Numbers of classes begin at 0 or 1 and leave none out.
    low, high = int(known[0]), int(known[-1])
    numbered = low in (0, 1) and high - low + 1 == len(known)
    sure = len(known) <= FEW or (numbered and counts.min() > 1)
    if sure and not _is_bell(counts):
        return
    raise DataError(
        f"Are the labels of {where} classes, or measurements of a regression?",
        expected="text, a few whole numbers, or classes numbered from 0 or 1 "
        "with several examples each",
        received=f"{len(known)} different whole numbers, {low} to {high}",
        hint="if each is a class: --set data.labels=classes; for a "
        "regression: --set data.labels=values",
    )


def _is_bell(counts: Array) -> bool:
    """Returns whether examples rise and fall along the numbers.

    So they do where people, days or rings were counted; of classes, whose
    order means nothing, neighbours are not alike.

    Args:
        counts: Examples of each number, in their order, `(K,)`.
    """
    logs = np.log(counts.astype("float64"))
    peak, least = int(logs.argmax()), np.log(LEAST_BELL)
    ends = max(logs[0], logs[-1])
    inside = 0 < peak < len(logs) - 1 and logs[peak] - ends > least
    return inside and float(np.corrcoef(logs[1:], logs[:-1])[0, 1]) > ALIKE


def is_one_hot(values: Array) -> bool:
    """Returns whether each row `(N, K)` holds a single 1, and else 0."""
    number = values.dtype.kind in "biuf" and values.shape[1] > 1
    return number and bool(_single_ones(values).all())


def _single_ones(values: Array) -> Array:
    plain = ((values == 0) | (values == 1)).all(axis=1)
    single: Array = plain & (values.sum(axis=1) == 1)
    return single


def _one_hot(values: Array, where: str) -> tuple[Array, tuple[str, ...]]:
    """Returns classes of rows that hold a single 1.

    Raises:
        DataError: If a row holds several, none, or something else.
    """
    if values.dtype.kind in "biuf":
        bad = np.flatnonzero(~_single_ones(values))
        if not len(bad):
            numbers = values.argmax(axis=1).astype("int32")
            return numbers, tuple(map(str, range(values.shape[1])))
        received = f"{values[bad[0]].tolist()[:SHOWN]} at example {bad[0]}"
    else:
        received = f"{values.dtype} of shape {values.shape}"
    raise DataError(
        f"The labels of {where} are not one class per example.",
        expected="shape (N,); (N, K) with a single 1 a row; or (N, H, W) for "
        "masks",
        received=received,
        hint="if these are measured: --set data.labels=values; several "
        "classes of one example cannot be trained",
    )


def _as_plain(values: Array, where: str) -> Array:
    """Returns labels as whole numbers or text."""
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise DataError(
            f"The labels of {where} are not one value per example.",
            expected="shape (N,), or (N, H, W) for masks",
            received=f"shape {values.shape}",
        )
    if values.dtype.kind == "O":
        nothing = [_is_nothing(value) for value in values.tolist()]
        check_present(np.array(nothing), values, where)
    if values.dtype.kind in "SO":
        return np.array([to_text(value) for value in values.tolist()], "U")
    if values.dtype.kind == "f":
        check_present(~np.isfinite(values), values, where)
        if (values != np.rint(values)).any():
            # The user says that these are classes.
            return np.array([str(value) for value in values.tolist()], "U")
        return values.astype("int64")
    if values.dtype.kind not in "biuU":
        raise DataError(
            f"The labels of {where} are neither numbers nor text.",
            received=f"dtype {values.dtype}",
        )
    return values.astype("int64") if values.dtype.kind == "b" else values


def _is_nothing(value: object) -> bool:
    """Returns whether it is `None`, NaN, or what pandas puts for them."""
    unequal = isinstance(value, float) and value != value
    return value is None or unequal or type(value).__name__ in _NOTHING


def check_present(gone: Array, values: Array, where: str) -> None:
    """Names the examples whose label is missing.

    Raises:
        DataError: If there are any.
    """
    rows = np.flatnonzero(gone)
    if not len(rows):
        return
    told = [f"{values[row]} at example {row}" for row in rows[:SHOWN]]
    more = len(rows) - len(told)
    raise DataError(
        f"A label of {where} is missing."
        if len(rows) == 1
        else f"{len(rows)} labels of {where} are missing.",
        expected="a class for every example",
        received=", ".join(told) + (f", and {more} more" if more else ""),
        hint="leave these examples out; if the word is a class, name every "
        "class with --classes",
    )


def to_text(value: object) -> str:
    """Returns a label as text; bytes are UTF-8."""
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def _tidy(known: Sequence[str], where: str, config: DataConfig) -> list[str]:
    """Returns labels without the blanks around them.

    Raises:
        DataError: If two are written alike but for capitals, blanks, or the
            `.0` of a whole number: who knows whether they are two classes.
    """
    alike: dict[str, list[str]] = {}
    for text in sorted({composed(text) for text in known}):
        key = re.sub(r"^(-?\d+)\.0*$", r"\1", folded(text.strip()))
        alike.setdefault(key, []).append(text)
    wanted = set(config.classes or ())
    for twins in alike.values():
        if len(twins) > 1 and not wanted.issuperset(twins):
            raise _ask(twins, where)
    return [composed(text.strip()) for text in known]


def _ask(twins: Sequence[str], where: str) -> DataError:
    told = ", ".join(repr(text) for text in twins[:SHOWN])
    return DataError(
        f"Are {told} one class or several, in the labels of {where}?",
        expected="one spelling for every class",
        received=told,
        hint="write them alike; if they are classes of their own, name every "
        "class with --classes",
    )


def is_code(text: str) -> bool:
    """Returns whether a text of digits is a code, as `0010` is."""
    plain = text.strip()
    return plain.isdigit() and not _WHOLE.fullmatch(plain)


def _as_numbers(texts: Sequence[str]) -> Array:
    """Returns whole numbers, if all texts are written as such, or texts."""
    if all(_WHOLE.fullmatch(text) for text in texts):
        return np.array([int(text.split(".")[0]) for text in texts], "int64")
    return np.array(texts, "U")


def _refuse_names(where: str, received: str) -> DataError:
    return DataError(
        f"{where} is no classification: its labels look like names.",
        expected="labels that are classes: text, or a few whole numbers",
        received=received,
        hint="name the label with --target NAME, or group its values in "
        "classes",
    )


def rename(
    names: Sequence[str], wanted: Sequence[str] | None
) -> tuple[str, ...]:
    """Returns the names the user wants, if any, in the order of the values.

    Names that are the values themselves, in whatever order, change nothing:
    `--classes dog,cat` does not call a cat a dog.

    Raises:
        UsageError: If there are more or fewer than classes, or twins.
    """
    if wanted is None:
        return tuple(names)
    if len(wanted) != len(names):
        raise UsageError(
            "--classes does not name every class once.",
            expected=f"{len(names)} names, for {', '.join(names[:20])}",
            received=f"{len(wanted)}: {', '.join(wanted[:20])}",
        )
    if len(set(wanted)) != len(wanted):
        raise UsageError(
            "--classes names a class twice.", received=", ".join(wanted)
        )
    return tuple(names if set(wanted) == set(names) else wanted)
