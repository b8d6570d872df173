"""Which columns of a table are its label and its features, and why."""

import re
import shlex
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, did_you_mean
from kerasnotes.data.dataset import Array
from kerasnotes.data.problems import Problems

LABELS = ("label", "class", "target", "species", "y")
"""Column names taken for the labels'; without one, the last column is."""
FEWEST = 10
"""Rows from which 0, 1, 2 ... is no chance."""
DIFFERENT = 2
"""Values of a column in order, more than which count."""
LONG = 8
"""Digits of numbers that name something rather than measure it."""
LISTED = 12
"""Columns named in a sentence."""
ASKED = "as you say"
"""Why, if the user wants it so."""
EMPTY = "it is empty"
_AXES = ("x", "z")
"""Beside these, `y` may be a coordinate."""
_IDENTIFIER = re.compile(
    r"(.*[_ .-])?(id|idx|index|uuid|guid)|.*[a-z]I[dD]|I[dD]"
    r"|row([_ .]?(number|num|no|nr|name))?|unnamed: ?\d+",
)
"""What columns are called that tell rows apart, in small letters or not."""
_GIVEN = (
    re.compile(
        r"(.*[_ .-])?(no|nr|num|number|code|key)[.]?",
    ),
    re.compile(r".*[a-z](No|Nr|Num|Number|Code|Key)"),
)
"""What numbers given in turn are called: the first in small letters."""


def choose_labels(
    names: Sequence[str],
    config: DataConfig,
    where: str,
    *,
    texts: Collection[str] = (),
    unnamed: Collection[str] = (),
    numbered: Collection[str] = (),
) -> tuple[tuple[str, ...], str]:
    """Returns which columns are labels, and why, in words.

    Args:
        names: The columns, in their order.
        config: `target`, if the user says so.
        where: The file, for messages.
        texts: Columns of text that comes again and again.
        unnamed: Those without a name: an index, or what is behind the last
            delimiter of every line.
        numbered: Those at the ends of a table without names that may number
            classes: some put them first.

    Raises:
        DataError: If the user's is not there, or several could be meant.
    """
    if config.target is not None:
        return asked(config.target, names, where), ASKED
    label, why = _guess(names, where, texts, unnamed)
    ends = names[0] != names[-1] == label
    if {names[0]} == {*numbered} and ends and label not in texts:
        raise _ask(where, [label, names[0]])
    return (label,), why


def check_asked(config: DataConfig, names: tuple[str, ...]) -> None:
    """Refuses a `target` that is not what labels beside inputs are called.

    Args:
        config: `target`, if the user says so.
        names: Of the labels; none if they have no names.

    Raises:
        DataError: If others are asked for, or another order.
    """
    if config.target is None or not names:
        return
    if asked(config.target, names, "What was handed in as labels") != names:
        raise DataError(
            "The labels were handed in apart, and are others than `target`.",
            expected="labels in the order wanted, without `target`; or one "
            "table with its labels in it",
            received=f"labels {listed(names)}, target={config.target}",
        )


def asked(
    target: str | tuple[str, ...], names: Sequence[str], where: str
) -> tuple[str, ...]:
    """Returns the columns that a user names: a list, or `a,b`."""
    if isinstance(target, str):
        # A name with a comma in it is one name.
        parts = [target] if target in names else target.split(",")
        target = tuple(
            part if part in names else part.strip() for part in parts
        )
    for name in target:
        if name not in names:
            raise DataError(
                f"{where} has no column {name!r}.",
                received=", ".join(names[:20]),
                hint=did_you_mean(name, names),
            )
    if len(set(target)) < max(len(target), 1):
        raise DataError(
            "Each label is one column.",
            expected="columns of labels, each named once",
            received=f"data.target={list(target)}",
        )
    return target


def _guess(
    names: Sequence[str],
    where: str,
    texts: Collection[str],
    unnamed: Collection[str],
) -> tuple[str, str]:
    names = [name for name in names if name not in unnamed] or names
    lower = {name.lower(): name for name in reversed(names)}
    named = [lower[word] for word in LABELS[:-1] if word in lower]
    if len(named) > 1:
        # Classes are texts more often than numbers: the likelier one last.
        raise _ask(where, sorted(named, key=lambda name: name in texts))
    if named:
        return named[0], "by its name"
    last = names[-1]
    y = lower.get(LABELS[-1])
    if y is not None and y != last:
        if last in texts or any(axis in lower for axis in _AXES):
            raise _ask(where, [y, last])
        return y, "by its name"
    others = [name for name in names if name in texts]
    if last not in texts and len(others) == 1:
        raise _ask(where, [last, others[0]])
    return last, "the last column"


def _ask(where: str, columns: Sequence[str]) -> DataError:
    told = " or ".join(f"`{name}`" for name in columns)
    return DataError(
        f"Which column of {where} is the label: {told}?",
        expected="one column called " + ", ".join(LABELS[:-1]),
        received="columns " + listed(columns),
        hint=f"name it: --target {shlex.quote(columns[-1])}",
    )


def left_out(
    names: Sequence[str], config: DataConfig, problems: Problems
) -> dict[str, str]:
    """Returns the columns that the user leaves out, and that as the reason.

    Args:
        names: All columns.
        config: `leave_out`, and `keep`.
        problems: Told of names in them that no column has.
    """
    for verb, wanted in (
        ("leave out", config.leave_out),
        ("keep", config.keep),
    ):
        for name in wanted:
            if name not in names:
                near = did_you_mean(name, names)
                text = f"there is no column `{name}` to {verb}; {near}"
                problems.add("unknown column", "", text)
    return {name: ASKED for name in config.leave_out if name in names}


def counters(
    columns: Mapping[str, Array],
    config: DataConfig,
    unnamed: Collection[str] = (),
) -> dict[str, str]:
    """Returns columns that only number or name the rows, and why.

    In a file that is sorted by class such a column tells the class, and
    nothing of any example to come.

    Args:
        columns: Numbers, float64, by name, `(N,)` each.
        config: `keep` names those that are used all the same.
        unnamed: Columns that the source gives no name.
    """
    found = {}
    for name, values in columns.items():
        if name in config.keep:
            continue
        if np.isnan(values[0]) and np.isnan(values).all():
            found[name] = EMPTY
        elif _counts(values):
            found[name] = "it numbers the rows"
        elif (name in unnamed or is_identifier(name)) and _tells_apart(values):
            found[name] = "it is another whole number in every row"
        elif _is_given(name) and _tells_apart(values) and _is_ordered(values):
            found[name] = "it is another whole number in every row, in order"
    return found


def tell_ordered(columns: Mapping[str, Array], problems: Problems) -> None:
    """Notes which columns rise, or fall, from the first row to the last.

    A time, a number given in turn, one for every few rows: where rows are
    sorted by class as well, it tells the class.

    Args:
        columns: Numbers by name, `(N,)` each.
        problems: Told of them in one sentence.
    """
    found = [name for name, values in columns.items() if _is_ordered(values)]
    if found:
        one = len(found) == 1
        named = ", ".join(f"`{name}`" for name in found)
        problems.note(
            f"{named} {'rises or falls' if one else 'rise or fall'} from the "
            "first row to the last: if that only numbers or dates the rows, it "
            "may give the label away; to leave it out: --set "
            f"'data.leave_out=[{', '.join(found)}]'."
        )


def _is_ordered(values: Array) -> bool:
    if len(values) < FEWEST or not are_ordered(values):
        return False
    return len(np.unique(values)) > DIFFERENT


def are_ordered(values: Array) -> bool:
    """Returns whether values never fall, or never rise."""
    rises = (values[1:] >= values[:-1]).all()
    return bool(rises or (values[1:] <= values[:-1]).all())


def are_whole(values: Array) -> bool:
    """Returns whether values are whole numbers, or missing."""
    return bool((np.isnan(values) | (values == np.rint(values))).all())


def tell_numbered(x: Array, problems: Problems) -> None:
    """Notes which columns of an array without names number its rows.

    Args:
        x: Array `(N, D)`, which is used as it is: so it will be asked.
        problems: Told of each such column.
    """
    with np.errstate(invalid="ignore"):
        low, high = x.min(axis=0), x.max(axis=0)
        spans = np.isin(low, (0, 1)) & (high - low == len(x) - 1)
    for place in np.flatnonzero(spans).tolist():
        if _counts(x[:, place]):
            problems.note(
                f"Column {place} of the array numbers the rows. It is kept, "
                "but tells nothing of a new example: better leave it out."
            )


def is_identifier(name: str) -> bool:
    """Returns whether a column's name says that it tells rows apart."""
    return any(_IDENTIFIER.fullmatch(one) for one in (name, name.lower()))


def _is_given(name: str) -> bool:
    """Returns whether a column's name says that its numbers are given."""
    small, mixed = _GIVEN
    found = small.fullmatch(name.lower()) or mixed.fullmatch(name)
    return found is not None


def _counts(values: Array) -> bool:
    """Returns whether values are 0 to N-1 or 1 to N, in any order."""
    if len(values) < FEWEST or not np.isfinite(values[0]):
        return False
    low, high = values.min(), values.max()
    spans = low in (0, 1) and high - low == len(values) - 1
    return bool(spans) and _tells_apart(values)


def _tells_apart(values: Array) -> bool:
    whole = np.isfinite(values).all() and (values == np.rint(values)).all()
    return bool(whole) and len(np.unique(values)) == len(values) > 1


def tell(
    targets: Sequence[str],
    why: str,
    features: Sequence[str],
    problems: Problems,
) -> None:
    """Notes what was taken for labels and for features."""
    told = ", ".join(f"`{name}`" for name in targets)
    one = len(targets) == 1
    what = "label is the column" if one else "labels are the columns"
    problems.note(f"The {what} {told}, {why}.")
    if features:
        problems.note(f"Features, {len(features)}: {listed(features)}.")


def tell_dropped(dropped: Mapping[str, str], problems: Problems) -> None:
    """Notes which columns were left out, why, and how to keep them."""
    for name, reason in dropped.items():
        keep = f"To keep it: --set 'data.keep=[{name}]'."
        told = "" if reason in (ASKED, EMPTY) else keep
        problems.note(
            f"The column `{name}` is left out: {reason}. {told}".strip()
        )


def tell_long_numbers(columns: Mapping[str, Array], problems: Problems) -> None:
    """Notes columns of long whole numbers, another in every row.

    Account numbers, whatever they are called, tell nothing of an example to
    come.

    Args:
        columns: Numbers by name, `(N,)` each.
        problems: Told of each.
    """
    for name, values in columns.items():
        if are_long(values) and _tells_apart(values):
            problems.note(
                f"`{name}` holds long numbers, another in every row: if they "
                "only name the rows, leave them out: --set "
                f"'data.leave_out=[{name}]'."
            )


def are_long(values: Array) -> bool:
    """Returns whether values are whole numbers of many digits, all as many."""
    if len(values) < FEWEST or not np.isfinite(values[0]):
        return False
    low, high = float(values.min()), float(values.max())
    if not 10 ** (LONG - 1) <= low <= high < np.inf:
        return False
    return len(f"{low:.0f}") == len(f"{high:.0f}") and are_whole(values)


def tell_identifiers(features: Sequence[str], problems: Problems) -> None:
    """Notes which features are called what tells rows, or groups, apart."""
    for name in features:
        if is_identifier(name):
            problems.note(
                f"`{name}` is a feature, though it is called an identifier. To "
                f"leave it out: --set 'data.leave_out=[{name}]'."
            )


def listed(names: Sequence[str]) -> str:
    """Returns names for a sentence, the first ones of many."""
    left = len(names) - LISTED
    more = f" and {left} more" if left > 0 else ""
    return ", ".join(names[:LISTED]) + more
