"""Folders of text files: a sub-folder for each class, `.txt` files in it."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.base.spelling import folded
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.meaning import labels
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers import folder_classes
from kerasnotes.data.readers.folder_classes import (
    Classes,
    files_by_class,
    join_spellings,
    tell_absent,
    tell_classes,
)
from kerasnotes.data.text import encoding
from kerasnotes.data.text.making import Texts, make_dataset

SUFFIX = ".txt"
LARGEST = 2**24
"""Bytes of one text."""


def find_parts(root: Path) -> dict[str, Path] | None:
    """Returns where class folders of texts are, by part; `None` if nowhere.

    Args:
        root: A folder: of class folders, or of `train/`, `test/` ... of them.
    """
    return folder_classes.find_parts(root, _classes, 1)


def read(
    root: Path,
    parts: Mapping[str, Path],
    config: DataConfig,
    problems: Problems,
) -> Dataset | None:
    """Reads text files, the folder of each its class.

    Args:
        root: The data set's folder.
        parts: As of `find_parts`.
        config: Split, encoding, class names.
        problems: Told of every file that cannot be used.
    """
    found = {part: _classes(path) for part, path in parts.items()}
    divided = "" if "all" in parts else ", divided on disk"
    problems.note(f"Layout: a folder of texts a class{divided}.")
    spelt = join_spellings(found)
    names = sorted(spelt.values())
    tell_classes(names, problems)
    if len(names) == 1:
        problems.add("single class", root.name, f"every text is {names[0]}")
    for part, classes in found.items():
        tell_absent(names, classes, "text", part, problems)
    told: dict[str, int] = {}
    texts = {
        part: _read_all(
            root,
            {spelt[folded(name)]: files for name, files in classes.items()},
            names,
            config,
            problems,
            told,
        )
        for part, classes in found.items()
    }
    _tell_encodings(told, problems)
    return make_dataset(
        texts,
        config,
        problems,
        name=root.resolve().name,
        classes=labels.rename(names, config.classes),
    )


def _classes(folder: Path) -> Classes:
    """Returns the text files of each sub-folder that has some."""
    return files_by_class(folder, lambda path: path.rglob("*"), (SUFFIX,))


def _read_all(
    root: Path,
    classes: Classes,
    names: list[str],
    config: DataConfig,
    problems: Problems,
    told: dict[str, int],
) -> Texts:
    texts, numbers, files = [], [], []
    for name, paths in classes.items():
        for path in paths:
            where = path.relative_to(root).as_posix()
            try:
                texts.append(read_text(path, config.encoding, told))
            except (DataError, OSError) as error:
                problems.add("unreadable", where, str(error).splitlines()[0])
                continue
            numbers.append(names.index(name))
            files.append(where)
    return Texts(texts, np.array(numbers, "int32"), files)


def read_text(
    path: Path,
    named: str | None = None,
    told: dict[str, int] | None = None,
) -> str:
    """Returns one file's text.

    Args:
        path: The file.
        named: Its encoding; found out if left out.
        told: Counts the encodings that were found out.

    Raises:
        DataError: If it is no text, or of more than `LARGEST` bytes.
    """
    size = path.stat().st_size
    if size > LARGEST:
        raise DataError(
            f"{path} is too large for one text: {size:,} bytes.",
            expected=f"at most {LARGEST:,} bytes",
        )
    if named is not None:
        encoding.check(path, named)
    found = named or encoding.detect(path)
    if told is not None and found not in encoding.PLAIN and named is None:
        told[found] = told.get(found, 0) + 1
    with encoding.open_text(path, found) as file:
        return file.read()


def _tell_encodings(told: dict[str, int], problems: Problems) -> None:
    for name, count in sorted(told.items()):
        problems.note(
            f"{count:,} text{'s are' if count > 1 else ' is'} not UTF-8: read "
            f"as {name}, a guess (data.encoding)."
        )
