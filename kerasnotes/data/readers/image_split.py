"""Image files of one size, decoded when asked for: with a class or without."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.data import fields, splitting
from kerasnotes.data.dataset import Array, Dataset
from kerasnotes.data.fields import Field
from kerasnotes.data.meaning import labels, unlabelled
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers import listing
from kerasnotes.data.readers.image.image_files import BadImageError
from kerasnotes.data.readers.image.image_info import (
    ImageInfo,
    probe,
    tell_pages,
)
from kerasnotes.data.readers.image.images import read_input
from kerasnotes.data.spec import Spec

DEFAULT_SIDE = 64
Found = list[tuple[Path, ImageInfo, int]]
"""Files that can be read, their headers and class numbers."""


class ImageSplit:
    """Image files decoded when asked for, at one size.

    Args:
        root: What names are relative to.
        paths: The files.
        y: Class numbers `(N,)`; 0 where there are no classes.
        spec: The common shape and dtype.
    """

    def __init__(
        self, root: Path, paths: list[Path], y: Array, spec: Spec
    ) -> None:
        self.root, self.paths = root, paths
        self.y = np.asarray(y, "int32")
        self.spec = spec

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[Array, Array]:
        return read_input(self.paths[index], self.spec), self.y[index]

    def name(self, index: int) -> str:
        return self.paths[index].relative_to(self.root).as_posix()

    def order(self, rng: np.random.Generator) -> Array:
        return rng.permutation(len(self))

    def take(self, rows: Array) -> "ImageSplit":
        paths = [self.paths[row] for row in rows]
        return ImageSplit(self.root, paths, self.y[rows], self.spec)

    def read_as(self, spec: Spec) -> "ImageSplit":
        return ImageSplit(self.root, self.paths, self.y, spec)


def read(
    root: Path,
    parts: Mapping[str, Sequence[tuple[Path, int]]],
    names: Sequence[str] | None,
    config: DataConfig,
    problems: Problems,
) -> Dataset | None:
    """Reads image files with their classes.

    Args:
        root: The data set's folder.
        parts: Files and class numbers: `{"all": ...}`, or by part.
        names: Of the classes; `None` if there are none.
        config: Split, image size, class names.
        problems: Told of every file that cannot be used.

    Returns:
        The data set without the files that cannot be used; `None` if no
        file is left.
    """
    found = {
        part: _probe(root, files, problems) for part, files in parts.items()
    }
    whole = [item for items in found.values() for item in items]
    if not whole:
        problems.add("empty", root.name, "no image can be used")
        return None
    infos = [info for _, info, _ in whole]
    if any(info.cut for info in infos):
        problems.note("16-bit colour images are read with 8 bits.")
    spec = _describe(root, names, infos, config, problems)
    paths = [path for path, _, _ in whole]
    y = np.array([number for _, _, number in whole], "int32")
    numbers = {
        part: np.array([number for _, _, number in items], "int32")
        for part, items in found.items()
    }
    where = splitting.assign(numbers, config, problems, spec.target.classes)
    splits = {
        part: ImageSplit(root, [paths[i] for i in indices], y[indices], spec)
        for part, indices in where.items()
    }
    return Dataset(
        spec=spec,
        train=splits["train"],
        validation=splits["validation"],
        test=splits["test"],
        fingerprint=splitting.stamp(
            listing.fingerprint(paths, root), numbers, where
        ),
    )


def _probe(
    root: Path, files: Sequence[tuple[Path, int]], problems: Problems
) -> Found:
    found: Found = []
    for path, number in files:
        try:
            found.append((path, probe(path), number))
        except BadImageError as error:
            where = path.relative_to(root).as_posix()
            problems.add("unreadable", where, error.reason)
    named = [(p.relative_to(root).as_posix(), info) for p, info, _ in found]
    tell_pages(named, problems)
    return found


def _describe(
    root: Path,
    names: Sequence[str] | None,
    infos: list[ImageInfo],
    config: DataConfig,
    problems: Problems,
) -> Spec:
    side = config.image_size or DEFAULT_SIDE
    sizes = Counter(info.size for info in infos)
    if set(sizes) != {(side, side)}:
        problems.note(
            f"Images are cropped to their centred square and resized to "
            f"{side}x{side} (data.image_size)."
        )
    grey = all(info.channels == 1 for info in infos)
    dtypes = {info.dtype for info in infos}
    if len(dtypes) > 1:
        text = "files of " + " and ".join(sorted(dtypes))
        problems.add("mixed types", root.name, text)
    return Spec(
        name=root.resolve().name,
        inputs=(
            fields.image((side, side, 1 if grey else 3), sorted(dtypes)[0]),
        ),
        targets=(_target(names, config),),
    )


def _target(names: Sequence[str] | None, config: DataConfig) -> Field:
    if names is not None:
        return fields.one_class(labels.rename(names, config.classes))
    return unlabelled.target(config)
