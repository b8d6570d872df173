"""Weights from one network into another, where they fit."""

import dataclasses
from typing import Any

from kerasnotes.base.errors import UsageError
from kerasnotes.data.spec import Spec

SHOWN = 6


@dataclasses.dataclass(frozen=True)
class Copied:
    """What became of the layers of a new network.

    Args:
        layers: Whose weights were copied, in order.
        fresh: Whose weights are new: the head, and what has another size.
    """

    layers: tuple[str, ...]
    fresh: tuple[str, ...]

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
    have as many outputs.

    Args:
        source: A built network.
        model: Another, whose weights are set.

    Raises:
        UsageError: If no layer fits.
    """
    theirs, ours = _by_layer(source), _by_layer(model)
    new_head = () if _same_answer(source.spec, model.spec) else model.head
    copied: list[str] = []
    fresh: list[str] = []
    for name, variables in ours.items():
        found = {} if name in new_head else theirs.get(name, {})
        fits = {k: tuple(v.shape) for k, v in found.items()} == {
            k: tuple(v.shape) for k, v in variables.items()
        }
        (copied if fits else fresh).append(name)
        for key in variables if fits else ():
            variables[key].assign(found[key])
    if not copied:
        raise UsageError(
            "No layer of that network fits the new one.",
            expected="layers of the same names and sizes: " + _list(ours),
            received=_list(theirs),
        )
    return Copied(tuple(copied), tuple(fresh))


def same_scale(source: Spec, spec: Spec) -> bool:
    """Returns whether raw inputs are normalized alike in both networks.

    Columns are told apart by their names, pixels by channels and range.
    """
    one, other = source.input, spec.input
    if one.kind != other.kind or one.shape[-1:] != other.shape[-1:]:
        return False
    if one.kind == "image":
        return one.limits == other.limits
    return one.columns == other.columns


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
