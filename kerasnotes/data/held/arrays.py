"""Arrays in memory as a data source, for those who call from Python.

Nothing of them is written: a run's record holds their fingerprint, and who
resumes or measures the run later hands the same arrays in again.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Array, Dataset
from kerasnotes.data.held import frames
from kerasnotes.data.held.held_table import HeldTable
from kerasnotes.data.held.parts import check_alike
from kerasnotes.data.meaning import columns, unlabelled
from kerasnotes.data.meaning.keys import find_keys, find_lengths, has_none
from kerasnotes.data.meaning.labels import is_one_hot
from kerasnotes.data.memory import Parts, check_lengths, make_dataset
from kerasnotes.data.problems import Problems
from kerasnotes.data.sequences import from_arrays
from kerasnotes.data.sequences.from_arrays import are_sequences, cut, ragged
from kerasnotes.data.splitting import PARTS
from kerasnotes.data.words import SOURCE

_EXPECTED = (
    '{"x": inputs, "y": labels}, a pair (inputs, labels), a data frame with '
    'its labels, or pairs by part: {"train": (x, y), "test": (x, y)}'
)


@dataclasses.dataclass(frozen=True)
class Arrays:
    """Examples in memory, divided already or not.

    Args:
        parts: Inputs `(N, D)`, `(N, H, W)` or `(N, H, W, C)`, or `(N,)`
            arrays `(T, D)`, with labels `(N,)`, or one-hot `(N, K)`, or masks
            `(N, H, W)`; by part: `all`, or any of `train`, `validation` and
            `test`.
        features: Column names of a table, if it has any.
        values: What measured labels are called, if they say so.
        labelled: Whether labels are such; else they are zeros.
    """

    parts: Parts
    features: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    labelled: bool = True

    def read(self, config: DataConfig, problems: Problems) -> Dataset | None:
        """Returns them as a data set.

        Raises:
            DataError: If shapes or types are not those of a data set.
        """
        for part, (x, y) in self.parts.items():
            check_lengths(f"arrays {part}", x, y)
        check_alike(self.parts, "arrays", config)
        columns.check_asked(config, self.values)
        if all(are_sequences(x) for x, _ in self.parts.values()):
            return from_arrays.read(
                self.parts,
                config,
                problems,
                name="arrays",
                values=self.values,
            )
        used = self._without_counters(config, problems)
        return make_dataset(
            used.parts,
            config,
            problems,
            name="arrays",
            features=used.features,
            values=used.values,
            target=None if self.labelled else unlabelled.target(config),
            strange=True,
        )

    def _without_counters(
        self, config: DataConfig, problems: Problems
    ) -> "Arrays":
        """Returns them without named columns that number the rows."""
        if not self.features:
            return self
        dropped = columns.left_out(self.features, config, problems)
        first = next(iter(self.parts.values()))[0]
        named = dict(zip(self.features, first.T, strict=True))
        if first.dtype.kind in "iuf":
            dropped |= columns.counters(named, config)
        columns.tell_dropped(dropped, problems)
        left = tuple(name for name in self.features if name not in dropped)
        return self.ordered(left)

    def ordered(self, features: tuple[str, ...]) -> "Arrays":
        """Returns them with a model's columns alone, in its order.

        A table without names is taken as it is, if it has as many.
        """
        if not features or self.features == features:
            return self
        if set(self.features) >= set(features):
            order = [self.features.index(name) for name in features]
            parts = {k: (x[:, order], y) for k, (x, y) in self.parts.items()}
            return dataclasses.replace(self, parts=parts, features=features)
        wide = [x.ndim == 2 and x.shape[1] for x, _ in self.parts.values()]
        bare = not self.features and set(wide) == {len(features)}
        return dataclasses.replace(self, features=features) if bare else self


TEXT = "text"
"""What inputs are called that are texts."""
InMemory = Arrays | HeldTable
"""Data that are in memory, not in a file."""


def to_arrays(value: Any) -> InMemory:
    """Understands what a user hands in.

    Args:
        value: A mapping with keys as in an `.npz` file (`x` and `y`,
            `x_train` ...); a pair of inputs and labels; such pairs by part,
            `{"train": (x, y), "test": (x, y)}`; a data frame of pandas or
            polars with a column of labels; or, for a generator, inputs alone:
            an array, `{"x": x}`, or arrays by part.

    Raises:
        DataError: If it is something else, or has no labels.
    """
    if frames.is_frame(value):
        return HeldTable(frames.to_polars(value))
    if isinstance(value, Mapping):
        if set(PARTS) & set(value):
            parts = _by_part(value)
            alone = all(_is_alone(x) for x in parts.values())
            return _bare(parts) if alone else _gather(parts)
        keys = find_keys(list(map(str, value)), None, "The data")
        lengths = find_lengths(list(map(str, value)), keys)
        if has_none(keys):
            return _bare({part: value[x] for part, (x, _) in keys.items()})
        pairs = {k: (value[x], value[y]) for k, (x, y) in keys.items()}
        for part, key in lengths.items():
            x, y = pairs[part]
            rows = _to_array(value[key])
            pairs[part] = cut(_to_array(x), rows, "the data"), y
        return _gather(pairs)
    if _is_alone(value):
        return _bare({"all": value})
    return _gather({"all": value})


def _is_alone(value: Any) -> bool:
    """Returns whether it is one array of examples, not a pair of arrays."""
    several = isinstance(value, tuple | list) or frames.is_frame(value)
    return not several and getattr(value, "ndim", 0) >= unlabelled.FEWEST_AXES


def _bare(parts: Mapping[str, Any]) -> Arrays:
    """Returns inputs by part that no label belongs to."""
    found = {}
    for part, value in parts.items():
        x = _to_array(value)
        found[part] = x, unlabelled.labels(x, "the data")
    return Arrays(found, labelled=False)


def _gather(pairs: Mapping[str, Any]) -> InMemory:
    """Returns pairs by part as arrays, with the columns of the first."""
    sides = {part: _two(pair) for part, pair in pairs.items()}
    whole = list(sides) == ["all"]
    for x, y in sides.values():
        if frames.is_frame(x) and frames.has_texts(x, logical=whole):
            return _with_texts(x, y, list(sides))
    first, labels = next(iter(sides.values()))
    if whole and _are_texts(first):
        import polars as pl

        frame = pl.DataFrame({TEXT: list(first)})
        return dataclasses.replace(
            _with_texts(frame, labels, list(sides)), text=TEXT
        )
    features = frames.column_names(first) if frames.is_frame(first) else ()
    values = _value_names(labels)
    _check_named(features, [_value_names(y) for _, y in sides.values()])
    return Arrays(
        {
            part: (_columns(x, features, part), _labels(y, values, part))
            for part, (x, y) in sides.items()
        },
        features,
        values,
    )


def _are_texts(x: Any) -> bool:
    """Returns whether inputs are texts: a list, an array or a series of them.

    Args:
        x: As a user handed it in.
    """
    flat = isinstance(x, list | tuple) or getattr(x, "ndim", 0) == 1
    if frames.is_frame(x) or not flat or not len(x):
        return False
    return all(isinstance(one, str) for one in x)


def _with_texts(x: Any, y: Any, parts: list[str]) -> HeldTable:
    """Returns a data frame that has columns of text, its labels beside it."""
    import polars as pl

    if parts != ["all"]:
        raise DataError(
            "Columns of text cannot be handed in part by part.",
            expected="one data frame: data.validation, data.test and "
            "data.split_seed divide it",
            received=", ".join(parts),
        )
    frame, named = frames.to_polars(x), _value_names(y)
    _check_named(tuple(frame.columns), [named])
    labels = _labels(y, named)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    check_lengths("the data frame", np.arange(len(frame)), labels)
    if labels.ndim not in (1, 2) or 0 in labels.shape:
        raise _refuse(f"labels of shape {np.shape(y)} beside columns of text")
    if labels.ndim == 1:
        labels = labels[:, None]
    if len(named) != labels.shape[1]:
        plain = [f"value{i}" for i in range(labels.shape[1])]
        named = ("label",) if len(plain) == 1 else tuple(plain)
    targets = []
    for name, values in zip(named, labels.T, strict=True):
        while name in frame.columns:
            name += "_"
        column = pl.Series(name, values.tolist(), strict=False)
        frame = frame.with_columns(column)
        targets.append(name)
    return HeldTable(frame, tuple(targets), tuple(targets) == named)


def _check_named(
    features: tuple[str, ...], labels: list[tuple[str, ...]]
) -> None:
    """Refuses labels that are features too, or others part by part.

    Args:
        features: Names of the columns of inputs, if they have any.
        labels: Names of the labels of each part, if they have any.
    """
    both = [name for name in labels[0] if name in features]
    if both:
        raise DataError(
            f"`{both[0]}` is a label, and a column of the inputs as well.",
            expected="labels that the inputs do not tell",
            received=", ".join(features[: frames.NAMED]),
            hint=f"x.drop(columns={both})",
        )
    for other in labels[1:]:
        if other != labels[0]:
            raise DataError(
                "The labels of the parts have different names.",
                expected=", ".join(labels[0]) or "labels without names",
                received=", ".join(other) or "labels without names",
            )


def _value_names(y: Any) -> tuple[str, ...]:
    """Returns what labels are called: columns of a frame, or a series."""
    if frames.is_frame(y):
        return frames.column_names(y)
    name = getattr(y, "name", None)
    return (name,) if isinstance(name, str) else ()


def _labels(y: Any, names: tuple[str, ...], part: str = "all") -> Array:
    """Returns labels; of a frame with a column a class, the classes' names."""
    labels = _columns(y, names, part)
    if labels.ndim == 2 and len(names) > 1 and is_one_hot(labels):
        classes: Array = np.array(names)[labels.argmax(axis=1)]
        return classes
    return labels


def _columns(side: Any, names: tuple[str, ...], part: str) -> Array:
    if names and frames.is_frame(side):
        return frames.take(side, names, f"The table `{part}`")
    return _to_array(side)


def check_at_hand(source: str) -> None:
    """Raises a `DataError` if a source was in the memory of another session."""
    if source == SOURCE:
        raise DataError(
            "This run was trained on arrays in memory, which are not kept.",
            expected="the same arrays again, in Python: "
            'kerasnotes.fit(resume=RUN, data={"x": x, "y": y})',
            received="no arrays",
            hint="or name another source with --data (data= in Python)",
        )


def _by_part(value: Mapping[str, Any]) -> dict[str, Any]:
    unknown = [name for name in value if name not in PARTS]
    if unknown:
        raise _refuse(f"a part called {unknown[0]!r}")
    return {name: value[name] for name in PARTS if name in value}


def _two(value: Any) -> tuple[Any, Any]:
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise _refuse(type(value).__name__ + _shape(value))
    return value[0], value[1]


def _to_array(value: Any) -> Array:
    sequences = ragged(value)
    if sequences is not None:
        return sequences
    try:
        if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
            # What is masked is missing; its number below means nothing.
            return np.asarray(np.ma.filled(value.astype("float64"), np.nan))
        if isinstance(value, list | tuple) and any(
            isinstance(one, str) for one in value
        ):
            # Else NumPy would make the text "nan" of a missing label.
            return np.asarray(value, dtype=object)
        return np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        # Rows of different lengths; a tensor on a GPU, or with gradients.
        raise _refuse(str(error)) from None


def _shape(value: Any) -> str:
    shape = getattr(value, "shape", None)
    return "" if shape is None else f" of shape {tuple(shape)}"


def _refuse(received: str) -> DataError:
    return DataError(
        "These arrays are no data set.",
        expected=_EXPECTED,
        received=received,
        hint="only generators learn without labels, from one array of inputs",
    )
