"""Folders with one sub-folder of images per class."""

from collections.abc import Mapping
from pathlib import Path

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.base.spelling import folded
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers import image_split, listing
from kerasnotes.data.readers.folder_classes import (
    join_spellings,
    tell_absent,
    tell_classes,
)
from kerasnotes.data.readers.folder_names import read_name


def read(
    root: Path,
    parts: Mapping[str, Path],
    config: DataConfig,
    problems: Problems,
) -> Dataset | None:
    """Reads class folders.

    Args:
        root: The data set's folder.
        parts: Folders that hold the class folders: `{"all": ...}`, or one
            for `train` and other parts.
        config: Split, image size, class names.
        problems: Told of every file and folder that cannot be used.

    Returns:
        The data set without the files that cannot be used; `None` if no
        file is left.
    """
    folders = {part: _class_folders(parts[part], problems) for part in parts}
    _refuse_split_inside(root, folders)
    spelt = join_spellings(folders)
    names = sorted(spelt.values())
    files: dict[str, list[tuple[Path, int]]] = {}
    for part, classes in folders.items():
        tell_absent(names, classes, "image", parts[part].name, problems)
        files[part] = [
            (path, names.index(spelt[folded(name)]))
            for name, folder in classes.items()
            for path in listing.image_files(folder, problems)
        ]
    tell_classes(names, problems)
    return image_split.read(root, files, names, config, problems)


def _class_folders(folder: Path, problems: Problems) -> dict[str, Path]:
    """Returns the folders that hold pictures; tells of the others."""
    found: dict[str, Path] = {}
    for name, path in listing.sub_folders(folder).items():
        if not listing.has_pictures(path):
            problems.note(
                f"Left out: {folder.name}/{name}/ holds no picture, and is no "
                "class."
            )
            continue
        twin = next((n for n in found if folded(n) == folded(name)), None)
        if twin is not None:
            text = f"differs from {twin}/ in case only: one class or two?"
            problems.add("ambiguous name", f"{folder.name}/{name}/", text)
        found[name] = path
    return found


def _refuse_split_inside(
    root: Path, folders: Mapping[str, Mapping[str, Path]]
) -> None:
    """Refuses classes that are divided inside: what tests would train.

    Raises:
        DataError: If each class has folders that are called like parts.
    """
    inside = [
        list(listing.sub_folders(path))
        for classes in folders.values()
        for path in classes.values()
    ]
    divided = [{read_name(name)[0] for name in names} for names in inside]
    if inside and all(len(parts - {None}) > 1 for parts in divided):
        name = next(iter(next(iter(folders.values()))))
        raise DataError(
            f"Each class of {root} is divided inside of its folder.",
            expected="parts first, then classes: "
            f"{inside[0][0]}/{name}/, {inside[0][1]}/{name}/",
            received=f"{name}/{inside[0][0]}/, {name}/{inside[0][1]}/",
            hint="move the folders so, or train on one part alone",
        )
