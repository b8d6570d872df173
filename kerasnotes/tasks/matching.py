"""Whether a data set fits a trained model, and how its classes map."""

import dataclasses
from pathlib import Path

import numpy as np

from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Dataset, ReadsImages, Split
from kerasnotes.data.meaning.categories import translate
from kerasnotes.data.readers.image.images import check_fit
from kerasnotes.data.readers.image.pixels import Form
from kerasnotes.data.scale import check_range, describe
from kerasnotes.data.sequences.making import read_as as sequences_as
from kerasnotes.data.series.clock_check import check_clock
from kerasnotes.data.spec import Spec
from kerasnotes.data.splitting import PARTS
from kerasnotes.data.text.making import read_as as texts_as
from kerasnotes.tasks.misfit import misfit, shortened
from kerasnotes.tasks.renumbered import Arranged, Recoded, Remapped


def arrange(data: Dataset, model: Spec) -> Dataset:
    """Returns a table or series with the model's columns, in its order.

    As `kn predict` reads a file: columns are found by name, others are passed
    over. Data without those names are returned as they are.
    """
    names, wanted = data.spec.input.names, model.input.names
    if names == wanted or not wanted or not set(wanted) <= set(names):
        return data
    order = [names.index(name) for name in wanted]
    columns = tuple(data.spec.input.columns[place] for place in order)
    return dataclasses.replace(
        data,
        spec=data.spec.with_input(
            columns=columns, shape=(*data.spec.input.shape[:-1], len(order))
        ),
        train=Arranged(data.train, order),
        validation=Arranged(data.validation, order),
        test=Arranged(data.test, order),
    )


def read_as(data: Dataset, model: Spec) -> Dataset:
    """Returns a data set whose images or texts are read as a model needs them.

    Args:
        data: The data set; of arrays, it is returned as it is.
        model: What the model was trained on.

    Raises:
        DataError: If the files hold pixels of another kind.
    """
    spec = data.spec
    if spec.inputs[0].kind == model.inputs[0].kind in ("text", "tokens"):
        return texts_as(data, model)
    if spec.inputs[0].kind == model.inputs[0].kind == "series":
        return sequences_as(data, model)
    same_kind = (spec.input.kind, spec.target.kind) == (
        model.input.kind,
        model.target.kind,
    )
    train, validation, test = map(data.split, PARTS)
    if not (
        same_kind
        and isinstance(train, ReadsImages)
        and isinstance(validation, ReadsImages)
        and isinstance(test, ReadsImages)
    ):
        return data
    form = Form.of(model)
    size = form.size or spec.input.shape[:2]
    read = spec.with_input(
        shape=(*size, model.input.shape[-1]),
        dtype=model.input.dtype,
        value_range=model.input.value_range,
    )
    if read == spec:
        return data
    check_fit(Path(spec.name), spec.input.dtype, form)
    remark = (
        f"The images, {_pixels(spec)}, are read as those of the training: "
        f"{_pixels(read)}."
    )
    return dataclasses.replace(
        data,
        spec=read,
        remarks=(*data.remarks, remark),
        train=train.read_as(read),
        validation=validation.read_as(read),
        test=test.read_as(read),
    )


def _pixels(spec: Spec) -> str:
    sides = ", ".join("any" if s is None else str(s) for s in spec.input.shape)
    return f"({sides}), {describe(spec)}"


def match(split: Split, data: Spec, model: Spec) -> Split:
    """Returns `split` with its classes numbered as the model's.

    Classes match when all their names do, whatever their order; those of
    masks also when their raw values do.

    Args:
        split: A part of the data set.
        data: The data set's description.
        model: What the model was trained on.

    Raises:
        DataError: If inputs or classes differ; says both.
    """
    check_inputs(data, model)
    other = translate(data.input, model.input)
    if other:
        split = Recoded(split, other)
    if (
        data.target.classes == model.target.classes
        or model.target.kind == "none"
    ):
        return split
    if set(data.target.classes) <= set(model.target.classes):
        numbers = [
            model.target.classes.index(name) for name in data.target.classes
        ]
        return Remapped(split, np.array(numbers, "int32"))
    if data.target.mask_values and set(data.target.mask_values) <= set(
        model.target.mask_values
    ):
        places = [
            model.target.mask_values.index(v) for v in data.target.mask_values
        ]
        return Remapped(split, np.array(places, "int32"))
    raise DataError(
        f"The classes of `{data.name}` are not those of the model.",
        expected=_classes(model),
        received=_classes(data),
        hint="name the data's classes as the model's: folder names, labels "
        "(in Python numpy.array(run.spec.target.classes)[y], where y counts "
        "them), or a classes.txt beside the masks",
    )


def check_inputs(data: Spec, model: Spec) -> None:
    """Raises a `DataError` unless inputs are of the model's kind and scale."""
    # Whom no label was told, no label can mislead.
    fitting = {
        model.target.kind,
        "class" if model.target.kind == "none" else "",
    }
    if data.input.kind != model.input.kind or data.target.kind not in fitting:
        raise misfit(data, model)
    if data.target.kind in ("values", "series"):
        _check_values(data, model)
    if data.target.kind == "series" and data.target.shape != model.target.shape:
        raise misfit(data, model)
    told = [[f.names for f in spec.inputs[1:]] for spec in (data, model)]
    if told[0] != told[1]:
        raise misfit(data, model)
    given = data.input
    check_clock(given.step, given.zone, model, f"`{data.name}`")
    if data.input.kind in ("table", "series"):
        if data.input.categorical != model.input.categorical:
            raise misfit(data, model)
        same_names = not (data.input.names and model.input.names) or (
            data.input.names == model.input.names
        )
        if data.input.shape != model.input.shape or not same_names:
            raise misfit(data, model)
        return
    if data.input.shape[-1] != model.input.shape[-1]:
        raise misfit(data, model)
    if model.target.kind != "mask" and data.input.shape != model.input.shape:
        raise misfit(data, model)
    check_range(data, model)


def _check_values(data: Spec, model: Spec) -> None:
    """Refuses measured labels that are others, in another order or unit."""
    told, known = data.target.names, model.target.names
    # Other names for all are the user's own word: `--target`.
    mixed = told != known and bool(set(told) & set(known))
    if len(told) != len(known) or mixed:
        raise misfit(data, model)
    pairs = zip(data.target.columns, model.target.columns, strict=True)
    for column, own in pairs:
        if column.units and own.units and column.units != own.units:
            raise DataError(
                f"`{column.name}` has another unit than the model's.",
                expected=own.units,
                received=column.units,
                hint="bring the column to the model's unit, and say so in its "
                "name",
            )


def _classes(spec: Spec) -> str:
    text = (
        f"{spec.target.num_classes} classes: {shortened(spec.target.classes)}"
    )
    if spec.target.mask_values:
        text += f" (mask values {shortened(spec.target.mask_values)})"
    return text
