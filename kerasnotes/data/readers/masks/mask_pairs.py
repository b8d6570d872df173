"""Which mask belongs to which image: by folders, or by endings of names."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from kerasnotes.base.spelling import composed, folded
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers import listing

Pair = tuple[Path, Path]
Keyed = list[tuple[str, Path]]

_IMAGE = r"images?|imgs?"
_MASK = (
    r"(?:cp[ _.-]?)?masks?|labels?|lbl|seg|segmentations?|gt|ground[ _.-]?truth"
    r"|annotations?"
)
"""Cellpose writes `x_cp_masks.png`."""
_END = re.compile(
    rf"(?P<base>.+?)[ _.-]+(?:(?P<image>{_IMAGE})|(?P<mask>{_MASK})"
    r"(?:[ _.-]?\d+)?)$",
    re.IGNORECASE,
)
_START = re.compile(
    rf"(?:(?P<image>{_IMAGE})|(?P<mask>{_MASK}))[ _.-]*(?P<base>\d.*)$",
    re.IGNORECASE,
)


def by_folders(images: Path, masks: Path, problems: Problems) -> list[Pair]:
    """Pairs the files of two folders by their names without suffix.

    Where no two are equal, they are compared without `_mask` and the like,
    and without regard to case.

    Args:
        images: The folder of images.
        masks: The folder of masks.
        problems: Told of files that are alone, or have a twin.
    """
    files = listing.image_files(images, problems)
    others = listing.image_files(masks, problems)
    plain = _stems(files, images) & _stems(others, masks)
    key = _exact if plain or not (files and others) else _loose
    root = Path(os.path.commonpath([images, masks]))
    first, second = (
        _only_one([(key(_stem(p, folder)), p) for p in paths], root, problems)
        for paths, folder in ((files, images), (others, masks))
    )
    both = sorted(first.keys() & second.keys())
    if key is _loose:
        _tell_endings(first, second, both, problems)
    _tell_alone(first, second, images, masks, problems)
    return [(first[stem], second[stem]) for stem in both]


def are_paired(files: Iterable[Path], folder: Path) -> bool:
    """Returns whether half of the images or more have `x_mask` beside them.

    Args:
        files: Images and masks.
        folder: What names are relative to.
    """
    images, masks = _by_word(files, folder)
    kept = {key for key, _ in images}
    known = kept & {key for key, _ in masks}
    return bool(known) and 2 * len(known) >= len(kept)


def by_endings(
    files: Iterable[Path], folder: Path, problems: Problems
) -> list[Pair]:
    """Pairs files such as `x.png` and `x_mask.png` of one folder.

    Args:
        files: Images and masks.
        folder: What names are relative to; a pair lies in one sub-folder.
        problems: Told of files that are alone, and of second masks.
    """
    images, masks = (
        _only_one(found, folder, problems) for found in _by_word(files, folder)
    )
    for key in sorted(masks.keys() - images.keys()):
        where = _relative(masks[key], folder)
        problems.add("mask without image", where, "no image beside it")
    for key in sorted(images.keys() - masks.keys()):
        where = _relative(images[key], folder)
        problems.add("image without mask", where, "no mask beside it")
    both = sorted(images.keys() & masks.keys())
    _tell_endings(images, masks, both, problems)
    return [(images[key], masks[key]) for key in both]


def _by_word(files: Iterable[Path], folder: Path) -> tuple[Keyed, Keyed]:
    """Returns images and masks with their keys, told by their names."""
    images: Keyed = []
    masks: Keyed = []
    for path in files:
        kind = masks if _is_mask(path.stem) else images
        kind.append((_loose(_stem(path, folder)), path))
    return images, masks


def _only_one(
    found: Keyed, folder: Path, problems: Problems
) -> dict[str, Path]:
    """Returns files by key; tells of those that have a key twice."""
    files: dict[str, Path] = {}
    for key, path in found:
        if key in files:
            text = f"same stem as {files[key].name}"
            problems.add("ambiguous name", _relative(path, folder), text)
        files.setdefault(key, path)
    return files


def _tell_endings(
    images: dict[str, Path],
    masks: dict[str, Path],
    both: list[str],
    problems: Problems,
) -> None:
    if both:
        image, mask = images[both[0]].name, masks[both[0]].name
        problems.note(f"Masks are paired as {image} with {mask}.")


def _tell_alone(
    images: dict[str, Path],
    masks: dict[str, Path],
    image_folder: Path,
    mask_folder: Path,
    problems: Problems,
) -> None:
    root = Path(os.path.commonpath([image_folder, mask_folder]))
    for stem in sorted(images.keys() - masks.keys()):
        where = _relative(images[stem], root)
        text = f"no {_relative(mask_folder, root)}/{stem}.*"
        problems.add("image without mask", where, text)
    for stem in sorted(masks.keys() - images.keys()):
        where = _relative(masks[stem], root)
        text = f"no {_relative(image_folder, root)}/{stem}.*"
        problems.add("mask without image", where, text)


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _stems(files: Iterable[Path], folder: Path) -> set[str]:
    return {_stem(path, folder) for path in files}


def _stem(path: Path, folder: Path) -> str:
    return path.relative_to(folder).with_suffix("").as_posix()


def _exact(stem: str) -> str:
    return composed(stem)


def _loose(stem: str) -> str:
    """Returns a stem in small letters, without words for its kind.

    `img07` and `img07_mask` have one at either end.
    """
    parent, slash, base = stem.rpartition("/")
    for word in (_END, _START):
        match = word.match(base)
        base = match["base"] if match else base
    return folded(parent + slash + base)


def _is_mask(name: str) -> bool:
    match = _END.match(name) or _START.match(name)
    return bool(match and match["mask"])
