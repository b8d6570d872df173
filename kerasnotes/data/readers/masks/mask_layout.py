"""Images and masks in folders of their own, under any usual names."""

from pathlib import Path

from kerasnotes.base.errors import DataError
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers import listing
from kerasnotes.data.readers.layout import (
    Folders,
    Layout,
    below,
    listed,
    mention,
    pick,
)
from kerasnotes.data.splitting import PARTS


def find_roles(
    root: Path, folders: Folders, problems: Problems
) -> Layout | None:
    """Looks for images and masks in folders of their own."""
    pair = role_pair(root, folders)
    if pair is not None:
        check_pictures(*pair)
        mention(folders, set(pair), problems)
        return Layout("masks", _split_inside(*pair, problems) or {"all": pair})
    beside = _beside(folders)
    if "train" in beside:
        mention(
            folders, {f for pair in beside.values() for f in pair}, problems
        )
        return Layout("masks", beside)
    return None


def role_pair(root: Path, folders: Folders) -> tuple[Path, Path] | None:
    """Returns the folders of images and of masks, if both are there.

    Raises:
        DataError: If one is there alone, and can be nothing else.
    """
    images = pick(folders, (None, "images"))
    masks = pick(folders, (None, "masks"))
    if images and masks:
        return images, masks
    inside = images and any(map(listing.has_pictures, below(images)))
    if images and not (inside and len(folders) == 1):
        raise lacks(root, folders, "masks")
    if masks and len(folders) == 1:
        raise lacks(root, folders, "images")
    return None


def lacks(root: Path, folders: Folders, name: str) -> DataError:
    """Says that `images` or `masks` are not there."""
    hint = "one mask per image, named like it, in masks/"
    if name == "masks":
        images = pick(folders, (None, "images"))
        hint += f"; for a generator, `{images}` alone is enough"
    return DataError(
        f"{root} has no {name}/.",
        expected="`images/` and `masks/` with equal file stems",
        received=listed(folders) or "neither",
        hint=hint,
    )


def check_pictures(images: Path, masks: Path) -> None:
    """Raises a `DataError` if masks are no pictures: boxes or outlines."""
    if listing.has_pictures(masks) or not listing.has_pictures(images):
        return
    others = listing.other_files(masks)
    raise DataError(
        f"{masks} holds no picture.",
        expected="a mask for each image: a picture of its size",
        received=f"{len(others)} other files"
        + (f", {', '.join(others[:3])}" if others else ""),
        hint="boxes of a detector, and outlines in JSON or XML, are not read: "
        "draw them into masks",
    )


def _split_inside(
    images: Path, masks: Path, problems: Problems
) -> dict[str, tuple[Path, ...]] | None:
    """Returns `images/train` and `masks/train` as a part, and so on."""
    found: dict[str, tuple[Path, ...]] = {}
    for part in PARTS:
        inside = [
            pick(listing.sub_folders(f), (part, None)) for f in (images, masks)
        ]
        both = tuple(folder for folder in inside if folder)
        if len(both) == 2:
            found[part] = both
    if "train" not in found:
        return None
    used = {folder for pair in found.values() for folder in pair}
    for folder in (images, masks):
        mention(listing.sub_folders(folder), used, problems)
    return found


def _beside(folders: Folders) -> dict[str, tuple[Path, ...]]:
    """Returns `train_images` or `train`, and `train_masks`, as a part."""
    found: dict[str, tuple[Path, ...]] = {}
    for part in PARTS:
        masks = pick(folders, (part, "masks"))
        images = pick(folders, (part, "images")) or pick(folders, (part, None))
        if images and masks:
            check_pictures(images, masks)
            found[part] = (images, masks)
    return found
