"""Which columns of a table are trained on, and why others are not."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Array
from kerasnotes.data.fields import Column
from kerasnotes.data.meaning import categories, columns, precision, regression
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.tables.table_file import TableFile

if TYPE_CHECKING:
    import polars as pl

FIRST = 1_000
"""Rows of a column looked at before all of them."""


def choose_features(
    table: TableFile,
    frame: "pl.DataFrame",
    targets: Sequence[str],
    written: Mapping[str, Sequence[str]],
    config: DataConfig,
    problems: Problems,
) -> list[Column]:
    """Returns the columns that are trained on; says which are not, and why.

    Args:
        table: As it was opened.
        frame: Its rows.
        targets: Columns of labels.
        written: The different texts of each column of text beside them.
        config: What the user says of columns.
        problems: Told of what is left out, and of what cannot be used.

    Raises:
        DataError: If none is left.
    """
    rest = [name for name in table.names if name not in targets]
    dropped = columns.left_out(rest, config, problems)
    left = [name for name in rest if name not in dropped]
    values = _Numbers(frame, [n for n in left if n not in written])
    whole = values.that_begin(columns.are_whole)
    dropped |= columns.counters(whole, config, table.unnamed)
    known = {
        name: categories.distinct(written[name])
        for name in left
        if name in written
    }
    for name, found in known.items():
        amount = categories.are_numbers(found) or categories.are_amounts(found)
        if name not in config.categories and amount:
            told = ", ".join(repr(text) for text in found[:3])
            problems.add("written number", f"column {name}", f"it holds {told}")
        if categories.are_dates(found):
            problems.note(
                f"`{name}` holds days. Rows are divided at random: where "
                "neighbours in time are alike, the test part is easier than "
                "days to come."
            )
        fault = "" if amount else categories.fault(found, len(frame))
        if name in table.odd:
            fault = "it holds neither numbers nor text"
        if fault and (name not in config.keep or not found):
            dropped[name] = fault
    columns.tell_dropped(dropped, problems)
    features = [
        Column(name, known.get(name, ()), units=regression.units_of(name))
        for name in left
        if name not in dropped
    ]
    if not features and not problems.fatal:
        raise DataError(
            "No column is left to train on.",
            expected="columns of numbers, or of categories, beside the label "
            f"`{', '.join(targets)}`",
            received="columns " + columns.listed(table.names),
            hint=_read_as_texts(rest, table),
        )
    columns.tell_identifiers([c.name for c in features], problems)
    used = _Numbers(frame, [c.name for c in features if not c.categories])
    precision.check(used, problems)
    columns.tell_ordered(used.that_begin(columns.are_ordered), problems)
    columns.tell_long_numbers(used.that_begin(columns.are_long), problems)
    return features


def _read_as_texts(rest: Sequence[str], table: TableFile) -> str | None:
    """Returns how texts that are no categories are trained on, if any are."""
    texts = [name for name in rest if name in table.texts - table.odd]
    if not texts:
        return None
    return f"a column of texts is read by --set 'data.text={texts[0]}'"


class _Numbers(Mapping[str, Array]):
    """Columns as arrays, each copied only while it is looked at.

    Args:
        frame: The table.
        names: Columns of numbers.
    """

    def __init__(self, frame: "pl.DataFrame", names: Sequence[str]) -> None:
        self.frame, self.names = frame, names

    def __getitem__(self, name: str) -> Array:
        return self.frame[name].to_numpy()

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def that_begin(self, fitting: Callable[[Array], bool]) -> "_Numbers":
        """Returns those whose first rows are fitting.

        What all rows have in common these have too: few columns are left to
        look at as a whole.
        """
        first = _Numbers(self.frame.head(FIRST), self.names)
        names = [name for name, values in first.items() if fitting(values)]
        return _Numbers(self.frame, names)
