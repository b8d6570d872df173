"""Which layout a folder of images has: classes, masks, pairs, pictures.

Folders are recognised by their names in any usual spelling, and by what they
hold. What may be one of two layouts is refused, with the names of both.
"""

from pathlib import Path

from kerasnotes.base.errors import DataError
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers import listing
from kerasnotes.data.readers.layout import (
    LAYOUTS,
    Folders,
    Layout,
    below,
    unclear,
)
from kerasnotes.data.readers.masks.mask_layout import find_roles
from kerasnotes.data.readers.masks.mask_pairs import are_paired
from kerasnotes.data.readers.split_layout import check_meaning, find_parts


def find_layout(root: Path, problems: Problems) -> Layout:
    """Returns the layout of a folder.

    Args:
        root: The folder.
        problems: Told what is left out.

    Raises:
        DataError: If it has none, or may have one of several.
    """
    folders = listing.sub_folders(root)
    return (
        find_roles(root, folders, problems)
        or find_parts(root, folders, problems)
        or _find_classes(root, folders, problems)
    )


def _find_classes(root: Path, folders: Folders, problems: Problems) -> Layout:
    """Takes the folders for classes, if there are several with pictures."""
    files = listing.pictures(root)
    if not files:
        raise _no_layout(root, folders)
    if are_paired(files, root):
        return Layout("pairs", {"all": (root,)})
    holding = [path for path in folders.values() if listing.has_pictures(path)]
    own = [path for path in files if path.parent == root]
    if len(holding) == 1:
        if own:
            raise unclear(root, folders, f"{len(own)} pictures beside a folder")
        return _inside(holding[0], problems)
    if not holding:
        _tell_tables(root, problems)
        return Layout("pictures", {"all": (root,)})
    if own:
        problems.note(
            f"Left out: {len(own)} pictures beside the class folders, "
            f"{own[0].name} among them."
        )
    check_meaning(root, folders, holding)
    return Layout("classes", {"all": (root,)})


def _inside(folder: Path, problems: Problems) -> Layout:
    """Returns the layout of the only folder that holds pictures."""
    if any(map(listing.has_pictures, below(folder))):
        return find_layout(folder, problems)
    _tell_tables(folder, problems)
    return Layout("pictures", {"all": (folder,)})


def _tell_tables(folder: Path, problems: Problems) -> None:
    tables = [
        name
        for name in listing.other_files(folder)
        if name.lower().endswith((".csv", ".tsv", ".json", ".xml"))
    ]
    if tables:
        problems.note(
            f"Labels in {tables[0]} are not read: the pictures have none. "
            "Classes are sub-folders."
        )


def _no_layout(root: Path, folders: Folders) -> DataError:
    inside = f"{len(folders)} sub-folders" if folders else "no sub-folders"
    received = (
        f"{inside}, no image among {len(listing.other_files(root))} files"
    )
    if not any(root.iterdir()):
        received = "an empty folder"
    return DataError(
        f"There is no data set in `{root}`.",
        expected=LAYOUTS,
        received=received,
        hint="`kn data --help` shows the layouts",
    )
