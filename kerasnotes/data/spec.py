"""What a data set holds, without its values: all that a note is told."""

import dataclasses
from typing import Any

from kerasnotes.data import fields
from kerasnotes.data.fields import NOTHING, Field


@dataclasses.dataclass(frozen=True)
class Spec:
    """Describes one example of a data set: named fields on either side.

    An example of one input is an array; one of several is a dictionary of
    arrays by the fields' names.

    Args:
        name: The data set's short name (`digits`, a folder's name).
        inputs: What a model is given; the first is what it answers about,
            the others are told beside it.
        targets: What it is to answer; `NOTHING` if there is no label.
    """

    name: str
    inputs: tuple[Field, ...]
    targets: tuple[Field, ...] = (NOTHING,)

    @property
    def input(self) -> Field:
        """The field that a model answers about: the first it is given."""
        return self.inputs[0]

    @property
    def future(self) -> Field | None:
        """What is told of rows that are forecast, if anything is."""
        named = (field for field in self.inputs[1:] if field.name == "future")
        return next(named, None)

    @property
    def planned(self) -> tuple[str, ...]:
        """The columns of a series that a forecast knows ahead."""
        columns = self.future.columns if self.future else ()
        return tuple(c.name for c in columns if not c.period)

    @property
    def has_calendar(self) -> bool:
        """Whether a forecast is told the hours and days of its rows."""
        columns = self.future.columns if self.future else ()
        return any(column.period for column in columns)

    @property
    def target(self) -> Field:
        """The only field that a model is to answer; `NOTHING` of unlabelled.

        Raises:
            ValueError: If there are several.
        """
        return _only(self.targets)

    @property
    def of_files(self) -> "Spec":
        """What the files look like that examples are read from.

        Of a series that was read from images it is the images; else the
        description itself.
        """
        given = self.inputs[0]
        if not given.picture:
            return self
        image = fields.image(given.picture, given.dtype, given.value_range)
        return dataclasses.replace(self, inputs=(image,))

    @property
    def of_sequences(self) -> bool:
        """Whether each example is a series by itself, read from no image."""
        series = self.inputs[0].kind == "series"
        return (
            series
            and not self.inputs[0].picture
            and self.targets[0].kind in ("class", "values")
        )

    def with_input(self, **changes: Any) -> "Spec":
        """Returns a copy whose first input differs."""
        changed = dataclasses.replace(self.input, **changes)
        targets = self.targets
        if len(targets) == 1 and targets[0].kind == "mask":
            # A mask is as large as its image.
            sides = changed.shape[:2]
            targets = (dataclasses.replace(targets[0], shape=sides),)
        inputs = (changed, *self.inputs[1:])
        return dataclasses.replace(self, inputs=inputs, targets=targets)

    def with_target(self, **changes: Any) -> "Spec":
        """Returns a copy whose only target differs."""
        changed = dataclasses.replace(self.target, **changes)
        return dataclasses.replace(self, targets=(changed,))

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "inputs": [field.to_json() for field in self.inputs],
            "targets": [field.to_json() for field in self.targets],
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Spec":
        """Returns what `to_json` wrote, today or before there were fields.

        Raises:
            KeyError: If something is missing.
            TypeError: If something else is in it.
        """
        if "input" in value:
            return _from_flat(**value)
        return cls(
            value["name"],
            tuple(Field.from_json(each) for each in value["inputs"]),
            tuple(Field.from_json(each) for each in value["targets"]),
        )


def _only(found: tuple[Field, ...]) -> Field:
    if len(found) != 1:
        raise ValueError(
            "One field is wanted. "
            f"Received: {', '.join(field.name for field in found) or 'none'}"
        )
    return found[0]


def _from_flat(
    *,
    name: str,
    input: str,
    shape: list[int | None],
    dtype: str,
    target: str,
    classes: list[str],
    features: list[str] | tuple[str, ...] = (),
    mask_values: list[int] | tuple[int, ...] = (),
    value_range: list[float] | tuple[float, ...] = (),
    ignore: list[int] | tuple[int, ...] = (),
    instances: bool = False,
) -> Spec:
    """Reads a record of version 0.1: one input, an image or a table."""
    sides, limits = tuple(shape), tuple(value_range)
    if input == "table":
        given = fields.table(features, dtype)
        # Arrays had no names: their columns are counted by the shape.
        given = dataclasses.replace(given, shape=sides, value_range=limits)
    else:
        given = fields.image(sides, dtype, limits)
    answer = NOTHING
    if target == "mask":
        answer = fields.mask(
            sides, classes, tuple(mask_values), tuple(ignore), instances
        )
    elif target == "class":
        answer = fields.one_class(classes)
    return Spec(name, (given,), (answer,))
