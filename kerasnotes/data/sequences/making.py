"""Sequences and their targets to a data set, of one length or of several."""

import dataclasses
import re
from collections.abc import Sequence

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Array
from kerasnotes.data import fields, splitting
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.fields import Column, Field
from kerasnotes.data.meaning import regression
from kerasnotes.data.problems import Problems
from kerasnotes.data.sequences.sequence_split import SequenceSplit, fingerprint
from kerasnotes.data.spec import Spec
from kerasnotes.data.splitting import PARTS

LISTED = 3
"""Examples that a sentence names."""


_NUMBERED = re.compile(r"dim_\d+|x\d+|value")
"""What columns are called that have no names in their source."""


@dataclasses.dataclass(frozen=True)
class Sequences:
    """Some sequences of one source.

    Args:
        values: Array `(T, D)` of each, float32.
        y: Class numbers `(N,)`, or measured values `(N, K)`.
        names: What to call each.
    """

    values: Sequence[Array]
    y: Array
    names: Sequence[str]

    def take(self, rows: Array) -> "Sequences":
        """Returns some of them."""
        return Sequences(
            [self.values[row] for row in rows],
            self.y[rows],
            [self.names[row] for row in rows],
        )


def make_dataset(
    parts: dict[str, Sequences],
    config: DataConfig,
    problems: Problems,
    *,
    name: str,
    columns: Sequence[Column],
    target: Field,
    time: str = "",
    sequence: str = "",
) -> Dataset | None:
    """Divides sequences; says how long they are.

    Args:
        parts: By part: `all`, or `train` and others.
        config: Split, and `length`.
        problems: Told of what stops training, and of what is left out.
        name: What the set is called.
        columns: What each row holds.
        target: What is answered: a class, or what is measured.
        time: What the column that puts rows in order is called.
        sequence: What the column is called that tells sequences apart.
    """
    parts = {part: _present(one, problems) for part, one in parts.items()}
    whole = _join(list(parts.values()))
    if not whole.values:
        problems.add("empty", name, "no sequence")
        return None
    _check_finite(whole, columns, problems)
    if problems.fatal:
        return None
    lengths = np.array([len(one) for one in whole.values])
    length = int(min(config.length or lengths.max(), lengths.max()))
    _tell_lengths(lengths, length, len(columns), problems)
    classed = target.kind == "class"
    given = {
        part: one.y if classed else np.zeros(len(one.y), "int32")
        for part, one in parts.items()
    }
    where = splitting.assign(given, config, problems, target.classes)
    if not classed:
        known = whole.y[where["train"]]
        target = regression.measure(target, known, name, problems)
    field = fields.series(
        length,
        columns,
        varied=bool((lengths < length).any()),
        time=time,
        sequence=sequence,
    )
    splits = {}
    for part in PARTS:
        one = whole.take(where[part])
        splits[part] = SequenceSplit(one.values, one.y, one.names, length)
    return Dataset(
        Spec(name, (field,), (target,)),
        splits["train"],
        splits["validation"],
        splits["test"],
        fingerprint=splitting.stamp(
            fingerprint(whole.values, whole.y), given, where
        ),
    )


def check_meant(config: DataConfig, spec: Spec) -> None:
    """Refuses `data.sequence` for data that are no table of sequences.

    Raises:
        UsageError: Says so.
    """
    told = config.sequence
    if told in (None, "rows") or spec.inputs[0].sequence:
        return
    raise UsageError(
        f"`{config.source}` is read as no table of sequences.",
        expected="a table with a column that tells which rows are one sequence",
        received=f"data.sequence={told}",
        hint="leave data.sequence out",
    )


def read_as(data: Dataset, model: Spec) -> Dataset:
    """Returns sequences as long as a model's that reads several lengths."""
    splits = [data.split(part) for part in PARTS]
    own = [one for one in splits if isinstance(one, SequenceSplit)]
    if len(own) < len(splits) or not model.input.varied:
        return data
    names, known = data.spec.input.names, model.input.columns
    told: tuple[str, ...] = ()
    columns = data.spec.input.columns
    if len(columns) == len(known) and all(map(_NUMBERED.fullmatch, names)):
        columns = known
        told = (
            "Columns without names are taken for those of the training, in "
            f"their order: {', '.join(c.name for c in known[:LISTED])} ...",
        ) * (names != model.input.names)
    spec = data.spec.with_input(
        shape=(model.input.shape[0], len(columns)),
        varied=True,
        columns=columns,
    )
    first, second, third = (one.read_as(spec) for one in own)
    longer = sum(
        int((np.array([len(v) for v in one.values]) > one.length).sum())
        for one in (first, second, third)
    )
    if longer:
        told = (
            *told,
            f"{longer:,} sequences are longer than those of the training: what "
            f"comes after {first.length:,} rows is cut.",
        )
    return dataclasses.replace(
        data,
        spec=spec,
        train=first,
        validation=second,
        test=third,
        remarks=(*data.remarks, *told),
    )


def _join(parts: Sequence[Sequences]) -> Sequences:
    return Sequences(
        [one for part in parts for one in part.values],
        np.concatenate([part.y for part in parts]),
        [name for part in parts for name in part.names],
    )


def _present(part: Sequences, problems: Problems) -> Sequences:
    """Returns the sequences that have rows; tells of the others."""
    filled = np.array([len(one) > 0 for one in part.values], "bool")
    if filled.all():
        return part
    gone = [n for n, full in zip(part.names, filled, strict=True) if not full]
    problems.note(
        f"{len(gone):,} sequence{'s' * (len(gone) > 1)} without a row left out "
        f"({', '.join(gone[:LISTED])}{', ...' * (len(gone) > LISTED)})."
    )
    return part.take(np.flatnonzero(filled))


def _check_finite(
    whole: Sequences, columns: Sequence[Column], problems: Problems
) -> None:
    for name, values in zip(whole.names, whole.values, strict=True):
        bad = ~np.isfinite(values)
        if bad.any():
            row, place = (int(at[0]) for at in np.nonzero(bad))
            text = f"no number in `{columns[place].name}`, row {row + 1}"
            problems.add("missing value", name, text)


def _tell_lengths(
    lengths: Array, length: int, columns: int, problems: Problems
) -> None:
    low, high = int(lengths.min()), int(lengths.max())
    rows = f"{high:,}" if low == high else f"{low:,} to {high:,}"
    named = "column" if columns == 1 else "columns"
    problems.note(
        f"{len(lengths):,} sequences of {rows} rows, {columns} {named} each."
    )
    cut = int((lengths > length).sum())
    if cut:
        problems.note(
            f"{cut:,} of {len(lengths):,} sequences are longer: what comes "
            f"after {length:,} rows is cut (data.length)."
        )
