"""What columns of a table may be, told where nobody is asked."""

from collections.abc import Callable, Sequence

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.data.fields import Column, Field
from kerasnotes.data.meaning.missing import CODES
from kerasnotes.data.problems import Problems

FIRST = 1_000
"""Rows looked at before all of them."""
FEWEST = 20
"""Rows from which two columns do not agree by chance."""
TIMES = 5
"""How often each value comes, on average, where it may stand for a class."""
SAME = 1 - 1e-5
"""Correlation of one quantity in two units, some digits rounded off."""
HIGH_CODES = (999.0, 9999.0, 99999.0, 999999.0)
"""Numbers for a missing value far above all others."""
ABOVE = 9
"""How many times."""


def tell(
    x: Array,
    y: Array,
    columns: Sequence[Column],
    target: Field,
    problems: Problems,
) -> None:
    """Notes what may be a missing value, or the label in disguise.

    Args:
        x: Features `(N, D)`, categories by number; finite.
        y: Class numbers `(N,)`, or measured values `(N, K)`.
        columns: What the features are called.
        target: What the labels are, if there are any.
        problems: Told of each.
    """
    _tell_codes(x, columns, problems)
    if target.kind in ("class", "values") and len(x) >= FEWEST:
        tells = _tells_value if target.kind == "values" else _tells_class
        _tell_giveaways(x, y, columns, tells, problems)
    if target.num_classes == 2 and len(x) >= FEWEST:
        _tell_parted_class(x, y, columns, problems)


def _tell_codes(
    x: Array, columns: Sequence[Column], problems: Problems
) -> None:
    """Notes -999 where no other is below zero, 999 where all are small."""
    lows, highs = x.min(axis=0), x.max(axis=0)
    for place, column in enumerate(columns):
        if column.categories:
            continue
        for code in (float(lows[place]), float(highs[place])):
            count = _count_code(x[:, place], code)
            if count:
                rows = "a row" if count == 1 else f"{count:,} rows"
                problems.note(
                    f"`{column.name}` is {code:.0f} in {rows}, far from all "
                    "others: if that stands for a missing value, leave these "
                    "rows out or fill them in; it is read as a number."
                )


def _count_code(values: Array, code: float) -> int:
    """Returns how often `code` stands for no value, or 0."""
    if code not in CODES and code not in HIGH_CODES:
        return 0
    others = values[values != code]
    if not len(others) or others.min() < 0:
        return 0
    if code in HIGH_CODES and others.max() * ABOVE > code:
        return 0
    return len(values) - len(others)


def _tell_giveaways(
    x: Array,
    y: Array,
    columns: Sequence[Column],
    tells: Callable[[Array, Array], bool],
    problems: Problems,
) -> None:
    """Notes features that say by themselves what the label is.

    The label in other words or units, as a rule, which is not known of
    examples to come.
    """
    for place, column in enumerate(columns):
        values = x[:, place]
        first = tells(values[:FIRST], y[:FIRST])
        if first and tells(values, y):
            problems.note(
                f"`{column.name}` alone tells the label of every row: if it "
                "is not known before the label is, leave it out: --set "
                f"'data.leave_out=[{column.name}]'."
            )


def _tell_parted_class(
    x: Array, y: Array, columns: Sequence[Column], problems: Problems
) -> None:
    """Notes a class written as several columns, of which one is the label.

    Every row then has a single 1, in the label or in one of the others.
    """
    beside = [
        place
        for place, column in enumerate(columns)
        if not column.categories
        and _never_with(x[:FIRST, place], y[:FIRST])
        and _never_with(x[:, place], y)
    ]
    if len(beside) > 1 and (x[:, beside].sum(axis=1) == 1 - y).all():
        named = [columns[place].name for place in beside]
        told = ", ".join(f"`{name}`" for name in named)
        problems.note(
            f"{told} and the label hold a single 1 in every row, as one class "
            "does that is written as several columns: together they tell the "
            "label. Make one column of them; or leave them out: --set "
            f"'data.leave_out=[{', '.join(named)}]'."
        )


def _never_with(values: Array, y: Array) -> bool:
    """Returns whether values are 0 or 1, and 0 wherever `y` is 1."""
    plain = bool(((values == 0) | (values == 1)).all())
    return plain and not values[y == 1].any()


def _tells_class(values: Array, y: Array) -> bool:
    """Returns whether each value, which comes often, has one class."""
    known, codes = np.unique(values, return_inverse=True)
    if not 1 < len(known) <= len(values) // TIMES:
        return False
    classes = np.zeros(len(known), y.dtype)
    classes[codes] = y
    alike = bool((classes[codes] == y).all())
    return alike and len(np.unique(classes)) > 1


def _tells_value(values: Array, y: Array) -> bool:
    """Returns whether a measured value is a multiple, with an offset."""
    plain = values.astype("float64") - float(values[0])
    for truth in y.reshape(len(y), -1).T:
        exact = truth.astype("float64") - float(truth[0])
        if np.ptp(plain) > 0 and np.ptp(exact) > 0:
            found = np.corrcoef(plain, exact)[0, 1]
            if abs(found) > SAME:
                return True
    return False
