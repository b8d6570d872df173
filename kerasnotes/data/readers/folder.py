"""A folder of images: which of the known layouts it has."""

from pathlib import Path

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers import class_folder, listing, mask_folder
from kerasnotes.data.splitting import PARTS

LAYOUTS = (
    "one sub-folder per class, or `images/` and `masks/`, or `train/` and "
    "`test/` that hold either"
)
_PART = {
    "train": "train",
    "validation": "validation",
    "val": "validation",
    "test": "test",
}


def read(root: Path, config: DataConfig, problems: Problems) -> Dataset | None:
    """Reads a folder in whichever layout it has.

    Raises:
        DataError: If it has none.
    """
    folders = listing.sub_folders(root)
    if {"images", "masks"} & set(folders):
        _check_masks(root, folders)
        _mention_unused(root, folders, problems)
        return mask_folder.read(root, {"all": root}, config, problems)
    parts = _parts(folders)
    if parts:
        _mention_unused(root, folders, problems, *parts)
        named = {_PART[name]: folder for name, folder in parts.items()}
        return _read_parts(root, named, config, problems)
    if not folders:
        raise _no_layout(root, problems)
    return class_folder.read(root, {"all": root}, config, problems)


def _parts(folders: dict[str, Path]) -> dict[str, Path]:
    """Returns the folders of a split on disk; a flat `train/` is a class."""
    if "train" not in folders or not listing.sub_folders(folders["train"]):
        return {}
    if "validation" in folders and "val" in folders:
        raise DataError(
            "There are two validation parts: validation/ and val/.",
            hint="rename or remove one",
        )
    return {name: path for name, path in folders.items() if name in _PART}


def _read_parts(
    root: Path, parts: dict[str, Path], config: DataConfig, problems: Problems
) -> Dataset | None:
    ordered = {part: parts[part] for part in PARTS if part in parts}
    inside = {
        part: listing.sub_folders(folder) for part, folder in ordered.items()
    }
    if {"images", "masks"} & set(inside["train"]):
        for part, folder in list(ordered.items()):
            if part != "train" and not inside[part]:
                problems.note(f"{folder.name}/ has no masks and is not used.")
                del ordered[part]
            else:
                _check_masks(folder, inside[part])
        return mask_folder.read(root, ordered, config, problems)
    return class_folder.read(root, ordered, config, problems)


def _check_masks(root: Path, folders: dict[str, Path]) -> None:
    missing = {"images", "masks"} - set(folders)
    if missing:
        raise DataError(
            f"{root} has no {missing.pop()}/.",
            expected="`images/` and `masks/` with equal file stems",
            received=", ".join(f"{name}/" for name in folders) or "neither",
            hint="one mask per image, named like it, in masks/",
        )


def _mention_unused(
    root: Path, folders: dict[str, Path], problems: Problems, *used: str
) -> None:
    for name in folders:
        if name not in (used or ("images", "masks")):
            problems.note(f"{name}/ holds nothing of this layout: not used.")


def _no_layout(root: Path, problems: Problems) -> DataError:
    count = len(listing.image_files(root, problems))
    if count == 0 and not any(root.iterdir()):
        received = "an empty folder"
    else:
        received = f"no sub-folders, {count} image files"
    return DataError(
        f"There is no data set in `{root}`.",
        expected=LAYOUTS,
        received=received,
        hint="`kn data --help` shows the layouts",
    )
