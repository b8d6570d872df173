"""Whether the parts of divided arrays can be of one data set."""

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Array
from kerasnotes.data.meaning.regression import are_measured

_KINDS = {"b": "yes and no", "i": "integers", "u": "integers", "f": "floats"}


def check_alike(
    parts: dict[str, tuple[Array, Array]], name: str, config: DataConfig
) -> None:
    """Compares every part with the first, which is `train`.

    Args:
        parts: Inputs and labels by part.
        name: What the set is called, for messages.
        config: What the user says of labels.

    Raises:
        DataError: If inputs differ in shape or in kind of number, or a label is
            none of the training's.
    """
    first, *others = parts
    for other in others:
        _check_inputs(parts[first][0], parts[other][0], f"{name} {other}")
        labels = parts[first][1], parts[other][1]
        _check_labels(*labels, f"{name} {other}", config)


def _check_inputs(first: Array, other: Array, name: str) -> None:
    if first.shape[1:] != other.shape[1:]:
        raise _refuse(f"The inputs of {name} have another shape", first, other)
    kinds = [_KINDS.get(x.dtype.kind, "others") for x in (first, other)]
    if kinds[0] != kinds[1]:
        raise _refuse(f"The inputs of {name} are of another kind", first, other)


def _refuse(what: str, first: Array, other: Array) -> DataError:
    return DataError(
        f"{what} than the training's.",
        expected=f"{first.dtype} of shape {first.shape}, but for the number",
        received=f"{other.dtype} of shape {other.shape}",
    )


def _check_labels(
    first: Array, other: Array, name: str, config: DataConfig
) -> None:
    if max(first.ndim, other.ndim) > 2:
        return
    known = set(first.ravel().tolist())
    strange = [v for v in other.ravel().tolist() if v not in known]
    if strange and not are_measured(first, name, config):
        shown = ", ".join(str(v) for v in list(dict.fromkeys(strange))[:10])
        raise DataError(
            f"The labels of {name} are not all in the training part.",
            expected="labels that the model is shown in training",
            received=f"also {shown}",
        )
