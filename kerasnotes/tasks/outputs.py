"""Predictions to files: a CSV of rows, a PNG a picture."""

import csv
import io
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from kerasnotes.base.files import replacing, storage_error, write_text
from kerasnotes.contracts.report import Prediction

Row = dict[str, Any]


def make_folder(out: Path | None, first: Path) -> Path:
    """Makes the folder that predictions go to.

    Args:
        out: The folder itself; by default the next free
            `<first>-predictions`, `<first>-predictions-2`, ... here.
        first: The first of the inputs, whose name is taken.

    Raises:
        StorageError: If it cannot be made.
    """
    stem = first.resolve().stem if first.is_file() else first.resolve().name
    for number in itertools.count(1):
        name = f"{stem}-predictions" + (f"-{number}" if number > 1 else "")
        folder = out or Path(name)
        try:
            folder.mkdir(parents=True, exist_ok=out is not None)
        except FileExistsError as error:
            if out is not None:
                raise storage_error(folder, error, "write") from error
            continue
        except OSError as error:
            raise storage_error(folder, error, "write") from error
        return folder
    raise RuntimeError("unreachable")


class PictureWriter:
    """Writes the pictures of predictions, no two under one name.

    Args:
        folder: Where they go.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._taken: set[str] = set()

    def write(self, prediction: Prediction) -> dict[str, str]:
        """Writes `<stem>-<suffix>.png` for each picture.

        Returns:
            Path by suffix.

        Raises:
            StorageError: If a file cannot be written.
        """
        if not prediction.images:
            return {}
        stem = self._free_stem(prediction.path.stem)
        written = {}
        for suffix, picture in prediction.images.items():
            path = self.folder / f"{stem}-{suffix}.png"
            with replacing(path) as part:
                Image.fromarray(picture).save(part, format="PNG")
            written[suffix] = str(path)
        return written

    def _free_stem(self, stem: str) -> str:
        for number in itertools.count(1):
            name = stem if number == 1 else f"{stem}-{number}"
            if name not in self._taken:
                self._taken.add(name)
                return name
        raise RuntimeError("unreachable")


def to_csv(rows: Sequence[Row]) -> str:
    """Returns rows as CSV text with a header."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write_csv(rows: Sequence[Row], folder: Path) -> Path:
    """Writes `predictions.csv`.

    Raises:
        StorageError: If it cannot be written.
    """
    path = folder / "predictions.csv"
    write_text(path, to_csv(rows))
    return path
