"""Which of several named arrays are inputs and labels, and of which part."""

import re
from collections.abc import Collection, Iterator

from kerasnotes.base.errors import DataError, did_you_mean
from kerasnotes.data.meaning.key_names import (
    INPUTS,
    LENGTHS,
    TARGETS,
    of_part,
    take_apart,
)
from kerasnotes.data.problems import Problems

_ORDER = ("all", "train", "validation", "test")

NO_LABELS = ""
"""In place of a label key: inputs for generators."""
Found = dict[str, tuple[str, str]]
"""Input key and label key by part: `all`, or `train` and others."""


def find_keys(
    keys: Collection[str], target: str | Collection[str] | None, where: str
) -> Found:
    """Finds which keys hold inputs and labels, or inputs and nothing else.

    Args:
        keys: All keys; of groups, `train/x`.
        target: The labels' key, with or without its part, if the user says.
        where: What has these keys, for messages.

    Raises:
        DataError: If there are no such keys, or labels of several names.
    """
    if target is not None and not isinstance(target, str):
        target = _single(target, where)
    found = _find(keys, target, where) or _find_inside(keys, target, where)
    if not found and target is None:
        found = _find_bare(keys)
    if not found:
        raise _nothing(keys, target, where)
    return found


def _find_bare(keys: Collection[str]) -> Found:
    """Returns inputs by part, if no other array is there.

    A lone one may be called anything but labels; beside an array of unknown
    meaning nobody knows whether there are labels.
    """
    known = [take_apart(key) for key in keys]
    lone = len(known) == 1 and known[0].role not in (*TARGETS, *LENGTHS)
    if lone:
        return {"all": (known[0].key, NO_LABELS)}
    by_part = {one.part: one for one in known if one.role in INPUTS}
    if not known or len(by_part) < len(known):
        return {}
    if "train" not in by_part and "all" in by_part:
        by_part["train"] = by_part.pop("all")
    if "all" in by_part or "train" not in by_part:
        return {}
    order = [part for part in _ORDER if part in by_part]
    return {part: (by_part[part].key, NO_LABELS) for part in order}


def _find(keys: Collection[str], target: str | None, where: str) -> Found:
    known = [take_apart(key) for key in keys]
    roles = (target,) if target else TARGETS
    found: Found = {}
    for part in _ORDER:
        inputs = list(of_part(known, part, INPUTS))
        labels = list(of_part(known, part, roles))
        # `y` beside `Y` is the one that the user writes so.
        labels = [target] if target in labels else labels
        if len(labels) > 1 and inputs:
            raise _ask(where, labels)
        if inputs and labels and inputs[0] != labels[0]:
            found[part] = (inputs[0], labels[0])
    if "train" in found and "all" in found:
        return {"all": found["all"]}
    if "all" in found and len(found) > 1:
        # `x` beside `x_test` is what is left to train on.
        found = {"train": found.pop("all"), **found}
    return found


def _find_inside(
    keys: Collection[str], target: str | None, where: str
) -> Found:
    """Finds keys in the only group that holds usual ones: `data/images`.

    Raises:
        DataError: If several groups do, none inside of another.
    """
    deep: dict[int, list[Found]] = {}
    for group in sorted({group for key in keys for group in _groups(key)}):
        inside = [k.removeprefix(group) for k in keys if k.startswith(group)]
        asked = target.removeprefix(group) if target else None
        if target and "/" in target and asked == target:
            continue  # the labels that the user names are in another one
        found = _find(inside, asked, f"{where}, {group}")
        if found:
            full = {p: (group + x, group + y) for p, (x, y) in found.items()}
            deep.setdefault(group.count("/"), []).append(full)
    nearest = deep[min(deep)] if deep else [{}]
    if len(nearest) > 1:
        raise _ask(where, [next(iter(one.values()))[1] for one in nearest])
    return nearest[0]


def _groups(key: str) -> Iterator[str]:
    """Yields `a/` and `a/b/` of `a/b/x`."""
    yield from (key[: slash.end()] for slash in re.finditer("/", key))


def has_none(found: Found) -> bool:
    """Returns whether there are no labels, as of `find_keys`."""
    return all(y == NO_LABELS for _, y in found.values())


def find_lengths(keys: Collection[str], found: Found) -> dict[str, str]:
    """Returns which keys hold the lengths of padded inputs, by part.

    Args:
        keys: All keys.
        found: As of `find_keys`.
    """
    known = [take_apart(key) for key in keys]
    lengths = {part: list(of_part(known, part, LENGTHS)) for part in _ORDER}
    if "all" not in found and "train" in found and not lengths["train"]:
        # `x` beside `x_test`.
        lengths["train"] = lengths["all"]
    return {part: lengths[part][0] for part in found if lengths[part]}


def _single(target: Collection[str], where: str) -> str:
    """Returns the only key that a user names: several are for tables."""
    if len(target) != 1:
        raise DataError(
            f"The labels of {where} are one array.",
            expected="one key; several measured values are its columns, (N, K)",
            received=f"data.target={list(target)}",
        )
    return next(iter(target))


def tell(found: Found, problems: Problems) -> None:
    """Notes which arrays were taken for inputs and for labels."""
    told = [
        f"`{x}` {f'with labels `{y}`' if y else 'without labels'}"
        + ("" if part == "all" else f" ({part})")
        for part, (x, y) in found.items()
    ]
    problems.note(f"Read: {', '.join(told)}.")


def _ask(where: str, labels: list[str]) -> DataError:
    return DataError(
        f"Which array of {where} holds the labels: {' or '.join(labels)}?",
        expected="one array of labels",
        received="keys " + ", ".join(labels),
        hint=f"name it: --target {labels[0]}",
    )


def _nothing(
    keys: Collection[str], target: str | None, where: str
) -> DataError:
    inputs = [k for k in keys if take_apart(k.split("/")[-1]).role in INPUTS]
    hint = "call the inputs x, and the labels y"
    if inputs:
        hint = "rename the arrays, or name the labels' key: --target KEY"
    if target and target not in keys:
        hint = did_you_mean(target, keys) if keys else hint
    return DataError(
        f"{where} does not hold inputs and labels.",
        expected="keys x and y (or images and labels, images and masks, "
        "x_train and y_train, train_images and train_labels)"
        + (f", labels in {target}" if target else ""),
        received="keys " + (", ".join(sorted(keys)[:20]) or "none"),
        hint=hint,
    )
