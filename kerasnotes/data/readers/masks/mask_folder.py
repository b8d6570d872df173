"""Images with a mask each, paired already, to a data set."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.data import fields, splitting
from kerasnotes.data.dataset import Array, Dataset
from kerasnotes.data.masks import mask_values
from kerasnotes.data.masks.mask_encoder import Encoder
from kerasnotes.data.masks.mask_survey import Survey, survey
from kerasnotes.data.meaning import labels
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers import listing
from kerasnotes.data.readers.image.image_files import BadImageError
from kerasnotes.data.readers.image.image_info import (
    ImageInfo,
    probe,
    tell_pages,
)
from kerasnotes.data.readers.masks import mask_way
from kerasnotes.data.readers.masks.mask_files import (
    MaskContent,
    Way,
    look,
    read_mask,
)
from kerasnotes.data.readers.masks.mask_pairs import Pair
from kerasnotes.data.readers.masks.mask_split import MaskPair, MaskSplit
from kerasnotes.data.spec import Spec

T = TypeVar("T")
R = TypeVar("R")


def read(
    root: Path,
    parts: Mapping[str, list[Pair]],
    config: DataConfig,
    problems: Problems,
) -> Dataset | None:
    """Reads images with masks. Every mask is decoded once, to check it.

    Args:
        root: The data set's folder.
        parts: Images and their masks: `{"all": ...}`, or by part of a split.
        config: Split, class names, and what mask values mean.
        problems: Told of every file that cannot be used.

    Returns:
        The data set without the pairs that cannot be used; `None` if no
        pair is left.
    """
    listed = _read_classes(root, parts)
    pairs: list[MaskPair] = []
    numbers: dict[str, Array] = {}
    for part, given in parts.items():
        found = _check(given, root, mask_way.first_look(config), problems)
        pairs += found
        numbers[part] = np.zeros(len(found), "int32")
    if not pairs:
        problems.add("empty", root.name, "no image with a mask can be used")
        return None
    way, values = _understand(pairs, listed, config, problems)
    config = mask_way.as_seen(config, way)
    if not values:
        return None
    spec = _describe(root, pairs, values, listed, config, problems)
    problems.note(mask_way.list_classes(spec.target.classes))
    where = splitting.assign(numbers, config, problems)
    encoder = Encoder(values, config)
    cached = sum(pair.bytes for pair in pairs) < MaskSplit.CACHE
    splits = {
        part: MaskSplit([pairs[i] for i in indices], spec, way, encoder, cached)
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


def _read_classes(
    root: Path, parts: Mapping[str, list[Pair]]
) -> mask_values.Listed | None:
    """Reads the `classes.txt` beside the masks, or above, up to `root`."""
    masks = [mask for pairs in parts.values() for _, mask in pairs[:1]]
    for mask in masks:
        for folder in mask.parents:
            listed = mask_values.read_classes(folder / "classes.txt")
            if listed is not None:
                return listed
            if folder == root:
                break
    return mask_values.read_classes(root / "classes.txt")


def _understand(
    pairs: Sequence[MaskPair],
    listed: mask_values.Listed | None,
    config: DataConfig,
    problems: Problems,
) -> tuple[Way, tuple[int, ...]]:
    """Returns how masks are read, and the raw value of each class."""
    contents = [pair.content for pair in pairs]
    before = len(problems.fatal)
    for pair in pairs:
        if pair.content.alpha == "both" and config.threshold is None:
            text = "colour and opacity differ: which of them is the mask?"
            problems.add("unclear mask", pair.name, text)
    way = mask_way.choose_way(contents, listed, config, problems)
    config = mask_way.as_seen(config, way)
    found = [content.survey for content in contents]
    if way.kind != "stored":
        found = _survey_again(pairs, way, problems)
    joined = config.threshold is not None or config.instances
    if not joined and way.kind == "colour":
        mask_way.refuse_colours(found, listed, problems)
    if len(problems.fatal) > before:
        return way, ()
    return way, mask_values.choose(found, listed, config, problems)


def _survey_again(
    pairs: Sequence[MaskPair], way: Way, problems: Problems
) -> list[Survey]:
    """Returns what masks hold once they are read another way."""

    def one(pair: MaskPair) -> Survey | str:
        try:
            return survey(pair.name, read_mask(pair.mask, way))
        except BadImageError as error:
            return error.reason

    found = in_threads(one, pairs)
    for pair, result in zip(pairs, found, strict=True):
        if isinstance(result, str):
            problems.add("unreadable", pair.mask.name, result)
    return [result for result in found if isinstance(result, Survey)]


def _check(
    pairs: list[Pair], root: Path, way: Way, problems: Problems
) -> list[MaskPair]:
    """Returns the pairs that can be read and fit; tells of the others."""
    checked = in_threads(lambda pair: _look(*pair, root, way), pairs)
    good: list[MaskPair] = []
    for result in checked:
        if isinstance(result, MaskPair):
            good.append(result)
        else:
            for kind, where, text in result:
                problems.add(kind, where, text)
    tell_pages([(pair.name, pair.info) for pair in good], problems)
    if any(pair.info.cut for pair in good):
        problems.note("16-bit colour PNG are read with 8 bits; use TIFF.")
    jpeg = sum(pair.content.lossy for pair in good)
    if jpeg and not way.soft:
        problems.note(
            f"{jpeg} masks are JPEG, which blurs edges: grey values there are "
            "taken for the nearer one of black and white."
        )
    _tell_turned(good, problems)
    return good


def _tell_turned(pairs: list[MaskPair], problems: Problems) -> None:
    """Says it if images are turned upright and their masks are not."""
    turned = [pair for pair in pairs if pair.info.orientation != 1]
    apart = [
        pair
        for pair in turned
        if probe(pair.mask).orientation != pair.info.orientation
    ]
    if apart:
        problems.note(
            f"{len(apart)} images are turned upright, as their EXIF says, and "
            f"their masks are not ({apart[0].name}): a mask that was drawn "
            "without turning the image does not fit it. Look at the picture."
        )


def _look(
    image: Path, mask: Path, root: Path, way: Way
) -> MaskPair | list[tuple[str, str, str]]:
    """Checks one pair: the image's header, the whole mask."""
    found: list[tuple[str, str, str]] = []
    info: ImageInfo | None = None
    content: MaskContent | None = None
    try:
        info = probe(image)
    except BadImageError as error:
        found.append(("unreadable", _name(image, root), error.reason))
    try:
        content = look(mask, _name(image, root), way)
    except BadImageError as error:
        found.append(("unreadable", _name(mask, root), error.reason))
    if info and content and info.size != content.shape:
        sizes = f"image {_size(info.size)}, mask {_size(content.shape)}"
        found.append(("different size", _name(mask, root), f"{sizes} (H x W)"))
    if found or info is None or content is None:
        return found
    return MaskPair(_name(image, root), image, mask, info, content)


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _size(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


def in_threads(function: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """Returns what `function` makes of each item, in their order."""
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
    known = listed.names if listed else {}
    names = [known.get(value, str(value)) for value in values]
    shape = (
        heights[0] if len(set(heights)) == 1 else None,
        widths[0] if len(set(widths)) == 1 else None,
        1 if all(info.channels == 1 for info in infos) else 3,
    )
    return Spec(
        name=root.resolve().name,
        inputs=(fields.image(shape, dtypes[0]),),
        targets=(
            mask_values.to_field(
                shape, labels.rename(names, config.classes), values, config
            ),
        ),
    )
