"""What classes may be instead, said where nobody is asked."""

import re
from collections.abc import Sequence

from kerasnotes.base.config import DataConfig
from kerasnotes.data.meaning.labels import DIGITS
from kerasnotes.data.problems import Problems
from kerasnotes.data.spec import Spec

NAMED = 10
"""Classes named in a command."""
_WHOLE = re.compile(r"-?\d+")
_UNKNOWN = frozenset(
    (
        *("unknown", "unk", "unlabeled", "unlabelled", "no label", "no_label"),
        *("undefined", "unspecified", "undetermined", "not known", "tbd"),
        *("not available", "not specified", "not labeled", "not labelled"),
        *("none", "n/a", "na", "n.a.", "nan", "null", "missing", "-", "?"),
    )
)
"""Words, in small letters, for a label that nobody knows; those for a missing
one are classes only where a folder, or the user, calls them so."""


def tell_doubts(
    spec: Spec, config: DataConfig, problems: Problems, *, in_folder: bool
) -> None:
    """Notes classes that may mean no class, or that may be measured.

    Args:
        spec: What was read.
        config: What the user says of labels: named classes are meant.
        problems: Told of each doubt.
        in_folder: Whether folders name the classes, which measure nothing.
    """
    names = spec.target.classes
    if spec.target.kind != "class" or config.classes is not None:
        return
    for name in names:
        if name.strip().casefold() in _UNKNOWN and len(names) > 1:
            source = "its folder" if in_folder else "its examples"
            problems.note(
                f"`{name}` is a class: if it means that there is no label, "
                f"leave {source} out of the data; if it is one, name every "
                f"class: --classes {','.join(names[:NAMED])}"
                + (",..." if len(names) > NAMED else "")
                + "."
            )
    if config.labels is None and not in_folder:
        _tell_numbers(names, problems)


def _tell_numbers(names: Sequence[str], problems: Problems) -> None:
    if len(names) > DIGITS and all(map(_WHOLE.fullmatch, names)):
        numbers = sorted(map(int, names))
        problems.note(
            f"The {len(names)} whole numbers {numbers[0]} to {numbers[-1]} "
            "are classes. If they count or measure "
            "something: --set data.labels=values."
        )
