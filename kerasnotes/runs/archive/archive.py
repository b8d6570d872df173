"""A `.keras` file as kerasnotes keeps it: checked, and with a record inside.

The record (member `kerasnotes.json`) says what the file is: note, task,
data, classes, metrics, versions, command. No framework is imported here.
"""

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

from kerasnotes.base.commands import command
from kerasnotes.base.errors import StorageError
from kerasnotes.base.files import replacing
from kerasnotes.notes import prefixes
from kerasnotes.runs.archive import config_json, weights_h5, zip_file

Record = dict[str, Any]
LAYERS = "layers"
"""Key of the record that lists the model's layers."""


def check(path: Path) -> set[str]:
    """Checks that Keras may load a file: that it is whole and harmless.

    Returns:
        The packages whose registered classes it names.

    Raises:
        StorageError: If the file is missing, damaged, made to harm, or
            needs code that is neither Keras' nor kerasnotes'.
    """
    with zip_file.open_archive(path) as archive:
        config = read_config(path, archive)
        found = config_json.check_policy(config, prefixes())
        if found is not None:
            why, hint = found
            raise StorageError(
                f"{path} is not loaded: {why}.",
                expected="only classes of Keras and kerasnotes",
                hint=hint,
            )
        with weights_h5.open_weights(path, archive):
            # Opening checks every link and data set.
            return config_json.packages(config)


def read_config(path: Path, archive: zipfile.ZipFile) -> dict[str, Any]:
    """Reads the model's configuration.

    Raises:
        StorageError: If it does not describe an object.
    """
    config = zip_file.read_json(path, archive, zip_file.CONFIG)
    if not isinstance(config, dict) or "class_name" not in config:
        raise zip_file.damaged(path, "config.json that names no class")
    return config


def read_record(path: Path) -> Record:
    """Reads what kerasnotes wrote about the model into the file.

    Raises:
        StorageError: If the file cannot be read, or has no record.
    """
    with zip_file.open_archive(path) as archive:
        record = find_record(path, archive)
    if record is None:
        raise StorageError(
            f"{path} was not written by kerasnotes.",
            expected="a .keras file with the member kerasnotes.json",
            received="a .keras file without it",
            hint=f"`{command('show', path)}` still shows what is inside",
        )
    return record


def is_bare(path: Path) -> bool:
    """Returns whether a path is a `.keras` file that Keras alone wrote.

    Raises:
        StorageError: If it is a `.keras` file that cannot be read.
    """
    if path.suffix != ".keras" or path.is_dir():
        return False
    with zip_file.open_archive(path) as opened:
        return find_record(path, opened) is None


def find_record(path: Path, archive: zipfile.ZipFile) -> Record | None:
    """Returns the record in an open archive, or `None`."""
    if zip_file.RECORD not in archive.namelist():
        return None
    record = zip_file.read_json(path, archive, zip_file.RECORD)
    if not isinstance(record, dict):
        raise zip_file.damaged(path, "kerasnotes.json that is no object")
    return record


def append_record(path: Path, record: Record) -> None:
    """Adds the record to an archive that has none, in place."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(zip_file.RECORD, _dump(record))


def write_record(path: Path, record: Record) -> None:
    """Puts the record into an existing file; the old one is replaced.

    The list of layers, noted when the model was saved, stays.

    Raises:
        StorageError: If the file cannot be read or written.
    """
    with zip_file.open_archive(path) as source, replacing(path) as part:
        old = find_record(path, source) or {}
        kept = {key: old[key] for key in (LAYERS,) if key in old}
        text = _dump({**kept, **record})
        _rewrite(source, part, {zip_file.RECORD: text})


def is_mixed(path: Path) -> bool:
    """Returns whether a file names a dtype policy other than float32."""
    with zip_file.open_archive(path) as archive:
        config = read_config(path, archive)
    return config_json.set_float32(config)


def write_float32(path: Path, target: Path) -> None:
    """Copies a file so that all layers of the copy compute in float32.

    Weights are not touched: a mixed policy keeps them in float32 anyway.

    Raises:
        StorageError: If the file cannot be read, or the copy not written.
    """
    with zip_file.open_archive(path) as source, replacing(target) as part:
        config = read_config(path, source)
        config_json.set_float32(config)
        _rewrite(source, part, {zip_file.CONFIG: json.dumps(config)})


def _rewrite(
    source: zipfile.ZipFile, part: Path, texts: dict[str, str]
) -> None:
    """Writes all members of an archive to another, some with new text."""
    with zipfile.ZipFile(part, "w") as target:
        for member in source.infolist():
            if member.filename in texts:
                continue
            with (
                source.open(member) as reader,
                target.open(member.filename, "w", force_zip64=True) as writer,
            ):
                shutil.copyfileobj(reader, writer, 2**20)
        for name, text in texts.items():
            target.writestr(name, text)


def _dump(record: Record) -> str:
    return json.dumps(record, indent=2, ensure_ascii=False)
