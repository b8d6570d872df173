"""Folders of sequences: a sub-folder for each class, a table a sequence."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.base.spelling import folded
from kerasnotes.data import fields
from kerasnotes.data.dataset import Array, Dataset
from kerasnotes.data.fields import Column
from kerasnotes.data.meaning import columns, labels
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers import folder_classes
from kerasnotes.data.readers.folder_classes import (
    Classes,
    files_by_class,
    join_spellings,
    tell_absent,
    tell_classes,
)
from kerasnotes.data.readers.sequence_array import SUFFIX as ARRAY
from kerasnotes.data.readers.sequence_array import one_sequence
from kerasnotes.data.readers.tables.sequence_rows import (
    are_steps,
    choose_columns,
    find_step,
    step_values,
)
from kerasnotes.data.readers.tables.series_table import read_rows
from kerasnotes.data.readers.tables.table_file import (
    TableFile,
    open_table,
    to_array,
)
from kerasnotes.data.sequences.making import Sequences, make_dataset

if TYPE_CHECKING:
    import polars as pl

SUFFIXES = (".csv", ".tsv", ".parquet", ARRAY)


def find_parts(root: Path) -> dict[str, Path] | None:
    """Returns where class folders are, by part; `None` if nowhere.

    Args:
        root: A folder: of class folders, or of `train/`, `test/` ... of them.
    """
    return folder_classes.find_parts(root, _classes, 2)


def _classes(folder: Path) -> Classes:
    """Returns the files of each sub-folder that has some."""
    return files_by_class(folder, Path.iterdir, SUFFIXES)


def read(
    root: Path,
    parts: Mapping[str, Path],
    config: DataConfig,
    problems: Problems,
) -> Dataset | None:
    """Reads a sequence a file, the folder of each its class.

    Args:
        root: The data set's folder.
        parts: As of `find_parts`.
        config: Split, class names, columns that are left out.
        problems: Told of every file that cannot be used.
    """
    found = {part: _classes(path) for part, path in parts.items()}
    divided = "" if "all" in parts else ", divided on disk"
    problems.note(f"Layout: a folder of sequences a class{divided}.")
    spelt = join_spellings(found)
    names = sorted(spelt.values())
    tell_classes(names, problems)
    if len(names) == 1:
        problems.add("single class", root.name, f"every one is {names[0]}")
    for part, classes in found.items():
        tell_absent(names, classes, "sequence", parts[part].name, problems)
    reader = _Reader(root, config, problems)
    read_of = {
        part: reader.read(
            [
                (path, names.index(spelt[folded(name)]))
                for name, paths in classes.items()
                for path in paths
            ]
        )
        for part, classes in found.items()
    }
    return make_dataset(
        read_of,
        config,
        problems,
        name=root.resolve().name,
        columns=reader.columns,
        target=fields.one_class(labels.rename(names, config.classes)),
        time=reader.time,
    )


class _Reader:
    """Reads files one after the other; the first says which columns there are.

    Args:
        root: The data set's folder.
        config: What the user says of columns.
        problems: Told of what cannot be used.
    """

    def __init__(
        self, root: Path, config: DataConfig, problems: Problems
    ) -> None:
        self.root, self.config, self.problems = root, config, problems
        self.columns: Sequence[Column] = ()
        self.time = ""

    def read(self, files: Sequence[tuple[Path, int]]) -> Sequences:
        """Returns the sequences of files `(path, class)`."""
        values, numbers, names = [], [], []
        for path, number in files:
            where = path.relative_to(self.root).as_posix()
            try:
                found = self._read(path, where)
            except (DataError, OSError) as error:
                text = str(error).splitlines()[0]
                self.problems.add("unreadable", where, text)
                continue
            if found is not None:
                values.append(found)
                numbers.append(number)
                names.append(where)
        return Sequences(values, np.array(numbers, "int32"), names)

    def _read(self, path: Path, where: str) -> Array | None:
        if path.suffix.lower() == ARRAY:
            values, chosen = one_sequence(path)
            return values if self._are_known(chosen, where) else None
        table = open_table(path, named=self.config.encoding)
        names = [column.name for column in self.columns]
        frame = read_rows(table, (self.config.time,), names)
        if not self.columns:
            for note in table.notes:
                self.problems.note(note)
            self.time = self._find_step(table, frame, where)
            others = [self.time] if self.time else []
            given = (table, frame, others, self.config, self.problems)
            self.columns = choose_columns(*given)
            self._tell()
        known = [
            column for column in self.columns if column.name in table.names
        ]
        if not self._are_known(known, where):
            return None
        values = to_array(frame.select(column.name for column in known))
        if self.time not in table.names:
            return values
        step = step_values(table, frame, self.time, self.problems)
        if step is None:
            return values
        ordered: Array = values[np.argsort(step, kind="stable")]
        return ordered

    def _find_step(
        self, table: TableFile, frame: "pl.DataFrame", where: str
    ) -> str:
        """Returns the column that puts rows in order; nothing if none does."""
        named = self.config.time
        found = find_step(table, frame, named, where)
        if not found or named is not None:
            return found
        values = step_values(table, frame, found, Problems())
        return found if values is not None and are_steps(values) else ""

    def _tell(self) -> None:
        names = [column.name for column in self.columns]
        told = f", in the order of `{self.time}`" if self.time else ""
        self.problems.note(
            f"Columns, {len(names)}: {columns.listed(names)}{told}."
        )

    def _are_known(self, found: Sequence[Column], where: str) -> bool:
        """Returns whether a file has the columns of the first; tells if not."""
        self.columns = self.columns or found
        wanted = [column.name for column in self.columns]
        names = [column.name for column in found]
        if names == wanted:
            return True
        missing = [name for name in wanted if name not in names]
        text = f"it lacks {columns.listed(missing or wanted)}"
        self.problems.add("different columns", where, text)
        return False
