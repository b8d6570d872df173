"""A folder with one sub-folder of images per class."""

from collections import Counter
from pathlib import Path

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.data import labels, splitting
from kerasnotes.data.dataset import Array, Dataset
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers import listing
from kerasnotes.data.readers.image_info import ImageInfo, probe
from kerasnotes.data.readers.images import BadImageError, read_input
from kerasnotes.data.spec import Spec

DEFAULT_SIDE = 64


class ImageClassSplit:
    """Image files decoded when asked for, at one size.

    Args:
        root: What names are relative to.
        paths: The files.
        y: Class numbers `(N,)`.
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

    def read_as(self, spec: Spec) -> "ImageClassSplit":
        return ImageClassSplit(self.root, self.paths, self.y, spec)


def read(
    root: Path, parts: dict[str, Path], config: DataConfig, problems: Problems
) -> Dataset | None:
    """Reads class folders.

    Args:
        root: The data set's folder.
        parts: Folders that hold the class folders: `{"all": root}`, or one
            for `train` and other parts.
        config: Split, image size, class names.
        problems: Told of every file that cannot be used.

    Returns:
        The data set without the files that cannot be used; `None` if no
        file is left.
    """
    names = sorted({n for f in parts.values() for n in listing.sub_folders(f)})
    paths: list[Path] = []
    infos: list[ImageInfo] = []
    numbers: dict[str, Array] = {}
    for part, folder in parts.items():
        found = _read_part(folder, names, problems)
        paths += [path for path, _, _ in found]
        infos += [info for _, info, _ in found]
        numbers[part] = np.array([n for _, _, n in found], "int32")
    if not paths:
        problems.add("empty", root.name, "no image can be used")
        return None
    if any(info.cut for info in infos):
        problems.note("16-bit colour images are read with 8 bits.")
    spec = _describe(root, names, infos, config, problems)
    where = splitting.assign(numbers, config, problems, spec.classes)
    y = np.concatenate(list(numbers.values()))
    splits = {
        part: ImageClassSplit(
            root, [paths[i] for i in indices], y[indices], spec
        )
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


def _read_part(
    folder: Path, names: list[str], problems: Problems
) -> list[tuple[Path, ImageInfo, int]]:
    found: list[tuple[Path, ImageInfo, int]] = []
    for number, name in enumerate(names):
        before = len(found)
        files = (
            listing.image_files(folder / name, problems)
            if (folder / name).is_dir()
            else []
        )
        for path in files:
            try:
                found.append((path, probe(path), number))
            except BadImageError as error:
                where = path.relative_to(folder).as_posix()
                problems.add("unreadable", where, error.reason)
        if len(found) == before:
            problems.note(f"Class {name} has no image in {folder.name}/.")
    return found


def _describe(
    root: Path,
    names: list[str],
    infos: list[ImageInfo],
    config: DataConfig,
    problems: Problems,
) -> Spec:
    if len(names) == 1:
        problems.add("single class", root.name, f"only {names[0]}/")
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
        input="image",
        shape=(side, side, 1 if grey else 3),
        dtype=sorted(dtypes)[0],
        target="class",
        classes=labels.rename(names, config.classes),
    )
