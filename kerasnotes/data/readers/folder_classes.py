"""Classes that folders name: where, how they are spelt, and what is told."""

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from kerasnotes.base.spelling import composed, folded
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers import listing
from kerasnotes.data.readers.folder_names import read_name
from kerasnotes.data.splitting import PARTS

NAMED = 20
"""Classes that a remark names."""

Classes = dict[str, list[Path]]
"""Files by class."""


def find_parts(
    root: Path, classes: Callable[[Path], Classes], fewest: int
) -> dict[str, Path] | None:
    """Returns where class folders are, by part; `None` if nowhere.

    Args:
        root: A folder: of class folders, or of `train/`, `test/` ... of them.
        classes: Returns the files of a folder, by class.
        fewest: Classes that a folder without parts must have.
    """
    parts = {}
    for name, path in listing.sub_folders(root).items():
        part, role = read_name(name)
        if part and role is None and part not in parts and classes(path):
            parts[part] = path
    if "train" in parts:
        return {part: parts[part] for part in PARTS if part in parts}
    return {"all": root} if len(classes(root)) >= fewest else None


def files_by_class(
    folder: Path,
    files: Callable[[Path], Iterable[Path]],
    suffixes: Collection[str],
) -> Classes:
    """Returns the files of each sub-folder that has some, sorted.

    Args:
        folder: Of class folders.
        files: Returns what lies in one of them.
        suffixes: That count, in small letters.
    """
    found = {
        name: sorted(
            file
            for file in files(path)
            if file.suffix.lower() in suffixes and not file.name.startswith(".")
        )
        for name, path in listing.sub_folders(folder).items()
    }
    return {name: kept for name, kept in found.items() if kept}


def join_spellings(
    folders: Mapping[str, Mapping[str, object]],
) -> dict[str, str]:
    """Returns each class's first spelling by what all of them share.

    `train/Cat/` and `test/cat/` are one class.

    Args:
        folders: By part, what is in each class.
    """
    spelt: dict[str, str] = {}
    for classes in folders.values():
        for name in classes:
            spelt.setdefault(folded(name), composed(name))
    return spelt


def tell_classes(names: list[str], problems: Problems) -> None:
    """Says which classes there are."""
    shown = ", ".join(names[:NAMED]) + ", ..." * (len(names) > NAMED)
    problems.note(f"{len(names)} classes, a folder each: {shown}.")


def tell_absent(
    names: list[str],
    classes: Iterable[str],
    what: str,
    part: str,
    problems: Problems,
) -> None:
    """Says which classes a part lacks.

    Args:
        names: Of all classes.
        classes: Those of the part, however they are spelt.
        what: What it has none of: `image`.
        part: Its folder.
        problems: Told.
    """
    present = {folded(name) for name in classes}
    for name in names:
        if folded(name) not in present:
            problems.note(f"Class {name} has no {what} in {part}/.")
