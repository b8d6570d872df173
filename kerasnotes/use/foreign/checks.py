"""Whether a stranger's model has a task here, and fits some data."""

from pathlib import Path

from kerasnotes.base.commands import command
from kerasnotes.base.errors import DataError, StorageError, UsageError
from kerasnotes.data.spec import Spec
from kerasnotes.runs.archive.interface import Interface, Shape

_TEXT = {
    "Embedding",
    "TextVectorization",
    "StringLookup",
    "IntegerLookup",
    "Hashing",
}
"""Layers that take words or their numbers."""
_ANSWERS = "--answers logits, or --answers probabilities"


def own_class(path: Path, name: str) -> StorageError:
    """Returns the error for a model that is a class of its own."""
    return StorageError(
        f"{path} cannot be rebuilt: its model is a class of its own.",
        expected="a Sequential or functional model of Keras' layers",
        received=name,
        hint="save the same layers as keras.Model(inputs, outputs)",
    )


def check_interface(path: Path, interface: Interface) -> None:
    """Refuses what no task has a use for, whatever the data.

    Raises:
        UsageError: If it reads text, does not take one table or image, or
            has more than one answer.
    """
    text_layers = sorted(interface.kinds & _TEXT)
    if text_layers:
        raise _no_task(path, "it reads text", f"a layer {text_layers[0]}")
    if (len(interface.inputs), interface.outputs) != (1, 1):
        raise _no_task(
            path,
            "it has more than one input or output",
            f"{len(interface.inputs)} inputs, {interface.outputs} outputs",
        )
    shape = interface.inputs[0]
    if len(shape) not in (1, 2, 3):
        raise _no_task(path, "it takes no images or rows", _text(shape))


def reads_images(interface: Interface) -> bool:
    """Returns whether it takes `(H, W, C)` or `(H, W)`, not `(D,)`."""
    return len(interface.inputs[0]) > 1


def are_logits(path: Path, interface: Interface, wish: str | None) -> bool:
    """Returns whether the answers are logits: by the file, or by a wish.

    Raises:
        UsageError: If the file does not tell and nothing is wished, or if it
            says the opposite.
    """
    ends = interface.activation
    if ends in ("softmax", "sigmoid"):
        if wish == "logits":
            raise UsageError(
                f"The answers of {path} are no logits.",
                expected="a last layer without softmax or sigmoid",
                received=f"{ends} at the end",
                hint="leave out --answers",
            )
        return False
    if wish is not None:
        return wish == "logits"
    if ends == "linear" and interface.from_logits:
        return True
    loss = interface.loss or "none noted"
    raise UsageError(
        f"{path} does not say whether it answers with probabilities: it may "
        "be a regression.",
        expected="softmax or sigmoid at the end, or a loss with "
        "from_logits=True",
        received=f"{ends} at the end; loss: {loss}",
        hint=f"if it tells classes apart, say what its numbers are: {_ANSWERS}",
    )


def check_input(interface: Interface, spec: Spec) -> None:
    """Raises a `DataError` unless the data are what the model takes."""
    if spec.target.kind == "values" or spec.input.categorical:
        raise DataError(
            "A stranger's model is measured on classes, of numbers or images.",
            expected="columns of numbers, and a class for every row",
            received="measured values"
            if spec.target.kind == "values"
            else "columns of categories",
        )
    shape = interface.inputs[0]
    table = spec.input.kind == "table"
    if table == reads_images(interface):
        raise _misfit(spec, _kind(interface), f"{spec.input.kind}s")
    expected = (*shape, 1) if len(shape) == 2 else shape
    for size, received in zip(expected, spec.input.shape, strict=True):
        if size is not None and size != received:
            raise _misfit(
                spec,
                f"{_kind(interface)} of shape {_text(expected)}",
                f"shape {_text(spec.input.shape)}",
            )


def check_scale(spec: Spec) -> None:
    """Raises a `UsageError` for data that have no smallest and largest."""
    if spec.input.kind == "table":
        raise UsageError(
            "--scale is for pixels: columns have no common range.",
            expected="images",
            received="a table",
            hint="scale the columns in the file, or in the model",
        )


def check_output(output: Shape, interface: Interface, spec: Spec) -> None:
    """Refuses answers that are not those of the data's task.

    Args:
        output: Shape of one answer, as far as it is known.
        interface: The model.
        spec: The data.

    Raises:
        UsageError: If they fit no task.
        DataError: If they fit another one.
    """
    shapes = {"class": "(K,)", "mask": "(H, W, K), the image's size"}
    named = {1: "a class per example", 3: "a class per pixel"}
    if len(output) not in named or None in output[-1:]:
        raise _unfit(output, "(K,), or (H, W, K) for masks")
    if (spec.target.kind == "mask") != (len(output) == 3):
        raise _misfit(
            spec, named[len(output)], f"a {spec.target.kind} as target"
        )
    if spec.target.kind == "mask" and not _same_size(output, interface, spec):
        raise _unfit(output, shapes["mask"])
    units, ends = output[-1], interface.activation
    if units == 1 and ends == "softmax":
        raise _unfit(output, "more than one unit before softmax")
    if units != 1 and ends == "sigmoid":
        raise _unfit(
            output, "one unit before sigmoid; several are as many answers"
        )


def _same_size(output: Shape, interface: Interface, spec: Spec) -> bool:
    """Whether an answer has the height and width of what goes in."""
    input_size = interface.inputs[0][:2]
    sides = zip(output[:2], input_size, spec.input.shape[:2], strict=True)
    return all(side in (size, own) for side, size, own in sides)


def order_classes(spec: Spec, names: tuple[str, ...] | None) -> Spec:
    """Returns the data with its classes in the model's order.

    Args:
        spec: The data.
        names: Every class of the model in the order of its outputs; by
            default they are the data's.

    Raises:
        DataError: If the data have a class that is not named.
        UsageError: If a name is there twice.
    """
    if names is None:
        return spec
    if len(set(names)) < len(names):
        raise UsageError(
            "A class is named twice.",
            expected="every class once",
            received=", ".join(names),
        )
    missing = [name for name in spec.target.classes if name not in names]
    if missing:
        raise DataError(
            f"--classes lacks classes of `{spec.name}`.",
            expected=", ".join(spec.target.classes),
            received=", ".join(names),
            hint="name every class of the model, as the data call them",
        )
    # The mask values of classes that the data do not have are not known.
    whole = spec.target.mask_values and len(names) == len(spec.target.classes)
    places = (
        [spec.target.classes.index(name) for name in names] if whole else []
    )
    values = tuple(spec.target.mask_values[place] for place in places)
    return spec.with_target(classes=names, mask_values=values)


def check_count(output: Shape, spec: Spec) -> None:
    """Raises a `DataError` unless there are as many classes as answers."""
    count = 2 if output[-1] == 1 else output[-1]
    if count != spec.target.num_classes:
        raise DataError(
            f"The classes of `{spec.name}` are not as many as the model's.",
            expected=f"{count} classes",
            received=f"{spec.target.num_classes}: "
            + ", ".join(spec.target.classes[:12]),
            hint="if the data have only some, name all of the model's in "
            "their order, with --classes A,B,C",
        )


def _kind(interface: Interface) -> str:
    return "images" if reads_images(interface) else "rows of a table"


def _misfit(spec: Spec, expected: str, received: str) -> DataError:
    return DataError(
        f"The data set `{spec.name}` does not fit the model.",
        expected=expected,
        received=received,
        hint="`kn data SOURCE` shows what is read from a source",
    )


def _unfit(output: Shape, expected: str) -> UsageError:
    return UsageError(
        "The model's answers fit no task.",
        expected=f"answers of shape {expected}",
        received=f"shape {_text(output)}",
    )


def _no_task(path: Path, why: str, received: str) -> UsageError:
    return UsageError(
        f"{path} has no task here: {why}.",
        expected="one image or row in, one class an example or pixel out",
        received=received,
        hint=f"`{command('show', path)}` shows its layers",
    )


def _text(shape: Shape) -> str:
    sizes = ["any" if size is None else str(size) for size in shape]
    return f"({', '.join(sizes)})" if sizes else "nothing that it says"
