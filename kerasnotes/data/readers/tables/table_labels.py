"""Columns of labels: texts that name classes, or numbers measured."""

import dataclasses
import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Array
from kerasnotes.data.meaning import categories, labels
from kerasnotes.data.meaning.missing import missing_labels
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.tables import cells

if TYPE_CHECKING:
    import polars as pl

_VERSION = re.compile(r"\d+[.]\d*[1-9]0*")
FEW = 10
"""Fewer different numbers beside other texts are names of classes."""


@dataclasses.dataclass(frozen=True)
class Labels:
    """Labels: measured, in one column or several, or texts of one.

    Args:
        missing: Texts that are none.
        values: Array `(N, K)` of what is measured.
        known: The different texts, sorted.
        codes: Which of them each row has.
    """

    missing: Collection[str] = ()
    values: Array | None = None
    known: Sequence[str] = ()
    codes: Array = dataclasses.field(default_factory=lambda: np.empty(0))

    @property
    def lacking(self) -> bool:
        """Whether a row has no label."""
        values = () if self.values is None else self.values
        return bool(self.missing) or not np.isfinite(values).all()


def read_labels(
    comma: bool,
    found: "pl.DataFrame",
    config: DataConfig,
    problems: Problems,
) -> Labels:
    """Understands columns of labels.

    Args:
        comma: Whether a comma stands before decimals.
        found: One column of texts, or several of numbers.
        config: What the user says of labels.
        problems: Told of labels that are numbers as people write them.
    """
    if found.width > 1:
        return Labels(values=found.to_numpy().astype("float64"))
    return _read_single(comma, found.to_series(), config, problems)


def _read_single(
    comma: bool, column: "pl.Series", config: DataConfig, problems: Problems
) -> Labels:
    if config.labels is None and config.classes is None:
        _check_versions(column)
    if config.labels != "classes" and config.classes is None:
        fractions = _fractions(column, comma)
        if fractions is not None:
            return Labels(values=fractions[:, None])
    known, codes = _distinct(column)
    missing = {m.strip() for m in missing_labels(known, config)}
    numbers = _measured(known, len(column), comma, missing, config)
    if numbers is not None:
        missing |= {t for t, v in numbers.items() if not np.isfinite(v)}
        values = np.array([[numbers[text.strip()]] for text in known])[codes]
        return Labels(missing, values)
    if config.labels is None and categories.are_amounts(known):
        told = ", ".join(repr(text) for text in known[:3])
        problems.add(
            "written label", f"column {column.name}", f"it holds {told}"
        )
    return Labels(missing, None, known, codes)


def _check_versions(column: "pl.Series") -> None:
    """Asks about few labels of which two differ by the zero at their end.

    Versions 1.1 and 1.10 are two, and one number.

    Raises:
        DataError: If there are any.
    """
    different = column.drop_nulls().unique()
    if labels.are_many(len(different), len(column)):
        return
    known = different.str.strip_chars().sort().to_list()
    alike: dict[str, str] = {}
    for text in filter(_VERSION.fullmatch, known):
        first = alike.setdefault(text.rstrip("0"), text)
        if first != text:
            raise DataError(
                f"Are {first} and {text}, labels of `{column.name}`, one "
                "number or two versions?",
                expected="classes, or numbers that were measured",
                received=", ".join(known[: labels.SHOWN]),
                hint="if each is a class: --set data.labels=classes; if they "
                "are measured: --set data.labels=values",
            )


def _fractions(column: "pl.Series", comma: bool) -> Array | None:
    """Returns labels if all are finite numbers, fractions among them.

    It is what `_measured` would find, without looking at each text.
    """
    first = column.head(1).to_list()
    if not first or cells.to_number(first[0] or "", comma) is None:
        return None
    if column.str.strip_chars().str.contains("^[-+]?0[0-9]").any():
        return None
    frame = column.to_frame().select(cells.to_numbers(column.name, comma))
    values = frame.to_series()
    if values.null_count() or not values.is_finite().all():
        return None
    return values.to_numpy() if (values % 1 != 0).any() else None


def _measured(
    known: Sequence[str],
    rows: int,
    comma: bool,
    missing: Collection[str],
    config: DataConfig,
) -> dict[str, float] | None:
    """Returns the numbers of labels that are measured; `None` of classes."""
    if config.labels == "classes":
        return None
    plain = {text.strip() for text in known}
    numbers = {text: cells.to_number(text, comma) for text in plain}
    present = [v for text, v in numbers.items() if text not in missing]
    if config.labels is None:
        found = [value for value in present if value is not None]
        coded = any(labels.is_code(text) for text in plain)
        # A few that are no numbers make no classes: their lines are told.
        if coded or not found or 2 * len(found) < len(present):
            return None
        parted = any(value % 1 for value in found)
        if len(found) < len(present) and len(found) < FEW:
            return None
        if not parted and not labels.are_many(len(found), rows):
            return None
    nothing = float("nan")
    return {k: nothing if v is None else v for k, v in numbers.items()}


def _distinct(column: "pl.Series") -> tuple[list[str], Array]:
    """Returns the different labels, sorted, and which each row has."""
    import polars as pl

    filled = column.fill_null("")
    known = sorted(filled.unique().to_list())
    codes = filled.cast(pl.Enum(known)).to_physical().to_numpy()
    return known, codes
