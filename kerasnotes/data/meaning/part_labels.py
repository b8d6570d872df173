"""Labels that come in parts, `train` and others, brought to one array."""

from collections.abc import Mapping, Sequence

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.base.types import Array
from kerasnotes.data.meaning import axes, labels
from kerasnotes.data.problems import Problems

SHOWN = 10
"""Classes named in a sentence."""


def join(
    parts: Mapping[str, Array],
    name: str,
    config: DataConfig,
    problems: Problems,
) -> Array:
    """Returns the labels of all parts, one after the other.

    Parts that say the same in other shapes are read alike: `(N, 1)` beside
    `(N,)`, masks with and without an axis of channels, and one-hot rows
    beside class numbers.

    Args:
        parts: Labels by part: `(N,)`, `(N, K)`, or masks.
        name: What the set is called, for messages.
        config: What the user says of labels.
        problems: Told of one-hot rows that are read as numbers.

    Returns:
        Array `(N, ...)`; that of a single part is not copied.

    Raises:
        DataError: If the parts cannot be labels of one kind.
    """
    found = {part: np.asarray(y) for part, y in parts.items()}
    if len(found) == 1:
        return next(iter(found.values()))
    if len({y.shape[1:] for y in found.values()}) > 1:
        found = {part: _without_ones(y) for part, y in found.items()}
        if config.labels != "values":
            found = _numbered(found, problems)
    if len({y.shape[1:] for y in found.values()}) > 1:
        raise _refuse(found, f"The labels of {name} differ in shape by part")
    texts = {part: y for part, y in found.items() if y.dtype.kind not in "biuf"}
    if texts and len(texts) < len(found) and not _share_words(found, texts):
        what = f"The labels of {name} are text in one part, numbers in another"
        raise _refuse(found, what)
    return np.concatenate(list(found.values()))


def _without_ones(y: Array) -> Array:
    """Returns `(N, 1)` as `(N,)`, and masks without an axis of channels."""
    return (
        y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else axes.without_channel(y)
    )


def _numbered(parts: dict[str, Array], problems: Problems) -> dict[str, Array]:
    """Returns one-hot rows as class numbers, where other parts hold those."""
    hot = {
        p: y for p, y in parts.items() if y.ndim == 2 and labels.is_one_hot(y)
    }
    plain = [y for part, y in parts.items() if part not in hot]
    most = min((y.shape[1] for y in hot.values()), default=0)
    if not plain or not all(_are_below(most, y) for y in plain):
        return parts
    for part, y in hot.items():
        problems.note(
            f"The labels of {part} are one-hot, {y.shape}: they are read as "
            f"class numbers, 0 to {y.shape[1] - 1}, as other parts hold them."
        )
    return {p: y.argmax(axis=1) if p in hot else y for p, y in parts.items()}


def _are_below(most: int, y: Array) -> bool:
    whole = y.ndim == 1 and y.dtype.kind in "biuf"
    return whole and bool(np.isin(y, np.arange(most)).all())


def _share_words(
    parts: Mapping[str, Array], texts: Mapping[str, Array]
) -> bool:
    """Returns whether numbers and texts have a label in common: `"1"`, 1."""
    words: dict[bool, set[str]] = {True: set(), False: set()}
    for part, y in parts.items():
        found = np.unique(y) if part not in texts else y.ravel()
        words[part in texts] |= {labels.to_text(v) for v in found.tolist()}
    return bool(words[True] & words[False])


def _refuse(parts: Mapping[str, Array], what: str) -> DataError:
    told = [
        f"{part}: {y.dtype} of shape {y.shape}, such as {y[0].tolist()!r:.40}"
        for part, y in parts.items()
    ]
    return DataError(
        f"{what}.",
        expected="labels of one kind in every part: class numbers, names, "
        "one-hot rows, measured values or masks",
        received="; ".join(told),
        hint="save the labels of all parts in the same way",
    )


def tell_absent(
    parts: Mapping[str, Array],
    classes: Sequence[str],
    name: str,
    problems: Problems,
) -> None:
    """Notes which classes a part lacks, as far as a source has parts.

    Args:
        parts: Class numbers `(N,)` by part.
        classes: What they are called.
        name: What the set is called, for messages.
        problems: Told of the classes.

    Raises:
        DataError: If training and another part have no class in common.
    """
    present = {part: set(np.unique(y).tolist()) for part, y in parts.items()}
    known = set().union(*present.values())
    for part, found in present.items():
        if "train" in present and not found & present["train"]:
            raise _refuse_strangers(present, part, classes, name)
        absent = [classes[i] for i in sorted(known - found)]
        if absent:
            one = "Class" if len(absent) == 1 else "Classes"
            has = "has" if len(absent) == 1 else "have"
            problems.note(
                f"{one} {_listed(absent)} {has} no example in {part}."
            )


def _listed(names: Sequence[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _refuse_strangers(
    present: Mapping[str, set[int]],
    part: str,
    classes: Sequence[str],
    name: str,
) -> DataError:
    told = [
        f"{one}: {_listed([classes[i] for i in sorted(present[one])])}"
        for one in ("train", part)
    ]
    return DataError(
        f"No label of {name} {part} is one of the training's.",
        expected="the same classes in every part, written alike",
        received="; ".join(told),
        hint="save the labels of all parts in the same way",
    )
