"""A split on disk: folders for the parts, which hold any other layout."""

from pathlib import Path

from kerasnotes.base.spelling import folded
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers import listing
from kerasnotes.data.readers.layout import (
    Folders,
    Layout,
    below,
    mention,
    pick,
    single,
    unclear,
)
from kerasnotes.data.readers.masks.mask_layout import (
    check_pictures,
    lacks,
    role_pair,
)
from kerasnotes.data.readers.masks.mask_pairs import are_paired
from kerasnotes.data.readers.resemblance import other_meaning
from kerasnotes.data.splitting import PARTS

_TWO_MEANINGS = ("train", "valid")
"""Words of a split that may as well name a class beside others."""


def find_parts(
    root: Path, folders: Folders, problems: Problems
) -> Layout | None:
    """Looks for a split on disk.

    Raises:
        DataError: If it has no train part, or other folders are beside it.
    """
    named = {part: pick(folders, (part, None)) for part in PARTS}
    parts = {part: path for part, path in named.items() if path}
    filled = {part: f for part, f in parts.items() if listing.has_pictures(f)}
    others = [
        path
        for name, path in folders.items()
        if path not in parts.values() and listing.has_pictures(path)
    ]
    if not filled or _are_classes(filled, others, problems):
        return None
    if "train" not in filled:
        raise unclear(root, folders, "a split without a train/")
    mention(folders, set(filled.values()), problems)
    nested = {
        part: folder
        for part, folder in filled.items()
        if any(map(listing.has_pictures, below(folder)))
    }
    if "train" in nested:
        return _nested(nested, filled, problems)
    if others or nested:
        raise unclear(root, folders, "a split beside other folders")
    train = filled["train"]
    paired = are_paired(listing.pictures(train), train)
    return Layout("pairs" if paired else "pictures", single(filled))


def _are_classes(
    parts: Folders, others: list[Path], problems: Problems
) -> bool:
    """Returns whether a single `train/` is a class beside others: a vehicle."""
    [first, *more] = parts.values()
    flat = not any(map(listing.has_pictures, below(first)))
    alone = not more and flat and first.name.lower() in _TWO_MEANINGS
    if alone and others:
        problems.note(
            f"{first.name}/ is taken for a class, beside the others; a part "
            "of a split would hold folders."
        )
    return bool(alone and others)


def _nested(nested: Folders, filled: Folders, problems: Problems) -> Layout:
    """Returns the layout of parts that hold folders."""
    train = nested["train"]
    if are_paired(listing.pictures(train), train):
        return Layout("pairs", single(filled))
    masks = role_pair(train, listing.sub_folders(train)) is not None
    what = "masks" if masks else "class folders"
    for part in filled.keys() - nested.keys():
        problems.note(f"{filled[part].name}/ has no {what} and is not used.")
    if masks:
        return _nested_masks(nested, problems)
    classes = {
        folded(path.name): path
        for folder in nested.values()
        for path in below(folder)
        if listing.has_pictures(path)
    }
    if len(classes) == 1:
        return Layout("pictures", single(nested))
    check_meaning(train, listing.sub_folders(train), list(classes.values()))
    return Layout("classes", single(nested))


def _nested_masks(nested: Folders, problems: Problems) -> Layout:
    """Returns images and masks of every part."""
    found: dict[str, tuple[Path, ...]] = {}
    for part, folder in nested.items():
        inside = listing.sub_folders(folder)
        pair = role_pair(folder, inside)
        if pair is None:
            raise lacks(folder, inside, "masks")
        check_pictures(*pair)
        mention(inside, set(pair), problems)
        found[part] = pair
    return Layout("masks", found)


def check_meaning(root: Path, folders: Folders, holding: list[Path]) -> None:
    """Raises a `DataError` if folders with pictures are hardly classes.

    Args:
        root: Where they are.
        folders: All that are there.
        holding: Those with pictures.
    """
    meaning = other_meaning(holding)
    if meaning is not None:
        raise unclear(root, folders, meaning)
