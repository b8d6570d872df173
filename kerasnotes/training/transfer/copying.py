"""Weights from one network into another, where they fit."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasnotes.base.errors import UsageError
from kerasnotes.data.spec import Spec

EMBEDDING = "embedding"
"""The layer that reads numbers of tokens."""
SHOWN = 6
FAR, WIDER = 3.0, 5.0
"""Another scale: a mean so many deviations away, a deviation so many times as
large or as small."""
Statistics = tuple[Sequence[float], Sequence[float]]
"""What is subtracted, and the square of what is divided by."""


@dataclasses.dataclass(frozen=True)
class Copied:
    """What became of the layers of a new network.

    Args:
        layers: Whose weights were copied, in order.
        fresh: Whose weights are new: the head, and what has another size.
        head: Whether the head is among those that were copied.
    """

    layers: tuple[str, ...]
    fresh: tuple[str, ...]
    head: bool

    def tell(self, source: str) -> str:
        """Returns a sentence about it."""
        named = ", ".join(self.fresh[:SHOWN])
        more = len(self.fresh) - SHOWN
        if more > 0:
            named += f" and {more} more"
        total = len(self.layers) + len(self.fresh)
        return (
            f"{len(self.layers)} of {total} layers begin with the weights of "
            f"{source}; new: {named or 'none'}."
        )


def copy_weights(source: Any, model: Any) -> Copied:
    """Copies each layer's weights where the other has one so called and large.

    The head is new wherever something else is to be answered, though it may
    have as many outputs; and so is what reads a table, unless its columns are
    the same, in the same order, with the same categories.

    Args:
        source: A built network.
        model: Another, whose weights are set.

    Raises:
        UsageError: If no layer fits, or the columns of a table are others
            and the network cannot tell which layers read them.
    """
    theirs, ours = _by_layer(source), _by_layer(model)
    new = () if _same_answer(source.spec, model.spec) else model.head
    if not _same_columns(source.spec, model.spec):
        _check_entry(model)
        new = (*new, *model.entry)
    if source.spec.input.tokenizer != model.spec.input.tokenizer:
        # The same number stands for another token.
        new = (*new, EMBEDDING)
    copied: list[str] = []
    fresh: list[str] = []
    for name, variables in ours.items():
        found = {} if name in new else theirs.get(name, {})
        # What a layer has besides, as offsets of an interval, stays new.
        fits = bool(found) and all(
            key in variables
            and tuple(value.shape) == tuple(variables[key].shape)
            for key, value in found.items()
        )
        (copied if fits else fresh).append(name)
        for key in found if fits else ():
            variables[key].assign(found[key])
    if not copied:
        raise UsageError(
            "No layer of that network fits the new one.",
            expected="layers of the same names and sizes: " + _list(ours),
            received=_list(theirs),
        )
    head = any(name in copied for name in model.head)
    return Copied(tuple(copied), tuple(fresh), head)


def same_scale(
    source: Spec, spec: Spec, kept: Statistics, own: Statistics
) -> bool:
    """Returns whether raw inputs can be normalized as the source's were.

    They must be of the same channels or columns, and where the source's
    numbers lay, about.

    Args:
        source: What the other network was made for.
        spec: The new data.
        kept: What the other subtracts, and the squares that it divides by.
        own: The same of the new data.
    """
    one, other = source.input, spec.input
    if one.kind != other.kind or one.shape[-1:] != other.shape[-1:]:
        return False
    if one.kind == "image" and one.limits != other.limits:
        return False
    if not _same_columns(source, spec):
        return False
    (there, wide), (here, width) = (
        (np.asarray(shift, "float64"), np.sqrt(np.asarray(square, "float64")))
        for shift, square in (kept, own)
    )
    wide, width = (
        np.where(spread > 0, spread, 1.0) for spread in (wide, width)
    )
    near = np.abs(here - there) <= FAR * wide
    alike = np.abs(np.log(width / wide)) <= np.log(WIDER)
    return bool((near & alike).all())


def _same_columns(source: Spec, spec: Spec) -> bool:
    """Returns whether columns are the same by name and categories."""
    one, other = (
        [(c.name, c.categories) for c in each.input.columns]
        for each in (source, spec)
    )
    return one == other


def _check_entry(model: Any) -> None:
    if not model.entry:
        raise UsageError(
            "The source was trained on other columns.",
            expected="the same names, in the same order, with the same "
            "categories",
            received=", ".join(model.spec.input.names[:SHOWN]),
            hint="name and order them as they were",
        )


def _same_answer(source: Spec, spec: Spec) -> bool:
    """Returns whether outputs mean the same, as far as their names tell.

    Classes that are only numbered may be anything.
    """
    one, other = source.target, spec.target
    if one.classes and all(name.isdigit() for name in one.classes):
        return False
    return (one.kind, one.classes, one.columns) == (
        other.kind,
        other.classes,
        other.columns,
    )


def _by_layer(model: Any) -> dict[str, dict[str, Any]]:
    """Returns weights by layer and name; seeds are none."""
    found: dict[str, dict[str, Any]] = {}
    for variable in model.variables:
        layer, _, name = str(variable.path).rpartition("/")
        if "seed_generator" not in layer and not layer.endswith("standardize"):
            found.setdefault(layer, {})[name] = variable
    return found


def _list(layers: dict[str, Any]) -> str:
    more = f" and {len(layers) - SHOWN} more" if len(layers) > SHOWN else ""
    return ", ".join(list(layers)[:SHOWN]) + more
