"""What folders that would pass for classes may be instead.

A folder of any name may be a class. These checks find sets of folders that
nobody means so: parts of a split under other names, parts of one download,
cases with masks of their own, images beside their masks.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kerasnotes.data.dataset import Array
from kerasnotes.data.readers import listing
from kerasnotes.data.readers.folder_names import SPLITS, read_name, words_of
from kerasnotes.data.readers.image.image_files import (
    BadImageError,
    decode,
    open_image,
)
from kerasnotes.data.readers.masks.mask_files import read_mask

PIECES = frozenset(
    ("part", "batch", "chunk", "fold", "split", "images", "imgs", "photos")
    + ("pictures", "frames")
)
"""Words for pieces of one set."""
LOOKED_AT = 3
"""Files of a folder that are decoded to see what it holds."""
FLAT, RICH = 32, 64
"""Most values of a mask, and fewest of a picture, to tell them apart."""


def other_meaning(folders: Sequence[Path]) -> str | None:
    """Returns what several folders look like, if hardly like classes.

    Args:
        folders: Those that hold pictures.
    """
    words = [words_of(folder.name) for folder in folders]
    parts = {SPLITS[w] for named in words for w in named if w in SPLITS}
    if len(parts) > 1:
        return "a split whose parts are not called train/, val/ and test/"
    kinds = {tuple(w for w in named if not w.isdigit()) for named in words}
    if (
        len(folders) > 1
        and len(kinds) == 1
        and kinds.pop()
        and (PIECES & set(words[0]))
    ):
        return "pieces of one set, numbered, and no classes"
    if all(_is_case(folder) for folder in folders[:LOOKED_AT]):
        return "a folder a case, with images and masks of its own in each"
    return _image_and_mask(folders)


def _is_case(folder: Path) -> bool:
    roles = {read_name(name)[1] for name in listing.sub_folders(folder)}
    return {"images", "masks"} <= roles


def _image_and_mask(folders: Sequence[Path]) -> str | None:
    """Looks for pictures in one folder whose masks are in another."""
    if not 2 <= len(folders) <= LOOKED_AT:
        return None
    stems = {f: {p.stem: p for p in listing.pictures(f)} for f in folders}
    for images in folders:
        for masks in folders:
            both = stems[images].keys() & stems[masks].keys()
            if images == masks or 2 * len(both) < len(stems[masks]):
                continue
            chosen = sorted(both)[:LOOKED_AT]
            pairs = [(stems[images][s], stems[masks][s]) for s in chosen]
            if pairs and all(_is_pair(*pair) for pair in pairs):
                return (
                    f"images in {images.name}/ with their masks in "
                    f"{masks.name}/, which are not called images/ and masks/"
                )
    return None


def _is_pair(image: Path, mask: Path) -> bool:
    try:
        picture, values = _read(image), read_mask(mask)
    except BadImageError:
        # A file that cannot be read is told of later.
        return False
    few = len(np.unique(values)) <= FLAT
    rich = len(np.unique(picture)) > RICH
    return picture.shape[:2] == values.shape[:2] and few and rich


def _read(path: Path) -> Array:
    with open_image(path) as image:
        return np.asarray(decode(image, path).convert("L"))
