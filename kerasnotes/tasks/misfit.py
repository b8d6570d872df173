"""What is said of data that a model cannot be measured on."""

from typing import Any

from kerasnotes.base.errors import DataError
from kerasnotes.data.spec import Spec

LISTED = 12
"""Names and numbers in a sentence."""

_FORMS = {
    ("image", "class"): "a folder with a sub-folder of pictures for each "
    "class, or a .npz with the keys x and y",
    ("image", "mask"): "a folder with images/ and masks/, or a .npz with the "
    "keys images and masks",
    ("image", "values"): "a .npz with the keys x, images, and y, numbers that "
    "were measured",
    ("table", "class"): "a table of the same columns and a label, or a .npz "
    "with the keys x and y",
    ("table", "values"): "a table of the same columns and what was measured, "
    "or a .npz with the keys x and y",
}
"""What data look like, by the kinds of a model's input and target."""


def misfit(data: Spec, model: Spec) -> DataError:
    """Returns the error of data that are not what a model was trained on."""
    return DataError(
        f"The data set `{data.name}` does not fit the model.",
        expected=_inputs(model),
        received=_inputs(data),
        hint=_hint(data, model),
    )


def form_of(model: Spec) -> str | None:
    """Returns what data look like that a model is measured on, if known."""
    of_files = model.of_files
    return _FORMS.get((of_files.input.kind, of_files.target.kind))


def _hint(data: Spec, model: Spec) -> str:
    """Returns what helps: another layout, or another verb."""
    form, same = form_of(model), data.input.kind == model.input.kind
    if form is None or (same and data.target.kind == model.target.kind):
        return "`kn data SOURCE` shows what is read from a source"
    hint = f"this model is measured on {form}"
    if same:
        hint += "; without labels it answers: kn predict RUN PATH"
    return hint


def _inputs(spec: Spec) -> str:
    shape = ", ".join("any" if s is None else str(s) for s in spec.input.shape)
    label = f"a {spec.target.kind} as target"
    if spec.target.kind == "none":
        label = "no label"
    elif spec.target.kind == "series":
        label = f"forecast of {spec.target.shape[0]} rows: " + shortened(
            spec.target.names
        )
    elif spec.target.kind == "values":
        label = "measured: " + shortened(spec.target.names)
    text = f"{spec.input.kind} of shape ({shape}), {label}"
    if spec.input.names:
        text += "; columns " + shortened(spec.input.names)
    for field in spec.inputs[1:]:
        text += f"; {field.name}: " + shortened(field.names)
    return text


def shortened(values: tuple[Any, ...]) -> str:
    """Returns names or numbers for a sentence, the first ones of many."""
    text = ", ".join(map(str, values[:LISTED]))
    return text + (", ..." if len(values) > LISTED else "")
