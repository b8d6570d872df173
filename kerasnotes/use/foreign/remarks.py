"""What was guessed of a stranger's file, a sentence each."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kerasnotes.use.foreign.reading import Foreign

NAMED = 6
"""Classes that are named; more are counted."""
_SCALING = ("Rescaling", "Normalization")


def remarks(foreign: "Foreign") -> Iterator[str]:
    """Yields what one must know to read the model's answers."""
    yield _fed(foreign)
    if foreign.description.classes is None:
        names = ", ".join(foreign.spec.target.classes[:NAMED])
        more = ", ..." if foreign.spec.target.num_classes > NAMED else ""
        yield (
            f"The model's outputs are taken to be {names}{more}, in the order "
            "of the data; --classes names another."
        )
    yield _answers(foreign)


def _fed(foreign: "Foreign") -> str:
    spec, scale = foreign.spec, foreign.description.scale
    inside = [k for k in _SCALING if k in foreign.interface.kinds]
    if spec.input.kind == "table":
        scaling = (
            f"the file's {inside[0]} scales them" if inside else "as they are"
        )
        return f"It is fed the columns of the data: {scaling}."
    low, high = (f"{value:g}" for value in spec.input.limits)
    if scale is not None:
        first, last = (f"{value:g}" for value in scale)
        more = f"; the file's {inside[0]} follows" if inside else ""
        return f"Raw values {low} to {high} are fed as {first} to {last}{more}."
    if inside:
        return (
            f"It is fed raw values, {low} to {high}: the file's {inside[0]} "
            "scales them."
        )
    return (
        f"It is fed raw values, {low} to {high}: nothing in the file scales "
        "them. If it was trained on scaled ones, say so: --scale 0 1."
    )


def _answers(foreign: "Foreign") -> str:
    read, ends = foreign.interface, foreign.interface.activation
    if foreign.description.answers is not None:
        why = f"--answers {foreign.description.answers}"
    elif foreign.logits:
        why = f"its loss, {read.loss}, says from_logits=True"
    else:
        why = f"it ends in {ends}"
    kind = "logits" if foreign.logits else "probabilities"
    if read.output is not None and read.output[-1] == 1:
        second = foreign.spec.target.classes[1]
        return f"Its one unit answers for `{second}`, with {kind}: {why}."
    return f"Its answers are {kind}: {why}."
