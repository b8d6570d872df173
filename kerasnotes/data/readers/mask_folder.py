"""A folder with `images/` and `masks/`, paired by file stem."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.data import labels, mask_values, splitting
from kerasnotes.data.dataset import Array, Dataset
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers import listing
from kerasnotes.data.readers.image_info import ImageInfo, probe
from kerasnotes.data.readers.images import BadImageError
from kerasnotes.data.readers.mask_files import read_mask
from kerasnotes.data.readers.mask_split import MaskPair, MaskSplit
from kerasnotes.data.spec import Spec

T = TypeVar("T")
R = TypeVar("R")


def read(
    root: Path, parts: dict[str, Path], config: DataConfig, problems: Problems
) -> Dataset | None:
    """Reads images with masks. Every mask is decoded once, to check it.

    Args:
        root: The data set's folder.
        parts: Folders that hold `images/` and `masks/`: `{"all": root}`,
            or one for `train` and other parts.
        config: Split and class names.
        problems: Told of every file that cannot be used.

    Returns:
        The data set without the pairs that cannot be used; `None` if no
        pair is left.
    """
    listed = mask_values.read_classes(root / "classes.txt")
    pairs: list[MaskPair] = []
    numbers: dict[str, Array] = {}
    for part, folder in parts.items():
        found = _check(_pairs(folder, problems), root, listed, problems)
        pairs += found
        numbers[part] = np.zeros(len(found), "int32")
    if not pairs:
        problems.add("empty", root.name, "no image with a mask can be used")
        return None
    values = mask_values.choose(
        [(pair.name, pair.values) for pair in pairs],
        listed,
        config.classes,
        problems,
    )
    if not values:
        return None
    spec = _describe(root, pairs, values, listed, config, problems)
    where = splitting.assign(numbers, config, problems)
    encoder = mask_values.Encoder(values)
    cached = sum(pair.bytes for pair in pairs) < MaskSplit.CACHE
    splits = {
        part: MaskSplit([pairs[i] for i in indices], spec, encoder, cached)
        for part, indices in where.items()
    }
    files = [file for pair in pairs for file in (pair.image, pair.mask)]
    return Dataset(
        spec=spec,
        train=splits["train"],
        validation=splits["validation"],
        test=splits["test"],
        fingerprint=listing.fingerprint(files, root),
    )


def _pairs(folder: Path, problems: Problems) -> list[tuple[Path, Path]]:
    """Pairs files by stem; tells of those that are alone."""
    images = _by_stem(folder / "images", problems)
    masks = _by_stem(folder / "masks", problems)
    for stem in sorted(images.keys() - masks.keys()):
        where = images[stem].relative_to(folder).as_posix()
        problems.add("image without mask", where, f"no masks/{stem}.*")
    for stem in sorted(masks.keys() - images.keys()):
        where = masks[stem].relative_to(folder).as_posix()
        problems.add("mask without image", where, f"no images/{stem}.*")
    both = sorted(images.keys() & masks.keys())
    return [(images[stem], masks[stem]) for stem in both]


def _by_stem(folder: Path, problems: Problems) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for path in listing.image_files(folder, problems):
        stem = path.relative_to(folder).with_suffix("").as_posix()
        if stem in files:
            where = f"{folder.name}/{path.name}"
            text = f"same stem as {files[stem].name}"
            problems.add("ambiguous name", where, text)
        files.setdefault(stem, path)
    return files


def _check(
    pairs: list[tuple[Path, Path]],
    root: Path,
    listed: mask_values.Listed | None,
    problems: Problems,
) -> list[MaskPair]:
    """Returns the pairs that can be read and fit; tells of the others."""
    allow_colour = listed is not None
    checked = _in_threads(lambda pair: _look(*pair, root, allow_colour), pairs)
    good: list[MaskPair] = []
    for result in checked:
        if isinstance(result, MaskPair):
            good.append(result)
        else:
            for kind, where, text in result:
                problems.add(kind, where, text)
    if any(pair.info.pages > 1 for pair in good):
        problems.note("Only the first page of files with several is read.")
    if any(pair.info.cut for pair in good):
        problems.note("16-bit colour PNG are read with 8 bits; use TIFF.")
    return good


def _look(
    image: Path, mask: Path, root: Path, allow_colour: bool
) -> MaskPair | list[tuple[str, str, str]]:
    """Checks one pair: the image's header, the whole mask."""
    found: list[tuple[str, str, str]] = []
    info, raw = None, None
    try:
        info = probe(image)
    except BadImageError as error:
        found.append(("unreadable", _name(image, root), error.reason))
    try:
        raw, coloured = read_mask(mask)
    except BadImageError as error:
        found.append(("unreadable", _name(mask, root), error.reason))
    if raw is not None and coloured and not allow_colour:
        text = "a colour mask, and no classes.txt lists its colours"
        found.append(("unknown mask value", _name(mask, root), text))
    if info is not None and raw is not None and info.size != raw.shape:
        text = f"image {_size(info.size)}, mask {_size(raw.shape)} (H x W)"
        found.append(("different size", _name(mask, root), text))
    if found or info is None or raw is None:
        return found
    values = tuple(int(value) for value in _distinct(raw))
    return MaskPair(_name(image, root), image, mask, info, values)


def _distinct(raw: Array) -> Array:
    if raw.dtype in ("uint8", "uint16"):
        return np.flatnonzero(np.bincount(raw.reshape(-1)))
    return np.unique(raw)


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _size(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


def _in_threads(function: Callable[[T], R], items: Iterable[T]) -> list[R]:
    # Pillow's decoders let other threads run.
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        return list(pool.map(function, items))


def _describe(
    root: Path,
    pairs: list[MaskPair],
    values: tuple[int, ...],
    listed: mask_values.Listed | None,
    config: DataConfig,
    problems: Problems,
) -> Spec:
    infos: list[ImageInfo] = [pair.info for pair in pairs]
    heights, widths = zip(*(info.size for info in infos), strict=True)
    dtypes = sorted({info.dtype for info in infos})
    if len(dtypes) > 1:
        text = "files of " + " and ".join(dtypes)
        problems.add("mixed types", root.name, text)
    if len({info.size for info in infos}) > 1:
        problems.note(
            f"Sizes differ: {min(heights)} to {max(heights)} pixels high, "
            f"{min(widths)} to {max(widths)} wide."
        )
    names = [(listed or {}).get(value, str(value)) for value in values]
    return Spec(
        name=root.resolve().name,
        input="image",
        shape=(
            heights[0] if len(set(heights)) == 1 else None,
            widths[0] if len(set(widths)) == 1 else None,
            1 if all(info.channels == 1 for info in infos) else 3,
        ),
        dtype=dtypes[0],
        target="mask",
        classes=labels.rename(names, config.classes),
        mask_values=values,
    )
