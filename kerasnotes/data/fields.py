"""Fields: what one example is made of, each with a kind, a shape, a unit."""

import dataclasses
import re
from collections.abc import Sequence
from typing import Any, Literal

Kind = Literal[
    "image",
    "table",
    "series",
    "text",
    "tokens",
    "class",
    "classes",
    "mask",
    "values",
    "sequence",
    "next_token",
    "none",
]
"""What a field's values mean.

Of inputs: `image`, `(H, W, C)`; `table`, `(D,)`, numbers and categories;
`series`, `(T, D)`, of examples that differ in length with rows of NaN behind
the end of the shorter ones; `text`, `(T,)`, numbers of tokens, 0 behind its
end and 1 for what training did not show; `tokens`, `(T,)`. Of targets:
`class`, one number below `num_classes`; `classes`, `(K,)`, several at once;
`mask`, `(H, W)`, a class a pixel; `values`, `(K,)`, what a regression measures;
`series`, `(H, K)`, the rows that follow; `sequence`, `(T,)`, numbers of a
text's tokens and one that ends it; `next_token`, `(T,)`; `none`: there is no
label, and 0 stands for it. Either side may have any of them.
"""

VOID = -1
"""In the place of a class number, of a pixel that is left out."""

BAND = 0.9
"""Part of the errors on the validation part that lie in a forecast's band."""

COVERAGE = 0.95
"""Part of the truths that an interval is to hold, unless it is told."""

_HIGHEST = {"uint8": 255.0, "uint16": 65535.0}
"""Of types that tell it; every other is taken to go to 1."""


@dataclasses.dataclass(frozen=True)
class Column:
    """One column of a table, or one of the values of a regression.

    Args:
        name: As the source calls it.
        categories: The different texts that it holds, in order; empty if it
            holds numbers. Text `i` is the number `i + 1` in an example, and
            0 is any text that training did not show.
        units: What its numbers are measured in, as the source says; empty
            if it does not.
        mean: Of a target: its mean over the training part.
        deviation: Of a target: its standard deviation there, which is what
            an error of 1 is to the loss.
        change: Of a target of a series: its mean absolute change over a
            season, or a row, in the training part; 0 if it is not known.
        period: Of a number that comes round: after how much (24 of hours);
            0 of any other.
        low: Of what is forecast: what is added to the answer for the lower
            end of its band, a number for each row ahead; empty if no band
            is known. See `BAND`.
        high: The same of the upper end.
    """

    name: str
    categories: tuple[str, ...] = ()
    units: str = ""
    mean: float = 0.0
    deviation: float = 1.0
    change: float = 0.0
    period: float = 0.0
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()

    @property
    def title(self) -> str:
        """Its name, with the units unless the name tells them."""
        told = not self.units or self.units in re.split(
            r"[\s()\[\]_]+", self.name
        )
        return self.name if told else f"{self.name} ({self.units})"

    def to_json(self) -> dict[str, Any]:
        """Returns all that is not left at its default."""
        plain = dataclasses.asdict(Column(self.name))
        found = dataclasses.asdict(self)
        return {k: v for k, v in found.items() if k == "name" or v != plain[k]}


@dataclasses.dataclass(frozen=True)
class Field:
    """One part of every example: an image, a row, a class.

    Args:
        name: What signatures of a served model call it.
        kind: What its values mean.
        shape: Of one example; `None` where it varies.
        dtype: NumPy name of the raw values (`uint8`, `uint16`, `float32`).
        columns: Of a table, a series or of values: one for each of them.
        classes: The classes' names, in the order of their numbers.
        value_range: Smallest and largest raw value, where the type does not
            tell.
        mask_values: Raw mask value of each class, masks only.
        ignore: Raw mask values of no class: the mask is `VOID` there, and
            neither loss nor metrics count such pixels.
        instances: Whether class 1 joins objects that masks numbered.
        picture: Of a series read from an image: the image's shape.
        step: Of a series: what lies between two rows (`1 h`), if that is
            known.
        time: Of a series: what the column of its stamps is called, if there
            is one.
        zone: Of a series: which time zone its stamps are told in (`UTC`), as
            the source says; empty if it does not.
        season: Of a series: after how many rows it tends to repeat; 0 if
            that is not known.
        varied: Of a series: whether examples differ in length. `T` is then
            that of the longest, and rows of NaN stand behind the others.
        sequence: Of a series: what the column of a table is called that
            tells which rows are one example, if there was one.
        column: Of a text: what its column of a table is called, if it had
            one.
        coverage: Of values: part of the truths that intervals around them
            are calibrated to hold; 0 if there are none.
        tokenizer: Of a text: what makes numbers of it, as JSON of the library
            `tokenizers`; empty while that is not learned.
        vocabulary: Of a text: how many different numbers there are, padding
            and unknown among them.
    """

    name: str
    kind: Kind
    shape: tuple[int | None, ...] = ()
    dtype: str = "int32"
    columns: tuple[Column, ...] = ()
    classes: tuple[str, ...] = ()
    value_range: tuple[float, ...] = ()
    mask_values: tuple[int, ...] = ()
    ignore: tuple[int, ...] = ()
    instances: bool = False
    picture: tuple[int, ...] = ()
    step: str = ""
    time: str = ""
    zone: str = ""
    season: int = 0
    varied: bool = False
    sequence: str = ""
    column: str = ""
    coverage: float = 0.0
    tokenizer: str = ""
    vocabulary: int = 0

    @property
    def num_classes(self) -> int:
        return len(self.classes)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(column.name for column in self.columns)

    @property
    def categorical(self) -> tuple[int, ...]:
        """The places of the columns that hold categories."""
        return tuple(
            place
            for place, column in enumerate(self.columns)
            if column.categories
        )

    @property
    def limits(self) -> tuple[float, float]:
        """Smallest and largest raw value that it can hold."""
        if self.value_range:
            low, high = self.value_range
            return float(low), float(high)
        return 0.0, _HIGHEST.get(self.dtype, 1.0)

    def to_json(self) -> dict[str, Any]:
        """Returns all that is not left at its default."""
        found = dataclasses.asdict(self)
        found["columns"] = [column.to_json() for column in self.columns]
        return {
            name: value
            for name, value in found.items()
            if name in ("name", "kind", "shape", "dtype") or value
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Field":
        """Returns the field that `to_json` wrote.

        Raises:
            TypeError: If there is something else in it.
        """
        columns = tuple(Column(**_tuples(c)) for c in value.get("columns", ()))
        return cls(**{**_tuples(value), "columns": columns})


def _tuples(value: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in value.items()}


NOTHING = Field("none", "none")
"""The target of examples without a label."""


def image(
    shape: tuple[int | None, ...],
    dtype: str,
    value_range: tuple[float, ...] = (),
) -> Field:
    """Returns the field of an image `(H, W, C)`."""
    return Field("image", "image", shape, dtype, value_range=value_range)


def table(columns: Sequence[str | Column], dtype: str = "float32") -> Field:
    """Returns the field of a table's row, one number a column."""
    found = tuple(Column(c) if isinstance(c, str) else c for c in columns)
    return Field("features", "table", (len(found),), dtype, columns=found)


def one_class(classes: Sequence[str]) -> Field:
    """Returns the field of a class an example."""
    return Field("class", "class", classes=tuple(classes))


def mask(
    shape: tuple[int | None, ...],
    classes: Sequence[str],
    mask_values: tuple[int, ...] = (),
    ignore: tuple[int, ...] = (),
    instances: bool = False,
) -> Field:
    """Returns the field of a mask for images of `shape` `(H, W, C)`."""
    return Field(
        "mask",
        "mask",
        shape[:2],
        classes=tuple(classes),
        mask_values=mask_values,
        ignore=ignore,
        instances=instances,
    )


def values(columns: Sequence[Column]) -> Field:
    """Returns the field of what a regression measures, one number each."""
    return Field(
        "values", "values", (len(columns),), "float32", columns=tuple(columns)
    )


def series(
    window: int | None,
    columns: Sequence[Column],
    dtype: str = "float32",
    **known: Any,
) -> Field:
    """Returns the field of a series `(T, D)`.

    Args:
        window: Rows of each, `None` where that varies.
        columns: What each row holds.
        dtype: Of the raw values.
        known: Further attributes: `step`, `time`, `season`, `picture` ...
    """
    shape = (window, len(columns))
    return Field(
        "series", "series", shape, dtype, columns=tuple(columns), **known
    )


def future(horizon: int, columns: Sequence[Column]) -> Field:
    """Returns the field of what is known of the rows `(H, C)` to forecast."""
    shape = (horizon, len(columns))
    return Field("future", "series", shape, "float32", columns=tuple(columns))


def forecast(horizon: int, columns: Sequence[Column]) -> Field:
    """Returns the field of the rows `(H, K)` that follow a series."""
    return Field(
        "forecast",
        "series",
        (horizon, len(columns)),
        "float32",
        columns=tuple(columns),
    )


def text(column: str = "") -> Field:
    """Returns the field of texts of which no tokenizer has learned yet.

    Args:
        column: What it is called in a table.
    """
    return Field("text", "text", (None,), "int32", column=column)


def source(column: str = "") -> Field:
    """Returns the field of texts to translate; see `text`."""
    return Field("source", "text", (None,), "int32", column=column)


def target(column: str = "") -> Field:
    """Returns the field of what texts are translated to; see `text`.

    Its vocabulary holds one number more than its tokenizer knows, the last:
    it ends a target, and stands before what is asked.
    """
    return Field("target", "sequence", (None,), "int32", column=column)


def tokens(shape: tuple[int | None, ...], **known: Any) -> Field:
    """Returns the field of windows of a language, numbers of tokens `(T,)`.

    Args:
        shape: Tokens of a window; `None` while that is not known.
        known: `tokenizer` and `vocabulary`, once they are learned.
    """
    return Field("tokens", "tokens", shape, **known)


def next_token(shape: tuple[int | None, ...]) -> Field:
    """Returns the field of the tokens that follow each of a window, `(T,)`."""
    return Field("next_token", "next_token", shape)
