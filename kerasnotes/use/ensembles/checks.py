"""Which runs can answer together, and in which ways."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kerasnotes.base.commands import command
from kerasnotes.base.ensembles import COMBINE, TASKS
from kerasnotes.base.errors import UsageError
from kerasnotes.use.ensembles.held_out import data_of, missing_folds
from kerasnotes.use.trained import Trained, open_trained


def open_members(
    members: Sequence[Path], combine: str
) -> tuple[list[Trained], str]:
    """Returns the members, and the task of all together.

    Raises:
        StorageError: If one cannot be read.
        UsageError: If they do not go together, or not in this way.
    """
    if combine not in COMBINE:
        raise UsageError(
            f"Members cannot be combined by `{combine}`.",
            expected=" or ".join(COMBINE),
            received=combine,
        )
    _check_once(members)
    opened = [open_trained(path) for path in members]
    return opened, _find_task(opened, combine)


def _check_once(members: Sequence[Path]) -> None:
    """Refuses a run that is named twice: it would count twice."""
    places = [path.resolve() for path in members]
    twice = {str(p) for p in places if places.count(p) > 1}
    if twice:
        raise UsageError(
            "A run is named twice.",
            expected="each member once",
            received=", ".join(sorted(twice)),
        )


def _find_task(opened: Sequence[Trained], combine: str) -> str:
    """Returns the ensemble's task."""
    nested = [one for one in opened if "members" in one.record]
    if nested:
        raise UsageError(
            "An ensemble cannot be a member of another.",
            expected="its members themselves",
            received=", ".join(str(one.path) for one in nested),
            hint=command("ensemble", *_members_of(opened)),
        )
    names = sorted({one.task.name for one in opened})
    task = TASKS.get((names[0], combine)) if len(names) == 1 else None
    if task is None:
        raise UsageError(
            f"These runs cannot be combined by {combine}.",
            expected="runs that classify, or that measure values (not by vote)",
            received=", ".join(
                f"{one.path}: {one.task.name}" for one in opened
            ),
        )
    return task


def _members_of(opened: Sequence[Trained]) -> list[str]:
    """Returns what can be put together: of each ensemble its members."""
    found: list[str] = []
    for one in opened:
        inner = one.record.get("members")
        named = [str(one.path)] if inner is None else [m["path"] for m in inner]
        found += [name for name in named if name not in found]
    return found


def check_stackable(opened: Sequence[Trained]) -> None:
    """Refuses to stack on answers that members have learned."""
    missing = missing_folds(opened)
    if missing is None:
        raise UsageError(
            "Stacking is fitted on answers to examples that a member did not "
            "learn from: each has to have a fold of the same data.",
            expected="members of kn fit NOTE --folds K",
            received=", ".join(str(one.path) for one in opened)[:200],
            hint="--combine mean",
        )
    if missing:
        raise UsageError(
            "Some folds have no member that was validated on them.",
            expected="of each note a member for every fold",
            received="none for fold " + ", ".join(map(str, missing)),
        )


def check_alike(opened: Sequence[Trained]) -> None:
    """Refuses to fit weights on rows that a member has learned."""
    if any(data_of(one).get("folds") for one in opened):
        raise UsageError(
            "Members with a fold each have no validation part in common to "
            "fit weights on.",
            expected="mean, vote or stacked; weighted of two notes or more, "
            "each with a member for every fold",
            received=", ".join(str(one.path) for one in opened)[:200],
        )
    first = learned(opened[0])
    for one in opened[1:]:
        if learned(one) != first:
            raise UsageError(
                "Members that were trained on other parts of the data cannot "
                "be weighted: one may have learned what weights are fitted on.",
                expected="the same data and split for all",
                received=f"{opened[0].path} and {one.path}",
                hint="--combine mean",
            )


def learned(one: Trained) -> tuple[Any, ...]:
    """Returns what tells which examples a member may have learned.

    Folds of one training part, and draws from it, leave alone what the
    others leave alone.
    """
    data, told = data_of(one), one.record.get("data", {})
    folds = data.get("folds")
    validation = None if folds else data.get("validation")
    split = (data.get("split_seed"), data.get("test"), folds, validation)
    return (told.get("fingerprint"), *split)


def tell_others(opened: Sequence[Trained]) -> list[str]:
    """Warns of members that may have learned what the others are tested on."""
    first = learned(opened[0])
    others = [one for one in opened[1:] if learned(one) != first]
    if not others:
        return []
    return [
        f"{others[0].path} was trained on other data, or on other parts of "
        "them: what this is measured on may be what it learned. "
        "kn eval --data NEW measures without that."
    ]
