"""Tables without the labels that a model is to be measured by."""

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from kerasnotes.base import config as cfg
from kerasnotes.base.commands import command
from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.data.meaning.columns import listed
from kerasnotes.data.readers.tables.table import choose_labels
from kerasnotes.data.readers.tables.table_file import TableFile, open_table
from kerasnotes.data.readers.tables.table_rows import SUFFIXES
from kerasnotes.runs.source import find_source
from kerasnotes.use.trained import Trained


def check_labelled(trained: Trained, config: DataConfig) -> None:
    """Refuses a table whose label could only be an input of the model.

    Args:
        trained: The model.
        config: How the table is to be read; `target` is that of the training.

    Raises:
        DataError: Names the column that the model learned, if it is known.
    """
    path = Path(config.source).expanduser()
    inputs = {*trained.spec.input.names}
    if trained.spec.input.kind != "table" or not inputs:
        return
    if path.suffix.lower() not in SUFFIXES or not path.is_file():
        return
    table = open_table(path, named=config.encoding)
    names = table.names
    learned = _columns(config, names)
    if not learned:
        guessed = {*_labels(table, path, config)}
        if guessed and not guessed & inputs:
            return
        learned = _learned(trained)
    beside = learned or [name for name in names if name not in inputs]
    if not {*beside} & {*names}:
        _refuse(trained, path, names, learned)


def _columns(config: DataConfig, names: Sequence[str]) -> tuple[str, ...]:
    """Returns the labels' columns, as far as the settings name them."""
    target = config.target or ()
    if not isinstance(target, str):
        return target
    # A name with a comma in it is one name.
    return (target,) if target in names else tuple(target.split(","))


def _labels(
    table: TableFile, path: Path, config: DataConfig
) -> tuple[str, ...]:
    """Returns which columns are taken for labels; none if that is unclear."""
    try:
        return choose_labels(table, str(path), config)[0]
    except DataError:
        return ()


def _learned(trained: Trained) -> tuple[str, ...]:
    """Returns the labels' columns in the training's table, if it is there."""
    recorded = trained.record.get("config", {}).get("data")
    if not recorded:
        return ()
    try:
        source = {"source": find_source(trained.record)}
        config = cfg.build(DataConfig, {**recorded, **source}, "data")
        path = Path(config.source).expanduser()
        table = path.suffix.lower() in SUFFIXES and path.is_file()
        if config.target or not table:
            return _columns(config, ())
        return _labels(open_table(path, named=config.encoding), path, config)
    except (DataError, UsageError):
        return ()


def _refuse(
    trained: Trained,
    path: Path,
    names: tuple[str, ...],
    learned: tuple[str, ...],
) -> NoReturn:
    told = ", ".join(f"`{name}`" for name in learned)
    many = "columns" if len(learned) > 1 else "column"
    raise DataError(
        f"{path} has no {many} {told}, which the model learned."
        if learned
        else f"{path} has no column beside the model's inputs.",
        expected="the model's inputs, and their labels beside them",
        received=f"columns {listed(names)}",
        hint=f"rows without labels: {command('predict', trained.path, path)}; "
        "if another column holds the labels: --target NAME",
    )
