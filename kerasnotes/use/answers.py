"""Answers as Python wants them: typed, one an example."""

import dataclasses
from typing import Any

from PIL import Image

from kerasnotes.contracts.report import HIGH, LOW, PREDICTED, Prediction
from kerasnotes.data.dataset import Array
from kerasnotes.data.spec import Spec
from kerasnotes.metrics.confusion import slugs
from kerasnotes.use.pictures import to_png


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a model says of one example.

    Args:
        source: The file's name, or `array`.
        row: The answer as flat values: a line of `predictions.csv`.
    """

    source: str
    row: dict[str, Any] = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True)
class ClassAnswer(Answer):
    """The class of one example.

    Args:
        label: The most probable class.
        probability: Its probability.
        probabilities: Of every class, by name.
    """

    label: str
    probability: float
    probabilities: dict[str, float] = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True)
class PictureAnswer(Answer):
    """One example's answer in pictures.

    Args:
        images: 8-bit arrays `(H, W)` or `(H, W, 3)` by name.
    """

    images: dict[str, Array] = dataclasses.field(repr=False)

    def _repr_png_(self) -> bytes:
        # The last is the one to look at: the overlay, before and after.
        return to_png(Image.fromarray(list(self.images.values())[-1]))


@dataclasses.dataclass(frozen=True)
class MaskAnswer(PictureAnswer):
    """The class of every pixel of one image.

    Args:
        mask: Raw mask values as in training, `(H, W)` or colours
            `(H, W, 3)`.
        parts: Part of the pixels of each class, by name.
    """

    mask: Array = dataclasses.field(repr=False)
    parts: dict[str, float]


@dataclasses.dataclass(frozen=True)
class RestoredAnswer(PictureAnswer):
    """What a generator makes of one image.

    Args:
        restored: 8-bit picture `(H, W)` or `(H, W, 3)`.
    """

    restored: Array = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True)
class ValuesAnswer(Answer):
    """What a regression answers for one example.

    Args:
        values: By name, in raw units.
        bands: By name, between which ends the truth is expected; nothing if
            the network tells none. Of a forecast: where nine in ten of the
            errors on the validation part leave it, if that was large enough.
    """

    values: dict[str, float]
    bands: dict[str, tuple[float, float]] = dataclasses.field(
        default_factory=dict, kw_only=True
    )


@dataclasses.dataclass(frozen=True)
class StepAnswer(ValuesAnswer):
    """What is forecast for one row ahead.

    Args:
        step: Rows ahead, from 1.
        time: When that is, if it is known.
    """

    step: int
    time: str | None = None


@dataclasses.dataclass(frozen=True)
class TranslationAnswer(Answer):
    """What a text is translated to.

    Args:
        translation: The text.
    """

    translation: str


def to_answer(prediction: Prediction, spec: Spec) -> Answer:
    """Returns a prediction with its type.

    Args:
        prediction: As a task gives it.
        spec: What the model was trained on.

    Returns:
        An `Answer` of the kind that the model's task gives; rows of a table
        that a generator rebuilt are plain ones.
    """
    row, images = prediction.row, prediction.images
    common: dict[str, Any] = {"source": str(row["file"]), "row": row}
    if "class" in row:
        return ClassAnswer(
            **common,
            label=row["class"],
            probability=row["probability"],
            probabilities=_by_class(row, "p_", spec),
        )
    if "translation" in row:
        return TranslationAnswer(**common, translation=row["translation"])
    if spec.target.kind in ("values", "series"):
        columns = spec.target.columns
        values = {c.name: row[PREDICTED + c.title] for c in columns}
        ends = {
            c.name: (row[LOW + c.title], row[HIGH + c.title])
            for c in columns
            if LOW + c.title in row
        }
        if spec.target.kind == "series":
            ahead = {"step": row["step"], "time": row.get("time")}
            return StepAnswer(**common, values=values, **ahead, bands=ends)
        return ValuesAnswer(**common, values=values, bands=ends)
    if "mask" in images:
        parts = _by_class(row, "part_", spec)
        mask = images["mask"]
        return MaskAnswer(**common, images=images, mask=mask, parts=parts)
    if "restored" in images:
        restored = images["restored"]
        return RestoredAnswer(**common, images=images, restored=restored)
    return Answer(**common)


def _by_class(row: dict[str, Any], start: str, spec: Spec) -> dict[str, float]:
    names = zip(spec.target.classes, slugs(spec.target.classes), strict=True)
    return {name: row[start + slug] for name, slug in names}
